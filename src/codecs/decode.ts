import { isLeft } from 'fp-ts/Either';
import { ArrayType, type Context, type Decoder, InterfaceType, PartialType, type ValidationError } from 'io-ts';
import { isLosslessNumber } from 'lossless-json';

import { charactersIn, firstCharacters, writableText } from '../domain/plain-text';
import type { LocalClock } from '../domain/lifecycles/local-calendar';
import type { Problem } from '../domain/problem';

/** Decoded value, or where and why it could not be decoded. */
export type Decoding<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** Part of an unexpected value that may be shown: all of it, or only a machine's word. */
type Shown = 'as it is' | 'words of a machine';

/**
 * Codecs whose values may be shown in a problem: event names and enum words, never anything a person could be known
 * by.
 */
const SHOWN = new WeakMap<object, Shown>();

/**
 * Codec whose unexpected value is shown in problems. The value itself is marked, so never mark a shared codec. A
 * partner's value is shown where it is a machine's word; an operator's input is shown as it is.
 */
export function showing<C extends object>(codec: C, shown: Shown = 'as it is'): C {
  SHOWN.set(codec, shown);
  return codec;
}

/** True when a text reads like prose or an address: in the place of a machine's word it may name a person. */
export function isProse(text: string): boolean {
  return text.includes('@') || (/\s/.test(text) && /\p{Ll}/u.test(text) && /\p{Lu}/u.test(text));
}

/** Partner's own word as it is shown in a problem, unless it is prose. */
export function foundWord(word: string): string {
  return isProse(word) ? `string of ${charactersIn(word)} characters` : cut(word);
}

const LONGEST_SHOWN_WORD = 100;

/** Word that PostgreSQL can store, shortened. An unstorable word would keep its whole batch pending. */
function cut(word: string): string {
  return writableText(firstCharacters(word, LONGEST_SHOWN_WORD));
}

/** Unexpected value as it is shown in a problem: the value where it may be shown, else its type and length. */
export function found(value: unknown, mayBeShown: boolean): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') {
    return mayBeShown ? cut(value) : `string of ${charactersIn(value)} characters`;
  }
  if (Array.isArray(value)) return `array of ${value.length} entries`;
  return isLosslessNumber(value) ? 'number' : typeof value;
}

/**
 * Result of decoding by a codec, without io-ts's Either. `clock` says which moment a time without an offset is; null: it is
 * UTC.
 */
export function decode<T>(codec: Decoder<unknown, T>, value: unknown, clock: LocalClock | null = null): Decoding<T> {
  // The first entry of a context reaches every codec inside. Its value is shown nowhere.
  const result = codec.validate(value, [{ key: '', type: codec, actual: clock }]);
  return isLeft(result) ? { ok: false, problem: problemOf(result.left) } : { ok: true, value: result.right };
}

function problemOf(errors: readonly ValidationError[]): Problem {
  const deepest = [...errors].sort((a, b) => keysOf(b.context).length - keysOf(a.context).length)[0];
  const last = deepest?.context.at(-1);
  if (deepest === undefined || last === undefined) return { path: 'body', expected: 'a known shape', found: 'another' };
  const named = [...deepest.context].reverse().find(({ type }) => SHOWN.has(type));
  const expected = deepest.message ?? named?.type.name ?? expectedOf(last.type);
  const path = keysOf(deepest.context).join('.');
  return { path: path === '' ? 'body' : path, expected, found: foundBy(named?.type, deepest.value) };
}

/** Clock that the times of a body are read by, as `decode` was given it. */
export function clockIn([root]: Context): LocalClock | null {
  const clock: unknown = root?.actual;
  return isClock(clock) ? clock : null;
}

/** Parsed JSON holds no functions, where a codec was asked without `decode`. */
function isClock(value: unknown): value is LocalClock {
  return typeof value === 'function';
}

/** Words for what a codec expects. io-ts names an object by all of its fields, which nobody reads. */
export function expectedOf(type: Decoder<unknown, unknown>): string {
  if (type instanceof InterfaceType || type instanceof PartialType) return 'an object';
  return type instanceof ArrayType ? 'a list' : type.name;
}

/** Keys of a context; combinators without a key of their own (refinements, alternatives) do not appear in it. */
export function keysOf(context: Context): readonly string[] {
  return context
    .map(({ key }) => key)
    .filter((key, index) => key !== '' && !(index > 0 && /^\d+$/.test(key) && isCombinator(context[index - 1]?.type)));
}

function isCombinator(type: Decoder<unknown, unknown> | undefined): boolean {
  return type !== undefined && '_tag' in type && (type._tag === 'UnionType' || type._tag === 'IntersectionType');
}

function foundBy(shown: object | undefined, value: unknown): string {
  const how = shown === undefined ? undefined : SHOWN.get(shown);
  if (how === 'words of a machine' && typeof value === 'string') return foundWord(value);
  return found(value, how !== undefined);
}
