import { canonicalDecimal } from '../codecs/decimal';
import { decode } from '../codecs/decode';
import { type HoldingField, heldAmountField, momentField, referenceField, userField } from '../codecs/holdings';
import { ObjectId } from '../codecs/primitives';
import { EXPECTATION_KINDS, type ExpectationKind } from '../domain/expectation';
import { isMoment } from '../domain/moments';
import { firstCharacters, isPlainText } from '../domain/plain-text';
import { problemText } from '../domain/problem';
import { checkExpectation, type ExpectationRequest } from '../operator/expectation-request';
import { PARTNERS } from '../partners';

/** The words of an expectation, from the command line or a line of a file; an empty one says nothing. */
export type ExpectationWords = Readonly<Record<string, string | undefined>>;

/** The names of the words of an expectation, in the order of a file's columns. */
export const EXPECTATION_WORDS = [
  ...['partner', 'object', 'id', 'kind', 'dueWithinSeconds', 'validUntil', 'amount', 'currency', 'reference', 'userId'],
];

/** The expectation that words stand for, or the problems of one that no flow can follow. */
export function expectationOfWords(words: ExpectationWords): ExpectationRequest | string {
  const problems = Object.entries(READERS).flatMap(([name, { expected, read }]) => {
    const given = words[name] ?? '';
    if (given === '' || read(given) !== null) return [];
    return [problemText({ path: name, expected, found: firstCharacters(given, LONGEST_SHOWN) })];
  });
  if (problems.length > 0) return problems.join('; ');
  const request = requestOf(words);
  const checked = checkExpectation(PARTNERS, request);
  if (!('path' in checked)) return request;
  return problemText({ ...checked, found: firstCharacters(checked.found, LONGEST_SHOWN) });
}

/** Longer is shown in part: a file with another separator has its whole line in one field. */
const LONGEST_SHOWN = 40;

type Reader = Pick<HoldingField, 'expected' | 'read'>;

function accepting(expected: string, accepts: (text: string) => boolean): Reader {
  return { expected, read: (text) => (accepts(text) ? text : null) };
}

const READERS: Readonly<Record<string, Reader>> = {
  id: accepting(ObjectId.name, (text) => decode(ObjectId, text).ok),
  kind: accepting(`one of ${EXPECTATION_KINDS.join(', ')}`, (text) => kindOf(text) !== undefined),
  dueWithinSeconds: accepting('nothing or a number above 0', (text) => Number(text) > 0),
  validUntil: accepting(momentField.expected, (text) => momentField.read(text) !== null && isMoment(text)),
  amount: heldAmountField,
  currency: accepting('a symbol such as EUR, or an id of at most 100 characters', (text) => isPlainText(text, 100)),
  reference: referenceField,
  userId: userField,
};

function kindOf(text: string | undefined): ExpectationKind | undefined {
  return EXPECTATION_KINDS.find((kind) => kind === text);
}

function requestOf(words: ExpectationWords): ExpectationRequest {
  const { partner = '', object, id, validUntil, amount, currency, reference, userId } = words;
  const kind = kindOf(words.kind);
  const due = Number(words.dueWithinSeconds ?? '');
  return {
    partner,
    ...(kind === undefined ? {} : { kind }),
    ...(due > 0 ? { dueWithinSeconds: due } : {}),
    ...given({ object, id, validUntil, amount: canonicalDecimal(amount ?? '') ?? '', currency, reference, userId }),
  };
}

function given(words: ExpectationWords): Readonly<Record<string, string>> {
  const all = Object.entries(words).map(([name, text]): readonly [string, string] => [name, text ?? '']);
  return Object.fromEntries<string>(all.filter(([, text]) => text !== ''));
}
