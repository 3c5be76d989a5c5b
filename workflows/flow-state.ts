import { foldNews, foldRead } from '../src/domain/lifecycles/kinds';
import { type Change, newSubject, type Rules } from '../src/domain/lifecycles/rules';
import type { Notification } from '../src/domain/notification';
import { withAction } from '../src/domain/operator';
import type { ReadResult } from '../src/domain/reading';
import type { AlertKind, Outcome, ReadPurpose, Subject } from '../src/domain/subject';
import { type FlowAction, looksDifferent, type SubjectWrite } from '../src/domain/subject-write';
import type { FlowInput, FlowKnowledge, FlowStatus } from './contract';

/** The outcome of a notification that the row does not hold yet. */
export interface UnwrittenOutcome {
  readonly notification: Notification;
  readonly outcome: Outcome;
}

/** A write whose result is not known yet, with the subject as the flow knew it then. */
export interface OpenWrite {
  readonly write: SubjectWrite;
  readonly subject: Subject;
}

/** All that one flow keeps between two awaits. Changed by folds and writes alone, which never await. */
export interface FlowState {
  rules: Rules;
  subject: Subject;
  /** The subject as the row shows it; null before the first write. */
  writtenSubject: Subject | null;
  /** The row's version; 0 before the first write. */
  version: number;
  /** Number of writes that were prepared; it numbers them. */
  writes: number;
  /** Writes sent since the last answer of one, oldest first. */
  openWrites: readonly OpenWrite[];
  /** A write of this run is known to be done. */
  hasWritten: boolean;
  /** Number of writes in a row that the database has refused for what they hold. */
  refusals: number;
  unwritten: readonly UnwrittenOutcome[];
  recovered: number;
  alerts: readonly AlertKind[];
  /** Operator actions that the store has not kept yet; they go with the next activity and ask for none of their own. */
  unkeptActions: readonly FlowAction[];
  readonly foldedDeliveries: Set<string>;
  /** The newest operator actions, shown to those who look at the flow. */
  deeds: readonly FlowAction[];
  /** Goes up with every change, so that a waiting flow wakes. */
  changes: number;
}

/** A flow's state at its start: the stored subject, or a new one. */
export function createFlowState(
  rules: Rules,
  { key, stored, expectedBy, ...input }: FlowInput,
  now: string,
): FlowState {
  return {
    rules,
    subject: stored?.subject ?? newSubject(rules, key.id, now, expectedBy),
    writtenSubject: stored?.subject ?? null,
    version: stored?.version ?? 0,
    writes: 0,
    openWrites: [],
    hasWritten: false,
    refusals: 0,
    unwritten: [],
    recovered: 0,
    alerts: [],
    unkeptActions: [],
    foldedDeliveries: new Set(input.foldedDeliveries),
    deeds: input.deeds ?? [],
    changes: 0,
  };
}

/** The fold of a notification; the same delivery again (dispatch crashed after its signal) changes nothing. */
export function foldSignal(flowState: FlowState, notification: Notification, now: string): void {
  if (flowState.foldedDeliveries.has(notification.deliveryId)) return;
  flowState.foldedDeliveries.add(notification.deliveryId);
  const { outcome, alreadyWritten, ...change } = foldNews(flowState.rules, flowState.subject, notification, now);
  take(flowState, change);
  if (alreadyWritten === undefined) flowState.unwritten = [...flowState.unwritten, { notification, outcome }];
  if (alreadyWritten === 'outcome and row') flowState.writtenSubject = flowState.subject;
}

/** The fold of what reading the object gave. */
export function foldReadResult(flowState: FlowState, purpose: ReadPurpose, result: ReadResult, now: string): void {
  foldChange(flowState, (rules, subject) => foldRead(rules, subject, purpose, result, now));
}

/**
 * The fold of any other change: a decision on a recurrence, whether it was confirmed, a judging, or what time alone has
 * changed.
 */
export function foldChange(flowState: FlowState, change: (rules: Rules, subject: Subject) => Change): void {
  take(flowState, change(flowState.rules, flowState.subject));
}

function take(flowState: FlowState, { subject, recovered, alerts }: Change): void {
  flowState.subject = subject;
  flowState.recovered += recovered;
  flowState.alerts = [...flowState.alerts, ...alerts];
  flowState.changes += 1;
}

/** The fold of an operator's change of the subject, with the action to keep; null where it was not asked for this flow alone. */
export function takeAction(flowState: FlowState, subject: Subject, action: FlowAction | null): void {
  take(flowState, { subject, recovered: 0, alerts: [] });
  if (action === null) return;
  flowState.deeds = withAction(flowState.deeds, action);
  flowState.unkeptActions = [...flowState.unkeptActions, action];
}

/** True while the row lacks an outcome, a count, or something an operator would see. */
export function hasUnwritten({ unwritten, recovered, alerts, writtenSubject, subject }: FlowState): boolean {
  const counts = recovered > 0 || alerts.length > 0;
  return unwritten.length > 0 || counts || looksDifferent(writtenSubject, subject);
}

/** All that was known at one moment of what a write holds. */
export type Snapshot = Pick<FlowState, 'subject' | 'unwritten' | 'recovered' | 'alerts'>;

/** The snapshot of a flow's state. */
export function snapshotOf({ subject, unwritten, recovered, alerts }: FlowState): Snapshot | null {
  return { subject, unwritten, recovered, alerts };
}

/** True when there is something to write that the snapshot does not hold; null: that the row does not hold. */
export function isAheadOf(flowState: FlowState, known: Snapshot | null): boolean {
  if (known === null) return hasUnwritten(flowState);
  const { unwritten, recovered, alerts, subject } = flowState;
  const counts = recovered > known.recovered || alerts.length > known.alerts.length;
  return unwritten.length > known.unwritten.length || counts || looksDifferent(known.subject, subject);
}

/** The answer of the query `knowledge`. */
export function knowledgeOf(flowState: FlowState): FlowKnowledge {
  return {
    version: flowState.version,
    folded: [...flowState.foldedDeliveries],
    unwritten: flowState.unwritten.map(({ notification }) => notification.deliveryId),
    isWriting: hasUnwritten(flowState),
  };
}

/** The answer of the query `status`. */
export function statusOf(flowState: FlowState): FlowStatus {
  const { state, waitingFor, since, dueAt, overdue, finding, findings, facts, recurrences, end } = flowState.subject;
  return {
    state,
    waitingFor,
    since,
    dueAt,
    overdue,
    finding,
    findings,
    ...(facts === undefined ? {} : { facts }),
    ...(recurrences === undefined ? {} : { recurrences }),
    end,
    ...(flowState.deeds.length === 0 ? {} : { deeds: flowState.deeds }),
    foldedDeliveries: flowState.foldedDeliveries.size,
    unwrittenOutcomes: flowState.unwritten.length,
  };
}
