import * as t from 'io-ts';
import { isLosslessNumber } from 'lossless-json';

import { knownWord, machineWord } from '../../codecs/primitives';
import { canonicalId, isUuid } from '../../domain/canonical-id';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { LAST_MS } from '../../domain/moments';
import { canonicalTime, momentOf } from '../../domain/partner-time';

/** All bodies are wrapped (vendors.md §3.1). */
export function params<C extends t.Mixed>(codec: C) {
  return t.type({ params: codec });
}

/** The user as whom an object is read, where its body names one. */
export function userHint({ params: { user_id: userId } }: { params: { user_id?: string | null | undefined } }) {
  return userId ? { userId } : {};
}

function integerText(value: unknown): string | null {
  return isLosslessNumber(value) && /^\d{1,15}$/.test(value.value) ? value.value : null;
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

/** Unix seconds (vendors.md §3.4), as text, as they were sent. */
export const UnixSeconds = new t.Type<string, string, unknown>(
  'unix seconds',
  isText,
  (value, context) => {
    const seconds = integerText(value);
    return seconds === null || seconds.length > 12 ? t.failure(value, context, 'unix seconds') : t.success(seconds);
  },
  t.identity,
);

/** Unix seconds as ISO 8601 UTC, never beyond the calendar. */
export function isoOf(seconds: string): string {
  return new Date(Math.min(LAST_MS, Number(seconds) * 1000)).toISOString();
}

const isInstant = (value: unknown): value is string => typeof value === 'string' && momentOf(value) !== null;

/** A moment, kept as sent; one without an offset is UTC, whatever zone a process has, and is written so. */
export const Instant = new t.Type<string, string, unknown>(
  'a time such as 2024-11-15T11:00:00Z',
  isInstant,
  (value, context) => (isInstant(value) ? t.success(withOffset(value)) : t.failure(value, context)),
  t.identity,
);

const WITH_OFFSET = /:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function withOffset(time: string): string {
  return WITH_OFFSET.test(time) ? time : new Date(momentOf(time) ?? 0).toISOString();
}

/** Automated orders say `cancelled`, crypto transfers and savings plans `canceled` (vendors.md §3.3): both are taken for ours. */
const SPELLINGS = new Map([
  ['canceled', 'cancelled'],
  ['cancelled', 'canceled'],
]);

/** Time of a credit, as ISO 8601 UTC to the microsecond; one without an offset is taken for UTC. */
export const Moment = new t.Type<string, string, unknown>(
  'a time such as 2024-05-23T08:45:36Z',
  isText,
  (value, context) => {
    const moment = typeof value === 'string' ? canonicalTime(value) : null;
    return moment === null ? t.failure(value, context) : t.success(moment);
  },
  t.identity,
);

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
