import type { Partner } from '../domain/partner';
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

/** A step in which a webhook goes over the wire, or is lost on its way. */
export type TellingStep =
  /** A webhook naming a status, true or not; of the object, or of the one that plays a role beside it. */
  | { readonly do: 'deliver'; readonly status: string; readonly of?: string }
  /** A webhook that is lost on its way: who asks the partner what he has sent is told of it. */
  | { readonly do: 'lose'; readonly status: string }
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
  | { readonly do: 'cancel' };

/** A step that sends nothing. */
export type SilentStep =
  /** The object, or the one that plays a role beside it, takes a state; nobody is told. */
  | { readonly do: 'advance'; readonly state: string; readonly of?: string }
  /** How reads behave from here on: for so many requests, or (null) until told otherwise; a null fault is well. */
  | { readonly do: 'reads'; readonly fault: ReadFault | null; readonly requests: number | null; readonly of?: string }
  /** The partner is asked what he has sent. */
  | { readonly do: 'sweep' }
  /** Goes on once an overdue read has found this and the flow shows it, however slow the machine is. */
  | { readonly do: 'until-found'; readonly finding: FindingKind }
  /** Goes on once the flow waits for this: what had to be done before is done. */
  | { readonly do: 'until-owed'; readonly word: string }
  /** Our own backend says that it has created the object, so that its first webhook is owed. */
  | { readonly do: 'expect' }
  | { readonly do: 'wait'; readonly due: number };

/**
 * One step of a partner's course with one object. Waits are multiples of the due time that the policy in force gives
 * every state, so that one script runs at any pace.
 */
export type Step = TellingStep | SilentStep;

const SILENT: readonly Step['do'][] = ['advance', 'reads', 'sweep', 'until-found', 'until-owed', 'expect', 'wait'];

/** True for a step that sends nothing. */
export function isSilent(step: Step): step is SilentStep {
  return SILENT.includes(step.do);
}

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
  /** The kinds of the objects that it still waits for. */
  readonly owes?: readonly string[];
  /** How the recurrences of a savings plan must look. */
  readonly recurrences?: readonly string[];
  /** What must stand beside the state. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Statuses first learned by an overdue read or a sweep. */
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
  /** Kinds of the objects that belong to it, by the role they play. */
  readonly companions?: Readonly<Record<string, string>>;
  /** It moves holdings: what becomes of it is in the ledger. */
  readonly books?: true;
  /** How many objects of a demonstration take this course. */
  readonly objects: number;
  readonly steps: readonly Step[];
  readonly expected: Expected;
}
