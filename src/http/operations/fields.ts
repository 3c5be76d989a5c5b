import * as t from 'io-ts';

import { showing } from '../../codecs/decode';
import { heldAmountField, momentField } from '../../codecs/holdings';
import { BOOKED_KINDS } from '../../domain/booking';
import { LIFECYCLES } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import { isMoment } from '../../domain/moments';
import { OBLIGATION_STATES } from '../../domain/obligation';
import { LONGEST_EXTENSION_SECONDS, LONGEST_REASON, RESULTS } from '../../domain/operator-request';
import { OUTBOX_STATES, OUTGOING_TARGETS } from '../../domain/outgoing';
import { TYPE_PATTERN } from '../../domain/messages/wanted-types';
import { namedMoment } from '../../domain/moments';
import { isPlainText } from '../../domain/plain-text';
import { FINDINGS, OUTCOMES } from '../../domain/subject';
import { HOLDER_KEY_WORDS } from '../../store/corporate-actions/list';
import { windowKeyOf } from '../../store/flows/window';
import { keyOf } from '../../store/key-pagination';
import { LARGEST_PAGE, positionOf } from '../../store/pagination';
import { POSITION_KEY_WORDS } from '../../store/ledger/positions';
import { DELIVERY_STATUSES } from '../../store/schema/tables';

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** A codec that also knows its JSON schema, so that the API's description cannot say anything else than its checks. */
class Field<T> extends t.Type<T, T> {
  constructor(
    expected: string,
    is: (value: unknown) => value is T,
    readonly schema: Schema,
  ) {
    super(expected, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity);
  }
}

/** Fields of a query or body by name. */
export type Fields = Readonly<Record<string, t.Mixed & { readonly schema: Schema }>>;

/** A field that takes one of some words. */
export function oneOf<T extends string>(words: readonly T[]): Field<T> {
  const is = (value: unknown): value is T => words.some((word) => word === value);
  return showing(new Field(`one of ${words.join(', ')}`, is, { type: 'string', enum: words }));
}

/** A field that takes a text, described by what is expected of it. */
export function text(expected: string, accepts: (value: string) => boolean, schema: Schema): Field<string> {
  const is = (value: unknown): value is string => typeof value === 'string' && accepts(value);
  return new Field(expected, is, { type: 'string', description: expected, ...schema });
}

function number(expected: string, accepts: (value: number) => boolean, schema: Schema): Field<number> {
  const is = (value: unknown): value is number => typeof value === 'number' && accepts(value);
  return new Field(expected, is, { type: 'number', description: expected, ...schema });
}

/** A field that takes the name of a partner. */
export function partnerName(partners: readonly Partner[]): Field<Partner> {
  return oneOf(partners);
}

/** The status of a delivery. */
export const Status = oneOf(DELIVERY_STATUSES);
/** The outcome of a delivery; `open` for one without an outcome yet. */
export const OutcomeOrOpen = oneOf([...OUTCOMES, 'open']);
/** The name of a lifecycle. */
export const LifecycleName = oneOf(LIFECYCLES);
/** A truth in a query, where every value is a text. */
export const TrueOrFalse = oneOf(['true', 'false']);

/** The truth of a word in a query; undefined where it was not asked for. */
export function truth(word: 'true' | 'false' | undefined): boolean | undefined {
  return word === undefined ? undefined : word === 'true';
}

/** The kind of what a movement moves. */
export const Kind = oneOf(BOOKED_KINDS);
/** The state of an obligation. */
export const ObligationStateName = oneOf(OBLIGATION_STATES);
/** The state of a message to our own backend. */
export const OutboxStateName = oneOf(OUTBOX_STATES);
/** The target of a message to our own backend. */
export const OutgoingTargetName = oneOf(OUTGOING_TARGETS);
/** The result with which an operator resolves a flow. */
export const OperatorResult = oneOf(RESULTS);
/** The name of a finding. */
export const FindingName = oneOf(FINDINGS);

function isTruth(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** A truth in a body. */
export const Truth = new Field('true or false', isTruth, { type: 'boolean' });

/** The size of a page of a listing. */
export const Limit = showing(
  text(
    `a whole number from 1 to ${LARGEST_PAGE}`,
    (value) => /^[1-9]\d{0,2}$/.test(value) && Number(value) <= LARGEST_PAGE,
    { type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: 50 },
  ),
);

const NEXT_OF_PAGE = 'the `next` of the page before';

/** The cursor of a listing that is ordered by position. */
export const Cursor = text(NEXT_OF_PAGE, (value) => positionOf(value) !== null, {});

/** The cursor of the feed of messages. */
export const FeedCursor = text(
  'the `cursor` of an answer, or the `sequence` of a message',
  (value) => /^(0|[1-9]\d{0,17})$/.test(value),
  {},
);
/** A type of message, or a pattern of some. */
export const MessageTypePattern = text('a type, <object>.* or *', (value) => TYPE_PATTERN.test(value), {});
/** The cursor of the listing of positions. */
export const PositionCursor = text(NEXT_OF_PAGE, (value) => keyOf(value, POSITION_KEY_WORDS) !== null, {});
/** The cursor of the holders of a corporate action. */
export const HolderCursor = text(NEXT_OF_PAGE, (value) => keyOf(value, HOLDER_KEY_WORDS) !== null, {});

/** In full, with ids of 200 characters of four bytes each, percent-encoded; Temporal is given a shorter one. */
const LONGEST_WORKFLOW_ID = 5_000;

/** A workflow id. */
export const WorkflowId = text(
  `a workflow id of 1 to ${LONGEST_WORKFLOW_ID} characters without control characters`,
  (value) => isPlainText(value, LONGEST_WORKFLOW_ID),
  {},
);

/** A text that is searched for. */
export const SearchText = text(
  `a text of 1 to ${LONGEST_WORKFLOW_ID} characters without control characters`,
  (value) => value.trim() !== '' && isPlainText(value, LONGEST_WORKFLOW_ID),
  { minLength: 1, maxLength: LONGEST_WORKFLOW_ID },
);

/** A moment: a day, or a time with its offset. */
export const NamedMoment = showing(
  text('a day, or a time with its offset, ISO 8601', (value) => namedMoment(value) !== null, { format: 'date-time' }),
);

/** The cursor of a listing of flows: by position, or of a window. */
export const FlowCursor = text(NEXT_OF_PAGE, (value) => positionOf(value) !== null || windowKeyOf(value) !== null, {});

/** The name of an operator's action. */
export const Word = showing(text('a word', (value) => /^[A-Za-z][A-Za-z0-9-]{0,49}$/.test(value), {}));

/** A name that only the store can tell from an unknown one; shown, unless it is a sentence. */
export const Name = showing(
  text('a text of 1 to 200 characters without control characters', (value) => isPlainText(value, 200), {
    maxLength: 200,
  }),
);

/** An id of a partner or of ours. */
export const Id = text('an id of 1 to 200 characters without control characters', (value) => isPlainText(value, 200), {
  minLength: 1,
  maxLength: 200,
});

/** The reason of an operator's action; line breaks are allowed. */
export const Reason = text(
  `a text of 1 to ${LONGEST_REASON} characters without control characters`,
  (value) => value.trim() !== '' && isPlainText(value, LONGEST_REASON, 'lines'),
  { minLength: 1, maxLength: LONGEST_REASON },
);

/** One of the words that a flow waits for. */
export const WaitingWord = text(
  'a word of waitingFor, of 1 to 200 characters without control characters',
  (value) => isPlainText(value, 200),
  { minLength: 1, maxLength: 200 },
);

const LONGEST_REFERENCE = 200;

/** A reference to a payment in our own books, or the name of a person. */
export const Reference = text(
  `a text of 1 to ${LONGEST_REFERENCE} characters without control characters`,
  (value) => value.trim() !== '' && isPlainText(value, LONGEST_REFERENCE),
  { minLength: 1, maxLength: LONGEST_REFERENCE },
);

/** An amount of money that is paid, without a sign. */
export const Amount = showing(
  text(heldAmountField.expected, (value) => heldAmountField.read(value) !== null, { maxLength: 100 }),
);

const LONGEST_CURRENCY = 100;

/** A currency by its symbol, or by the partner's id of it. */
export const Currency = text(
  `a symbol such as EUR, or an id of at most ${LONGEST_CURRENCY} characters`,
  (value) => isPlainText(value, LONGEST_CURRENCY),
  { minLength: 1, maxLength: LONGEST_CURRENCY },
);

/** A moment, UTC where it has no offset. */
export const Moment = showing(
  text(momentField.expected, (value) => momentField.read(value) !== null && isMoment(value), {}),
);

/** A duration in seconds. */
export const Seconds = showing(
  number(
    `a number above 0, at most ${LONGEST_EXTENSION_SECONDS}`,
    (value) => value > 0 && value <= LONGEST_EXTENSION_SECONDS,
    { exclusiveMinimum: 0, maximum: LONGEST_EXTENSION_SECONDS },
  ),
);
