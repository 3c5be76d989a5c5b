import * as t from 'io-ts';
import { isLosslessNumber } from 'lossless-json';

import { knownWord, machineWord, wholeNumber } from '../../codecs/primitives';
import { canonicalId, isUuid } from '../../domain/canonical-id';
import type { LifecycleTable } from '../../domain/lifecycles/table';

/** All bodies are wrapped (vendors.md §3.1). */
export function params<C extends t.Mixed>(codec: C) {
  return t.type({ params: codec });
}

/** The user as whom an object is read, where its body names one. */
export function userHint({ params: { user_id: userId } }: { params: { user_id?: string | null | undefined } }) {
  return userId ? { userId } : {};
}

/** A number and its digits are one id. */
function integerText(value: unknown): string | null {
  const integer = isLosslessNumber(value)
    ? wholeNumber(value.value)
    : isText(value) && /^\d+$/.test(value)
      ? value
      : '';
  return integer !== null && /^\d{1,15}$/.test(integer) ? integer.replace(/^0+(?=\d)/, '') : null;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** The id of an asset or a fiat: an integer in version 1, a UUID later, each field on its own (vendors.md §3.1). */
export const AssetId = new t.Type<string, string, unknown>(
  'an integer or a UUID',
  isText,
  (value, context) => {
    const integer = integerText(value);
    if (integer !== null) return t.success(integer);
    const isKnown = typeof value === 'string' && isUuid(value);
    return isKnown ? t.success(canonicalId(value)) : t.failure(value, context, 'an integer or a UUID');
  },
  t.identity,
);

/** Automated orders say `cancelled`, crypto transfers and savings plans `canceled` (vendors.md §3.3): both are taken for ours. */
const SPELLINGS = new Map([
  ['canceled', 'cancelled'],
  ['cancelled', 'canceled'],
]);

const isWord = (value: unknown): value is string => machineWord(value) !== null;

/** A type as the partner names it, known or not: a word of letters, digits, `_`, `.` and `-`. */
export const Word = new t.Type<string, string, unknown>(
  'a word of 1 to 100 letters, digits, "_", "." or "-"',
  isWord,
  (value, context) => (isWord(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

/** Gives an unsigned amount its sign. */
export const Direction = knownWord(['incoming', 'outgoing'], 'incoming or outgoing');

/** A status of the table, in either spelling of cancelled. Any other word parks the delivery with the sentence. */
export function statusOf({ object, states }: LifecycleTable) {
  const words = Object.keys(states);
  const spellings = new Map([...SPELLINGS].filter(([given, ours]) => !words.includes(given) && words.includes(ours)));
  const sentence = `one of ${words.join(', ')}; a new one is added as one line to the table of ${object} under src/domain/lifecycles with a fixture`;
  return knownWord(words, sentence, spellings);
}
