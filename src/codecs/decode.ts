import { isLeft } from 'fp-ts/Either';
import type { Context, Decoder, ValidationError } from 'io-ts';
import { isLosslessNumber } from 'lossless-json';

import type { Problem } from '../domain/notification';

/** A value that was understood, or where and why it was not. */
export type Decoding<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** Codecs whose values may be shown in a problem: event names and enum words, never anything a person could be known by. */
const SHOWN = new WeakSet<object>();

/** Marks a codec as one whose unexpected value is shown as it is: the very value given, so never mark a shared one. */
export function showing<C extends object>(codec: C): C {
  SHOWN.add(codec);
  return codec;
}

/**
 * A partner's word for a machine, or several of one case: `in progress`. Where one is expected a partner may still put
 * a sentence, which may name a person; and PostgreSQL's jsonb refuses U+0000 and lone surrogates.
 */
const SHOWN_WORD = /^(?:[A-Za-z0-9_.-]{1,100}|[A-Z0-9_. -]{1,100}|[a-z0-9_. -]{1,100})$/;

/** What stood there: the value where it may be shown, else its type and length. */
export function found(value: unknown, mayBeShown: boolean): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') {
    return mayBeShown && SHOWN_WORD.test(value) ? value : `string of ${value.length} characters`;
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

function problemOf(errors: readonly ValidationError[]): Problem {
  const deepest = [...errors].sort((a, b) => b.context.length - a.context.length)[0];
  const last = deepest?.context.at(-1);
  if (deepest === undefined || last === undefined) return { path: 'body', expected: 'a known shape', found: 'another' };
  const named = [...deepest.context].reverse().find(({ type }) => SHOWN.has(type));
  const expected = deepest.message ?? named?.type.name ?? last.type.name;
  const path = pathOf(deepest.context);
  return { path: path === '' ? 'body' : path, expected, found: found(deepest.value, named !== undefined) };
}

/** Decodes by a codec; the only place that touches io-ts's Either. */
export function decode<T>(codec: Decoder<unknown, T>, value: unknown): Decoding<T> {
  const result = codec.decode(value);
  return isLeft(result) ? { ok: false, problem: problemOf(result.left) } : { ok: true, value: result.right };
}
