/** Characters that PostgreSQL or JSON refuses, or that no reader can see: control characters and halves of a surrogate pair. */
const UNWRITABLE = /[\p{Cc}\p{Cs}]/u;
const UNWRITABLE_IN_LINES = /[^\P{Cc}\n\r\t]|\p{Cs}/u;

/**
 * True for text that can be written everywhere: 1 to `longest` characters (code points, as PostgreSQL counts them),
 * none of them a control character or half of a surrogate pair. PostgreSQL refuses NUL in text and half a pair in
 * `jsonb` for ever, and a write that is refused for ever would keep its flow from ending. `lines` admits line breaks
 * and tabs.
 */
export function isPlainText(value: string, longest: number, breaks: 'one line' | 'lines' = 'one line'): boolean {
  // A character has at most two code units: what is far too long is not counted to its end.
  if (value === '' || value.length > 2 * longest || charactersIn(value) > longest) return false;
  return !(breaks === 'lines' ? UNWRITABLE_IN_LINES : UNWRITABLE).test(value);
}

/** The same text with `U+FFFD` in place of each character that could not be written. */
export function writableText(value: string): string {
  return value.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');
}

/** Number of characters of a text: code points, not the code units of which some characters have two. */
export function charactersIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}

/** First characters of a text, at most so many, and never half of a surrogate pair. */
export function firstCharacters(text: string, most: number): string {
  return Array.from(text.slice(0, 2 * most))
    .slice(0, most)
    .join('');
}
