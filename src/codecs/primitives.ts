import * as t from 'io-ts';
import { isLosslessNumber } from 'lossless-json';

import { canonicalId } from '../domain/canonical-id';
import { charactersIn, isPlainText, writableText } from '../domain/plain-text';
import { canonicalDecimal } from './decimal';
import { showing } from './decode';
import { canonicalJson } from './json';

const LONGEST_ID = 200;

/**
 * Id of an object: 1 to 200 characters without control characters. A UUID of any version (the partners' examples hold
 * versions 1, 4, 5 and 6) is in lower case, and a whole number is its digits, so that one object is one subject. Half a
 * surrogate pair is no character: written as UTF-8 all halves become the same one, and two objects would become one
 * subject.
 */
export const ObjectId = id('an id of 1 to 200 characters without control characters', (value) =>
  isPlainText(value, LONGEST_ID),
);

/** Id of an object that becomes one part of a composite id, where `:` separates. */
export const IdPart = id(
  'an id of 1 to 200 characters without control characters or ":"',
  (value) => isPlainText(value, LONGEST_ID) && !value.includes(':'),
);

/** Name of an event, shown in problems: an operator has to know which event is not understood. */
export const EventName = showing(
  text('an event name of 1 to 200 characters', (value) => isPlainText(value, LONGEST_ID)),
  'words of a machine',
);

/**
 * Text kept as it was sent, for instance a time with microseconds that `Date` would cut. A character that cannot be
 * stored becomes U+FFFD: it decides nothing, so that no delivery is parked for it, and the raw body is kept anyway.
 */
export const Text = text('text', () => true, writableText);

const LONGEST_REFERENCE = 4_000;

/**
 * Our own reference as a partner gives it back. It may name a person, so that no problem shows it and it is kept sealed.
 */
export const OwnReference = reference(`a text of 1 to ${LONGEST_REFERENCE} characters`, (value) =>
  isLosslessNumber(value) ? value.value : typeof value === 'string' ? value : null,
);

/** JSON object that we handed over with an object, as its canonical text: our own reference, too. */
export const OwnContext = reference('an object', (value) =>
  t.UnknownRecord.is(value) && !isLosslessNumber(value) ? canonicalJson(value) : null,
);

function reference(name: string, textOf: (value: unknown) => string | null) {
  return new t.Type<string, string, unknown>(
    name,
    (value): value is string => typeof value === 'string',
    (value, context) => {
      const written = textOf(value);
      if (written === null || written === '' || charactersIn(written) > LONGEST_REFERENCE)
        return t.failure(value, context);
      return t.success(writableText(written));
    },
    t.identity,
  );
}

/** Exact decimal, from a JSON number or a decimal string, as a canonical string: never a binary float. */
export const ExactDecimal = new t.Type<string, string, unknown>(
  'a decimal',
  (value): value is string => typeof value === 'string',
  (value, context) => {
    const decimal = decimalOf(value);
    return decimal === null ? t.failure(value, context, 'a decimal') : t.success(decimal);
  },
  t.identity,
);

/**
 * Partner's machine-readable word: such words go into workflow histories, and a sentence may name a person.
 */
export const MachineWord = new t.Type<string, string, unknown>(
  'a word of 1 to 100 letters, digits, "_", "." or "-"',
  (value): value is string => machineWord(value) !== null,
  (value, context) => {
    // Codes are sent as numbers and as texts.
    const word = machineWord(isLosslessNumber(value) ? value.value : value);
    return word === null ? t.failure(value, context) : t.success(word);
  },
  t.identity,
);

/**
 * Partner's machine-readable word, or null for what is none: such words go into workflow histories, and a sentence
 * may name a person. It is never a reason to park a delivery, whose raw body is kept anyway.
 */
export function machineWord(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z0-9_.-]{1,100}$/.test(value) ? value : null;
}

function id(name: string, accepts: (value: string) => boolean) {
  return new t.Type<string, string, unknown>(
    name,
    (value): value is string => typeof value === 'string',
    (value, context) => {
      const written = isLosslessNumber(value) ? wholeNumber(value.value) : value;
      const isId = typeof written === 'string' && accepts(written);
      return isId ? t.success(canonicalId(written)) : t.failure(value, context, name);
    },
    t.identity,
  );
}

/** Digits of a whole number that is not negative, in any notation of it; null for any other text. */
export function wholeNumber(number: string): string | null {
  const decimal = canonicalDecimal(number);
  return decimal !== null && /^\d+$/.test(decimal) ? decimal : null;
}

function text(name: string, accepts: (value: string) => boolean, change: (value: string) => string = (value) => value) {
  const is = (value: unknown): value is string => typeof value === 'string' && accepts(value);
  return new t.Type<string, string, unknown>(
    name,
    is,
    (value, context) => (is(value) ? t.success(change(value)) : t.failure(value, context, name)),
    t.identity,
  );
}

function decimalOf(value: unknown): string | null {
  if (isLosslessNumber(value)) return canonicalDecimal(value.value);
  return typeof value === 'string' ? canonicalDecimal(value) : null;
}

/**
 * Codec of known words. The sentence says what to do when another one comes; its value is shown in problems.
 * `spellings` maps other ways to write a word to the known one.
 */
export function knownWord(
  words: readonly string[],
  sentence: string,
  spellings: ReadonlyMap<string, string> = new Map(),
) {
  const accepts = (value: string): boolean => words.includes(value) || spellings.has(value);
  return showing(
    text(sentence, accepts, (value) => spellings.get(value) ?? value),
    'words of a machine',
  );
}

/** Codec of a value that may be missing or null. */
export function optional<C extends t.Mixed>(codec: C) {
  return t.union([codec, t.null, t.undefined]);
}

/** Codec of a list with at most so many entries: without a limit the sender would decide how much is kept. */
export function shortList<C extends t.Mixed>(entry: C, most: number) {
  const name = `at most ${most} entries`;
  return t.refinement(t.array(entry), (entries) => entries.length <= most, name);
}
