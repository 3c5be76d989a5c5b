import { truncateList } from '../../src/domain/truncate-list';

test('what is owed fits a keyword and a summary of Temporal, however many objects an onboarding names', () => {
  const words = Array.from(
    { length: 30 },
    (_, index) => `natural-person:00000000-0000-4000-8000-0000000000${index + 10}`,
  );
  expect(truncateList(words.slice(0, 2), ',')).toBe(words.slice(0, 2).join(','));
  expect(truncateList(words, ',').length).toBeLessThanOrEqual(255);
  expect(truncateList(words, ',')).toMatch(/^natural-person:.*,27 more$/);
  expect(truncateList(['x'.repeat(900)], ',').length).toBeLessThanOrEqual(255);
});

test.each([['é'], ['💶'], ['a💶'], ['ab💶']])(
  'ids of the longest kind in %s fit the bytes of a summary, and none is cut within a character',
  (character) => {
    const owed = truncateList([`customer:${character.repeat(200)}`, 'natural-person:1'], ' or ');
    expect(Buffer.byteLength(owed, 'utf8')).toBeLessThanOrEqual(255);
    expect(owed).toMatch(/^customer:.* or 2 more$/);
    expect(Buffer.from(owed).toString()).toBe(owed);
  },
);
