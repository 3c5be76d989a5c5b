/** The statuses of a run in Temporal; `gone` where it knows none. */
export const RUN_STATUSES = ['running', 'completed', 'terminated', 'canceled', 'failed', 'timed-out', 'gone'] as const;
/** The status of a run in Temporal. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** The reason why a flow is named: how its run ended outside, or how it and its row differ. */
export type ReconcileFinding =
  | Exclude<RunStatus, 'running'>
  /** Set back in Temporal to an earlier point of its history. */
  | 'reset'
  /** It runs, or has run, and has no row. */
  | 'no-row'
  /** The row shows an older state than its flow has written: the database was set back. */
  | 'row-behind'
  /** The flow knows an older state than its row: it was set back. */
  | 'flow-behind'
  /** Deliveries that wait for an outcome nobody is going to write. */
  | 'deliveries-lost';

/** A delivery without an outcome. */
export interface OpenDelivery {
  readonly id: string;
  /** The run that took it. */
  readonly runId: string | null;
  readonly hasBody: boolean;
  /** Given to its flow long enough ago for an outcome to be there. */
  readonly isOutcomeDue: boolean;
}

/** A run that ended from outside. */
export interface EndedRun {
  readonly runId: string;
  readonly how: Exclude<RunStatus, 'running' | 'completed' | 'gone'> | 'reset';
}

/** The answer of a running flow about its row; null where it was not asked, a word where no worker answered. */
export type Answer =
  | {
      readonly version: number;
      readonly folded: readonly string[];
      readonly unwritten: readonly string[];
      readonly isWriting: boolean;
    }
  | 'no worker'
  | null;

/** All that is known of one flow on both sides. */
export interface ObservedFlow {
  readonly status: RunStatus;
  /** Of the newest run; null where Temporal knows none. */
  readonly runId: string | null;
  /** The run began moments ago: its row may be on its way. */
  readonly isYoung: boolean;
  readonly row: { readonly open: boolean; readonly version: number } | null;
  readonly endedRuns: readonly EndedRun[];
  /** Runs that took one of the deliveries and are over, by whatever end. */
  readonly overRuns: readonly string[];
  readonly deliveries: readonly OpenDelivery[];
  readonly answer: Answer;
}

/** The finding about a flow, and what repairs it. */
export interface Verdict {
  readonly finding: ReconcileFinding;
  /** Start it again from its row. */
  readonly start: boolean;
  /** Read the object at once: a notification is lost. */
  readonly read: boolean;
  /** Make it hold its row against what it knows. */
  readonly rewrite: boolean;
  readonly again: readonly string[];
  readonly abandoned: readonly string[];
  readonly repeated: readonly string[];
}

function ids(deliveries: readonly OpenDelivery[]): readonly string[] {
  return deliveries.map(({ id }) => id);
}

/** True for a delivery whose run will not write anything any more; where the run is not known, after a while without one. */
function isOver({ status, overRuns }: ObservedFlow, { runId, isOutcomeDue }: OpenDelivery): boolean {
  return runId === null ? isOutcomeDue && status !== 'running' : overRuns.includes(runId);
}

function sort(lost: readonly OpenDelivery[], repeated: readonly string[]) {
  const again = ids(lost.filter(({ hasBody }) => hasBody));
  const abandoned = ids(lost.filter(({ hasBody }) => !hasBody));
  return { again, abandoned, repeated };
}

/** Deliveries whose outcome nobody is going to write. A running flow is asked: it may be about to write them. */
function lostOf(observed: ObservedFlow) {
  const { status, deliveries, answer } = observed;
  const over = deliveries.filter((one) => isOver(observed, one));
  if (status !== 'running' || answer === null || answer === 'no worker') return sort(over, []);
  const folded = new Set(answer.folded);
  const unwritten = new Set(answer.unwritten);
  const waiting = deliveries.filter((one) => over.includes(one) || one.isOutcomeDue);
  const known = waiting.filter(({ id, isOutcomeDue }) => folded.has(id) && !unwritten.has(id) && isOutcomeDue);
  return sort(
    waiting.filter(({ id }) => !folded.has(id)),
    ids(known),
  );
}

type Lost = ReturnType<typeof lostOf>;

function isAnything({ again, abandoned, repeated }: Lost): boolean {
  return again.length + abandoned.length + repeated.length > 0;
}

/** A running flow is asked where the listing alone does not say that all is well. */
export function isToBeAsked(
  { status, row, endedRuns, deliveries, isYoung }: ObservedFlow,
  everyFlow: boolean,
): boolean {
  if (status !== 'running') return false;
  if (row === null) return !isYoung;
  const isUnclear = !row.open || row.version === 0 || deliveries.length > 0;
  return everyFlow || isUnclear || endedRuns.some(({ how }) => how === 'reset');
}

/** The difference between a running flow and its row; null where there is none, or where the flow is about to write. */
export function differenceOf({ row, answer, isYoung }: ObservedFlow): 'no-row' | 'row-behind' | 'flow-behind' | null {
  if (row === null) return isYoung ? null : 'no-row';
  if (answer === null || answer === 'no worker' || answer.isWriting) return null;
  if (answer.version === row.version) return null;
  return answer.version > row.version ? 'row-behind' : 'flow-behind';
}

function judgeRunning(observed: ObservedFlow, lost: Lost): Verdict | null {
  const difference = differenceOf(observed);
  const ended = observed.endedRuns.find(({ how }) => how === 'reset') ?? observed.endedRuns.at(-1);
  const finding = ended?.how ?? difference ?? (isAnything(lost) ? 'deliveries-lost' : null);
  if (finding === null) return null;
  return { ...lost, finding, start: false, read: lost.abandoned.length > 0, rewrite: difference !== null };
}

/**
 * The verdict on a flow; null where nothing is wrong. Nothing that still moves is touched: a flow writes every outcome
 * before it ends, so what its run has left open when it is over nobody is going to write.
 */
export function judgeFlow(observed: ObservedFlow): Verdict | null {
  const { status, row, endedRuns } = observed;
  const lost = lostOf(observed);
  if (status === 'running') return judgeRunning(observed, lost);
  // An end of ours without a row: the database was set back, and the partner alone knows what became of the object.
  const isForgotten = row === null && status !== 'gone';
  const start = row?.open === true || isForgotten;
  const finding = row?.open === true ? status : isForgotten ? 'no-row' : endedRuns.at(-1)?.how;
  const read = start && (status === 'completed' || isForgotten || lost.abandoned.length > 0);
  if (finding !== undefined) return { ...lost, finding, start, read, rewrite: false };
  return isAnything(lost) ? { ...lost, finding: 'deliveries-lost', start: false, read: false, rewrite: false } : null;
}
