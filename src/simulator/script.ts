import type { Partner } from '../domain/partner';
import type { FindingKind, Outcome } from '../domain/subject';

/**
 * Misbehaviour of the reads of one object. Durations are in due times (see `Step`). `stale` answers as if the object
 * still had that state; `hang` holds the request and then drops the connection.
 */
export type ReadFault =
  | { readonly kind: 'stale'; readonly state: string }
  | { readonly kind: 'hang'; readonly due: number }
  | { readonly kind: 'status'; readonly status: 404 | 500 | 503 }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }
  | { readonly kind: 'undecodable' };

/** Step in which a webhook is sent, or lost on its way. */
export type SendingStep =
  /** A webhook naming a status, true or not; of the object, or of the one that plays a role beside it. */
  | { readonly do: 'deliver'; readonly status: string; readonly of?: string }
  /** A webhook that is lost on its way: it is in the list of those the partner has sent. */
  | { readonly do: 'lose'; readonly status: string }
  /** A webhook that the receiver keeps, while its answer never reaches the partner, who sends again if it ever does. */
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
  /** A request to cancel: it succeeds and is reported, or (too late) nothing happens and nothing is reported. */
  | { readonly do: 'cancel' };

/** Step that sends nothing. */
export type SilentStep =
  /** The object, or the one of a role beside it, takes a state without a webhook. */
  | { readonly do: 'advance'; readonly state: string; readonly of?: string }
  /** The behaviour of reads from here on: for so many requests, or (null) until another step; a null fault is well. */
  | { readonly do: 'reads'; readonly fault: ReadFault | null; readonly requests: number | null; readonly of?: string }
  /** A sweep: the partner is asked for the webhooks it has sent. */
  | { readonly do: 'sweep' }
  /** A wait until an overdue read has found this and the flow shows it, however slow the machine is. */
  | { readonly do: 'until-found'; readonly finding: FindingKind }
  /** A wait until the flow waits for this: everything before is done. */
  | { readonly do: 'until-owed'; readonly word: string }
  /** A report of our own backend that it has created the object, so that its first webhook is owed. */
  | { readonly do: 'expect' }
  /** From here on Temporal refuses every signal to the flow with a gRPC code; null: it takes them again. */
  | { readonly do: 'signals'; readonly refusedWith: number | null }
  /** An operator has the parked deliveries of the object dispatched again. */
  | { readonly do: 'retry' }
  | { readonly do: 'wait'; readonly due: number };

/**
 * Step of a partner's course with one object. Waits are multiples of the due time that the policy in force gives
 * every state, so that one script runs at any pace.
 */
export type Step = SendingStep | SilentStep;

const SILENT: readonly Step['do'][] = [
  ...(['advance', 'reads', 'sweep', 'until-found', 'until-owed', 'expect', 'wait'] as const),
  ...(['signals', 'retry'] as const),
];

/** True when a step sends nothing. */
export function isSilent(step: Step): step is SilentStep {
  return SILENT.includes(step.do);
}

/** Expected end of an object of a script, as the operations API shows it; counts are of this object's deliveries. */
export interface Expected {
  readonly state: string | null;
  /** Source of the end; null: the flow is still open. */
  readonly endBy: 'partner' | 'read' | null;
  readonly open: boolean;
  readonly overdue: boolean;
  /** Findings. `exactly`: these, in this order; `among`: any number of these, also none. */
  readonly findings: { readonly exactly: readonly FindingKind[] } | { readonly among: readonly FindingKind[] };
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly duplicate: number;
  readonly parked: number;
  readonly rejected: number;
  /** Kinds of the objects that it still waits for. */
  readonly owes?: readonly string[];
  /** States of the recurrences of a savings plan. */
  readonly recurrences?: readonly string[];
  /** Facts beside the state. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Number of statuses first learned by an overdue read or a sweep. */
  readonly recovered: number;
}

/** Course of events between a partner and one of its objects, and its expected end. */
export interface Script {
  readonly name: string;
  /** Sentence about the partner's behaviour. */
  readonly title: string;
  /** Kinds of misbehaviour it shows; empty for a well-behaved partner. */
  readonly misbehaviours: readonly string[];
  readonly partner: Partner;
  /** Name of the object's kind, e.g. `digital-order`. */
  readonly kind: string;
  /** Kinds of the objects that belong to it, by their role. */
  readonly companions?: Readonly<Record<string, string>>;
  /** Mark of a script whose objects all begin at the same moment, however much else is under way. */
  readonly isBurst?: true;
  /** Mark of a script that moves holdings: its result is in the ledger. */
  readonly books?: true;
  /** Number of objects of a demonstration that take this course. */
  readonly objects: number;
  readonly steps: readonly Step[];
  readonly expected: Expected;
}
