import type { Resolution, SetSnapshot } from './lifecycles/corporate-actions/set-news';
import type { Amount } from './details';
import type { Execution } from './notification';
import type { Expected } from './expectation';
import type { Lifecycle } from './lifecycle';
import type { SubjectKey } from './subject-key';
import type { Recurrence } from './lifecycles/savings-plan/recurrence';

/** The outcomes of a notification. */
export const OUTCOMES = ['applied', 'repeated', 'late', 'illegal', 'abandoned'] as const;
/** The outcome of a notification. */
export type Outcome = (typeof OUTCOMES)[number];

/** The findings of a read that was made because something owed was overdue, or because a webhook had to be confirmed. */
export const FINDINGS = ['missed', 'slow', 'unreachable', 'absent', 'contradiction'] as const;
/** The kind of a finding. */
export type FindingKind = (typeof FINDINGS)[number];

/** One finding as it was made; kept after the end. `found` is the partner's word or a cause, never a body. */
export interface Finding {
  readonly finding: FindingKind;
  readonly at: string;
  readonly state: string | null;
  readonly found: string | null;
  /** Number of times it was made, and when for the last time; absent where it was made once. */
  readonly count?: number;
  readonly latestAt?: string;
}

/** The end of a subject: its last state, when, and on whose word. */
export interface End {
  readonly state: string | null;
  readonly at: string;
  readonly by: 'partner' | 'read' | 'operator';
}

/**
 * The reason to read the object: because its id is new to us, or it is about to end unread; to confirm a fill, an end, or
 * a notification that contradicts; to record what only a read shows; because it is overdue; because an operator asked; or
 * because a set is to be judged from the ledger.
 */
export type ReadPurpose = 'first' | 'fill' | 'agreement' | 'illegal' | 'record' | 'overdue' | 'operator' | 'judge';

/** The reasons to alert people: a finding, or something that has to be acted on. Each has an entry in docs/runbook.md. */
export const ALERTS = [
  ...FINDINGS,
  'action-required',
  'top-up-requested',
  'too-late',
  'unconfirmed',
  'unverified',
  'break',
  'obligation-overdue',
  // Of a row that the database refuses for what it holds; it is written without that.
  'refused-write',
  // Of deliveries, raised by dispatch.
  'parked',
  'stuck',
  'contradicting-alias',
  'contradicting-repeat',
  // Of a partner's list of events, whose names are not all known.
  'unrouted',
  // Of own trades, raised where they are told.
  'late-trade',
] as const;
/** The reason of an alert. */
export type AlertKind = (typeof ALERTS)[number];

/**
 * All that is known of a subject; the row of the store and the state of its flow are this one value. Times are ISO 8601
 * UTC with milliseconds, amounts decimal strings.
 */
export interface Subject extends SubjectKey {
  readonly lifecycle: Lifecycle;
  readonly state: string | null;
  /** The source that named the state first: a webhook of the partner, a read, or an operator. */
  readonly stateBy: End['by'] | null;
  /** All states any webhook or read has named; decides whether a late status is a new one. */
  readonly statesSeen: readonly string[];
  readonly since: string;
  readonly waitingFor: readonly string[];
  /** Due time of what is owed; null while nothing is. */
  readonly dueAt: string | null;
  /** The next read of the object, unless something comes before; null while none is planned. */
  readonly read: { readonly at: string; readonly purpose: ReadPurpose } | null;
  /** The step of the ladder of reads and alerts that the present wait has reached. */
  readonly step: number;
  /** The number of reads in a row that have not confirmed what a webhook said. */
  readonly tries: number;
  readonly overdue: boolean;
  readonly finding: FindingKind | null;
  readonly findings: readonly Finding[];
  /** Number of findings between the first and the latest that are no longer kept; absent where all are. */
  readonly findingsLeftOut?: number;
  /** A fill was reported by a webhook and not corrected since. */
  readonly filled: boolean;
  readonly corrected: boolean;
  /** True where the last read shows an executed quantity, false where it shows none; null while none has shown either. */
  readonly quantityRead: boolean | null;
  readonly executions: readonly Execution[];
  readonly reason: string | null;
  readonly readHints: Readonly<Record<string, string>>;
  /** The partner's own time of the state, as sent; orders notifications of partners that give one. */
  readonly changedAt?: string;
  /** Words of our own backend on it that still hold; absent where it has said nothing. */
  readonly expected?: Expected;
  /** Details for operators beside the state: amounts, ids that a read brought, how a rejection is meant. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Amounts that the partner says, the newest of each kind and unit; absent where it has said none. */
  readonly amounts?: readonly Amount[];
  /** State in which the object was read last, or a read was tried for what only it shows; absent while none was. */
  readonly readIn?: string | null;
  /** The last known states of related objects, by `<object>:<id>`; null: nothing known. Absent: not read yet. */
  readonly named?: Readonly<Record<string, string | null>>;
  /** The recurrences of a savings plan. */
  readonly recurrences?: readonly Recurrence[];
  /** By when a savings plan's next upcoming recurrence has to be announced. */
  readonly nextUpcomingAt?: string;
  /** The snapshot of a corporate action's set from the ledger. */
  readonly standing?: SetSnapshot;
  /** Set where the partner was asked for lost events since the last movement: whether it could be reached. */
  readonly asked?: 'reached' | 'unreachable';
  /** The way in which an operator dealt with a set that is broken or could not be verified. */
  readonly resolution?: Resolution;
  readonly end: End | null;
  /** True when the end is for good: what arrives later is late. False: the subject rests until the next notification. */
  readonly closedForGood: boolean;
}

/** A subject of which nothing is known and nothing is owed. */
export function blankSubject(
  { partner, object, id, keepsWholeId }: SubjectKey,
  lifecycle: Lifecycle,
  since: string,
): Subject {
  return {
    partner,
    object,
    id,
    ...(keepsWholeId === undefined ? {} : { keepsWholeId }),
    lifecycle,
    state: null,
    stateBy: null,
    statesSeen: [],
    since,
    waitingFor: [],
    dueAt: null,
    read: null,
    step: 0,
    tries: 0,
    overdue: false,
    finding: null,
    findings: [],
    filled: false,
    corrected: false,
    quantityRead: null,
    executions: [],
    reason: null,
    readHints: {},
    end: null,
    closedForGood: false,
  };
}
