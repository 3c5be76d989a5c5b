import { isPlainText } from '../domain/plain-text';
import type { Page } from './pagination';

/** Values that a listing is ordered by where its rows have no position, such as partner, user, instrument. */
export type Key = readonly string[];

/** Key of so many values that a cursor stands for; null for what is no cursor of such a listing. */
export function keyOf(cursor: string, words: number): Key | null {
  const key = parsed(cursor);
  if (!Array.isArray(key) || key.length !== words) return null;
  const texts = key.filter(isWord);
  return texts.length === words && keyCursorOf(texts) === cursor ? texts : null;
}

function parsed(cursor: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return value;
  } catch {
    return null;
  }
}

const LONGEST_WORD = 500;

/**
 * True when a value can be part of a key: it is compared with text of PostgreSQL, which refuses what it cannot hold.
 */
function isWord(word: unknown): word is string {
  return typeof word === 'string' && (word === '' || isPlainText(word, LONGEST_WORD));
}

/** Cursor of a listing by key. */
export function keyCursorOf(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Page made of rows in the order of their keys, of which at least one more than the limit was read. */
export function keyPageOf<R, T>(
  rows: readonly R[],
  limit: number,
  keyOfRow: (row: R) => Key,
  itemOf: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? keyCursorOf(keyOfRow(last)) : null;
  return { items: shown.map(itemOf), next };
}
