import { isMoment } from './moments';
import type { Problem } from './problem';

/**
 * The kinds of expectations: an object that we created, one that we asked to cancel or to change, and a payment to the
 * partner or from it.
 */
export const EXPECTATION_KINDS = ['created', 'canceled', 'changed', 'deposit', 'payout'] as const;
/** The kind of an expectation. */
export type ExpectationKind = (typeof EXPECTATION_KINDS)[number];

/** The kinds of expectations of which a sum is said. */
export const PAYMENT_KINDS = ['deposit', 'payout'] as const;

/** A sum of money: a decimal string without exponent, and the currency by its symbol or the partner's id. */
export interface Sum {
  readonly amount: string;
  readonly currency: string;
}

/**
 * The part of an expectation that a flow is told. It becomes part of a history: our own reference and the user's id, which
 * are personal, are kept beside the row alone.
 */
export interface Expectation {
  readonly kind: ExpectationKind;
  /** The length of the wait, by the flow's own clock; absent: the policy's first due time. */
  readonly dueWithinMs?: number;
  /** The end of an order's validity, ISO 8601 UTC. */
  readonly validUntil?: string;
  /** The sum of a payment. */
  readonly sum?: Sum;
}

/** The kinds of requests of ours that a partner owes an answer to. */
export const REQUEST_KINDS = ['cancellation', 'change'] as const;
/** The kind of a request of ours; also the name of the fact that shows what became of it. */
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** A request of ours that the partner has not answered yet. */
export interface OpenRequest {
  readonly askedAt: string;
  readonly dueAt: string;
  /** The number of reads in a row that gave no answer. */
  readonly tries: number;
}

/** All that our own backend has said of a subject and that still holds. */
export interface Expected {
  readonly validUntil?: string;
  readonly sum?: Sum;
  readonly cancellation?: OpenRequest;
  readonly change?: OpenRequest;
}

/** The result of telling a flow of an expectation: taken, known before, or contradicting an earlier one. */
export type ExpectationAnswer =
  | { readonly kind: 'registered' }
  | { readonly kind: 'existing' }
  | { readonly kind: 'contradicting'; readonly problem: Problem };

/**
 * The problem of an expectation that reached a flow; null where there is none. An Update may also be typed into the Temporal
 * Web UI: a value of the wrong kind would otherwise be found out after it stands in the history.
 */
export function problemOfExpectation(given: unknown): Problem | null {
  if (!isRecord(given)) return { path: 'expectation', expected: 'an object', found: typeof given };
  const wrong = Object.entries(CHECKS).find(([name, { accepts }]) => !accepts(given[name]));
  if (wrong === undefined) return null;
  const [path, { expected }] = wrong;
  return { path, expected, found: given[path] === undefined ? 'nothing' : `a ${typeof given[path]}` };
}

interface Check {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const CHECKS: Readonly<Record<keyof Expectation, Check>> = {
  kind: {
    expected: `one of ${EXPECTATION_KINDS.join(', ')}`,
    accepts: (value) => EXPECTATION_KINDS.some((kind) => kind === value),
  },
  dueWithinMs: {
    expected: 'a number above 0',
    accepts: (value) => value === undefined || (typeof value === 'number' && value > 0),
  },
  validUntil: {
    expected: 'a time, ISO 8601',
    accepts: (value) => value === undefined || (typeof value === 'string' && isMoment(value)),
  },
  sum: {
    expected: 'an amount and a currency',
    accepts: (value) =>
      value === undefined ||
      (isRecord(value) && typeof value.amount === 'string' && typeof value.currency === 'string'),
  },
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
