import { isLeft } from 'fp-ts/Either';
import type { Context, Decoder, ValidationError } from 'io-ts';
import { isLosslessNumber } from 'lossless-json';

import { writableText } from '../domain/plain-text';
import type { Problem } from '../domain/problem';

/** A value that was understood, or where and why it was not. */
export type Decoding<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** What of an unexpected value may be shown: all of it, or only what is a word of a machine. */
type Shown = 'as it is' | 'words of a machine';

/** Codecs whose values may be shown in a problem: event names and enum words, never anything a person could be known by. */
const SHOWN = new WeakMap<object, Shown>();

/**
 * Marks a codec as one whose unexpected value is shown: the very value given, so never mark a shared one. What a
 * partner sends is shown where it is a word of a machine; what an operator typed, as it is.
 */
export function showing<C extends object>(codec: C, shown: Shown = 'as it is'): C {
  SHOWN.set(codec, shown);
  return codec;
}

const LONGEST_SHOWN_WORD = 100;

/** Shown as sent, a word that cannot be written would keep its whole batch pending. */
function cut(word: string): string {
  return writableText(word.slice(0, LONGEST_SHOWN_WORD));
}

/** True where a text reads like prose or an address: where a word of a machine belongs, that may name a person. */
export function isProse(text: string): boolean {
  return text.includes('@') || (/\s/.test(text) && /\p{Ll}/u.test(text) && /\p{Lu}/u.test(text));
}

/** What stood there in a partner's own word: the word, unless it is prose. */
export function foundWord(word: string): string {
  return isProse(word) ? `string of ${word.length} characters` : cut(word);
}

/** What stood there: the value where it may be shown, else its type and length. */
export function found(value: unknown, mayBeShown: boolean): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') {
    return mayBeShown ? cut(value) : `string of ${value.length} characters`;
  }
  if (Array.isArray(value)) return `array of ${value.length} entries`;
  return isLosslessNumber(value) ? 'number' : typeof value;
}

/** Path of a context; combinators without a key of their own (refinements, alternatives) leave no trace. */
function pathOf(context: Context): string {
  return context
    .map(({ key }) => key)
    .filter((key, index) => key !== '' && !(index > 0 && /^\d+$/.test(key) && isCombinator(context[index - 1]?.type)))
    .join('.');
}

function isCombinator(type: Decoder<unknown, unknown> | undefined): boolean {
  return type !== undefined && '_tag' in type && (type._tag === 'UnionType' || type._tag === 'IntersectionType');
}

function foundBy(shown: object | undefined, value: unknown): string {
  const how = shown === undefined ? undefined : SHOWN.get(shown);
  if (how === 'words of a machine' && typeof value === 'string') return foundWord(value);
  return found(value, how !== undefined);
}

function problemOf(errors: readonly ValidationError[]): Problem {
  const deepest = [...errors].sort((a, b) => b.context.length - a.context.length)[0];
  const last = deepest?.context.at(-1);
  if (deepest === undefined || last === undefined) return { path: 'body', expected: 'a known shape', found: 'another' };
  const named = [...deepest.context].reverse().find(({ type }) => SHOWN.has(type));
  const expected = deepest.message ?? named?.type.name ?? last.type.name;
  const path = pathOf(deepest.context);
  return { path: path === '' ? 'body' : path, expected, found: foundBy(named?.type, deepest.value) };
}

/** Decodes by a codec; the only place that touches io-ts's Either. */
export function decode<T>(codec: Decoder<unknown, T>, value: unknown): Decoding<T> {
  const result = codec.decode(value);
  return isLeft(result) ? { ok: false, problem: problemOf(result.left) } : { ok: true, value: result.right };
}
