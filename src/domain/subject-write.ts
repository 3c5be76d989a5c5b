import type { Recurrence } from './lifecycles/savings-plan/recurrence';
import type { SubjectOutcome } from './outgoing';
import type { AlertKind, Outcome, Subject } from './subject';

/** A subject as the store keeps it, with the version a writer must name. */
export interface StoredSubject {
  readonly subject: Subject;
  readonly version: number;
}

/** An operator's action on a flow: shown by it, and kept with what it changed; the request's id names it. */
export interface FlowAction {
  readonly requestId: string;
  readonly at: string;
  /** The name of the token, or of the system's user where the command line was used. */
  readonly by: string;
  readonly action: string;
  readonly reason: string;
  readonly details: Readonly<Record<string, string | number>>;
}

/** One write of a subject's row: state, outcomes and counts in one transaction, only if the version is the one loaded. */
export interface SubjectWrite {
  readonly workflowId: string;
  readonly runId: string;
  /** Names this write, so that a repeated one is recognised as done. */
  readonly writeId: string;
  readonly expectedVersion: number;
  /**
   * The number of things its run had heard. A workflow task that fails is done again, with what has come since: its write
   * then holds more than the one that was done already, and goes over it. Absent from flows of before 0.3.0, whose writes
   * are done again only as they were.
   */
  readonly heard?: number;
  /** The first write of a run: deliveries sent to earlier runs that never got an outcome were abandoned. */
  readonly firstOfRun: boolean;
  readonly subject: Subject;
  readonly outcomes: readonly { readonly deliveryId: string; readonly event: string; readonly outcome: Outcome }[];
  readonly recovered: number;
  readonly alerts: readonly AlertKind[];
  /** Outcomes for our own backend; absent where there are none, as in writes of earlier versions. */
  readonly tells?: readonly SubjectOutcome[];
  /** Operator actions since the last write; absent where there are none. */
  readonly deeds?: readonly FlowAction[];
}

/** True for a write that can be done again with more in it, for it counts nothing and raises no alert. */
export function isPlain({ recovered, alerts, subject, deeds = [] }: SubjectWrite): boolean {
  return recovered === 0 && alerts.length === 0 && subject.resolution === undefined && deeds.length === 0;
}

/** The cause of a write that the database refuses for what it holds: the same again would be refused again. */
export const REFUSED_WRITE = 'refused-write';

/** The result of a write: written, or not because the row has moved on; then what stands there and which write put it there. */
export type WriteResult =
  | { readonly kind: 'written'; readonly version: number }
  | { readonly kind: 'conflict'; readonly stored: StoredSubject | null; readonly writeId: string | null };

/** True when an operator would see a difference: only then is writing the row worth an activity. */
export function looksDifferent(before: Subject | null, after: Subject): boolean {
  return before === null || JSON.stringify(visibleOf(before)) !== JSON.stringify(visibleOf(after));
}

function visibleOf(subject: Subject): readonly unknown[] {
  const { state, waitingFor, dueAt, overdue, finding, findings, reason, end, facts, recurrences, expected } = subject;
  return [
    ...[state, waitingFor, dueAt, overdue, finding, findings.length, findings.at(-1)?.at, reason, end],
    ...(facts === undefined ? [] : [facts]),
    ...(expected === undefined ? [] : [expected]),
    ...(recurrences === undefined ? [] : [recurrences.map(visibleRecurrence)]),
  ];
}

/** Recurrence without the number of questions, which is not worth a write. */
function visibleRecurrence({
  transactionId,
  state,
  deadline,
  decision,
  confirmedAt,
  final,
}: Recurrence): readonly unknown[] {
  return [transactionId, state, deadline, decision, confirmedAt, final];
}
