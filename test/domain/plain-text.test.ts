import { charactersIn, firstCharacters, isPlainText, writableText } from '../../src/domain/plain-text';

describe('text that may be written', () => {
  it.each([
    ['a letter', 'a', 1],
    ['as many characters as are admitted, each of two code units', '🦆'.repeat(10), 10],
    ['a space alone', ' ', 1],
  ])('is %s', (_, text, longest) => {
    expect(isPlainText(text, longest)).toBe(true);
    expect(writableText(text)).toBe(text);
  });

  it.each([
    ['nothing', '', 10],
    ['one character too many', 'ab', 1],
    ['one character of two code units too many', '🦆'.repeat(11), 10],
    ['far too much of it', 'a'.repeat(10_000_000), 10],
    ['a NUL', 'a\u0000', 10],
    ['another control character', 'a\u001b[31m', 10],
    ['a first half of a pair', 'a\ud83e', 10],
    ['a second half of a pair', '\udd86a', 10],
    ['halves in the wrong order', '\udd86\ud83e', 10],
    ['a line break in one line', 'a\nb', 10],
  ])('is not %s', (_, text, longest) => {
    expect(isPlainText(text, longest)).toBe(false);
  });

  it('may have lines where lines are asked for, and still no other control character or half of a pair', () => {
    expect(isPlainText('a\r\n\tb', 10, 'lines')).toBe(true);
    for (const text of ['a\u0000', 'a\u0007', 'a\ud83e']) expect(isPlainText(text, 10, 'lines')).toBe(false);
  });

  it('stands with U+FFFD for each character that could not be written', () => {
    expect(writableText('a\u0000\ud83eb🦆')).toBe('a\uFFFD\uFFFDb🦆');
  });
});

describe('characters', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['🦆🦆', 2],
    ['a🦆b', 3],
    ['\ud83e', 1],
    ['\udd86\ud83e', 2],
  ])('of %j are %d', (text, count) => {
    expect(charactersIn(text)).toBe(count);
  });

  it('at the beginning end with a whole one', () => {
    expect(firstCharacters('a🦆b🦆', 2)).toBe('a🦆');
    expect(firstCharacters('🦆🦆🦆', 2)).toBe('🦆🦆');
    expect(firstCharacters('ab', 10)).toBe('ab');
    expect(firstCharacters(`a${'🦆'.repeat(50)}`, 40)).toBe(`a${'🦆'.repeat(39)}`);
  });
});
