/** The decision on a recurrence: asked for and not answered yet, to be confirmed, not to be confirmed, or never made in time. */
export type Decision = 'asked' | 'confirm' | 'decline' | 'none';

/** One recurrence of a savings plan, by the partner's `external_transaction_id`. Times of the partner are kept as sent. */
export interface Recurrence {
  readonly transactionId: string;
  /** `upcoming`, `too-late` (it was announced after its deadline), or the partner's word for its end. */
  readonly state: string;
  /** Until when it can be confirmed; null where its announcement never arrived. */
  readonly deadline: string | null;
  /** Recurrence that its announcement named next; absent where it named none, or never came. */
  readonly nextRecurrence?: string;
  /** Time at which its announcement arrived; null where it never did. */
  readonly announcedAt: string | null;
  readonly decision: Decision | null;
  readonly confirmedAt: string | null;
  /** Our own backend said yes, whatever became of it; absent where it did not. */
  readonly isWanted?: true;
  readonly userId: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  /** Time of the next question or confirmation; null when there is nothing left to do before the deadline. */
  readonly actAt: string | null;
  /** Number of failed questions or confirmations in a row. */
  readonly failures: number;
  /** The alert that it is not confirmed was given. */
  readonly warned: boolean;
  /** Nothing more is owed for it. */
  readonly final: boolean;
  /** Until when an operator gave the partner time for its end; absent where none did. */
  readonly extendedTo?: string;
}

/** A recurrence of which only its end has arrived. */
export function unannounced(transactionId: string): Recurrence {
  return {
    transactionId,
    state: 'upcoming',
    deadline: null,
    announcedAt: null,
    decision: null,
    confirmedAt: null,
    userId: null,
    amount: null,
    currency: null,
    actAt: null,
    failures: 0,
    warned: false,
    final: false,
  };
}

/** The recurrence with this id; undefined where the plan knows none. */
export function recurrenceOf(
  { recurrences = [] }: { readonly recurrences?: readonly Recurrence[] },
  transactionId: string,
): Recurrence | undefined {
  return recurrences.find((one) => one.transactionId === transactionId);
}

/** True while it has to be confirmed before its deadline and is not. */
export function isUnconfirmed({ decision, confirmedAt, final }: Recurrence): boolean {
  return !final && confirmedAt === null && (decision === 'asked' || decision === 'confirm');
}

/** Final ones beyond these are forgotten, oldest first, so that a plan of many years keeps a short history. */
const MOST_KEPT = 60;
/** The most recurrences that wait for their end; older ones are forgotten, or a partner that never names ends lets the row grow. */
const MOST_ENDING = 60;
/** The most recurrences of one plan that can be confirmed at the same time. */
export const MOST_UNCONFIRMED = 40;

/** The recurrences with one changed or added, newest last; none that can still be confirmed is ever forgotten. */
export function withRecurrence(
  recurrences: readonly Recurrence[],
  changed: Recurrence,
  isBounded: () => boolean = () => true,
): readonly Recurrence[] {
  const isKnown = recurrences.some(({ transactionId }) => transactionId === changed.transactionId);
  const all = isKnown
    ? recurrences.map((one) => (one.transactionId === changed.transactionId ? changed : one))
    : [...recurrences, changed];
  const surplus = all.length - MOST_KEPT;
  const ending = all.filter((one) => !one.final && !isUnconfirmed(one));
  const forgotten = ending.slice(0, Math.max(0, ending.length - MOST_ENDING));
  const dropped = new Set([
    ...all.filter(({ final }) => final).slice(0, Math.max(0, surplus)),
    ...(forgotten.length > 0 && isBounded() ? forgotten : []),
  ]);
  return all.filter((one) => !dropped.has(one));
}
