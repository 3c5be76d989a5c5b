import type { Partner } from '../domain/notification';
import type { FindingKind, Outcome } from '../domain/subject';

/**
 * How reads of one object misbehave. Durations are in due times (see `Step`).
 * `stale` answers as if the object still had that state; `hang` holds the request and then drops the connection.
 */
export type ReadFault =
  | { readonly kind: 'stale'; readonly state: string }
  | { readonly kind: 'hang'; readonly due: number }
  | { readonly kind: 'status'; readonly status: 404 | 500 | 503 }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }
  | { readonly kind: 'undecodable' };

/**
 * One step of a partner's course with one object. Waits are multiples of the due time that the policy in force gives
 * every state, so that one script runs at any pace: 0.5 is time enough to be read, 1.5 is certainly overdue.
 */
export type Step =
  /** The object takes a state; nobody is told. */
  | { readonly do: 'advance'; readonly state: string }
  /** A webhook naming a status, true or not. */
  | { readonly do: 'deliver'; readonly status: string }
  /** Kept by the receiver, but its answer never reaches the partner, who sends again if it ever does. */
  | { readonly do: 'deliver-answer-lost'; readonly status: string }
  /** A webhook with a wrong credential: not from the partner at all. */
  | { readonly do: 'forge'; readonly status: string }
  /** The last authentic webhook once more, byte for byte. */
  | { readonly do: 'repeat' }
  /** The last authentic webhook's event id once more, with another amount. */
  | { readonly do: 'contradict' }
  /** A refused update: a reason and no status. */
  | { readonly do: 'refuse-update'; readonly reason: string }
  /** An authentic body that is not JSON. */
  | { readonly do: 'garble' }
  /** A cancel is asked for: it happens and is told, or (too late) nothing happens and nothing is told. */
  | { readonly do: 'cancel' }
  /** How reads behave from here on: for so many requests, or (null) until told otherwise; a null fault is well. */
  | { readonly do: 'reads'; readonly fault: ReadFault | null; readonly requests: number | null }
  /** Goes on once an overdue read has found this and the flow shows it, however slow the machine is. */
  | { readonly do: 'until-found'; readonly finding: FindingKind }
  | { readonly do: 'wait'; readonly due: number };

/** How an object of a script must end, as the operations API shows it; counts are of this object's deliveries. */
export interface Expected {
  readonly state: string | null;
  /** Who said the last word; null: the flow is still open. */
  readonly endBy: 'partner' | 'read' | null;
  readonly open: boolean;
  readonly overdue: boolean;
  /** `exactly`: these, in this order; `among`: any number of these, also none. */
  readonly findings: { readonly exactly: readonly FindingKind[] } | { readonly among: readonly FindingKind[] };
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly duplicate: number;
  readonly parked: number;
  readonly rejected: number;
  /** Statuses first learned by an overdue read. */
  readonly recovered: number;
}

/** A course of events between a partner and one object of his, and how it must end. */
export interface Script {
  readonly name: string;
  /** A sentence: what the partner does. */
  readonly title: string;
  /** The kinds of misbehaviour it shows; empty for a well-behaved partner. */
  readonly misbehaviours: readonly string[];
  readonly partner: Partner;
  /** The name of the object's kind, e.g. `digital-order`. */
  readonly kind: string;
  /** How many objects of a demonstration take this course. */
  readonly objects: number;
  readonly steps: readonly Step[];
  readonly expected: Expected;
}
