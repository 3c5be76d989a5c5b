import { foldNews, foldRead } from '../src/domain/lifecycles/kinds';
import { type Change, changed, type Folded, newSubject, type Rules } from '../src/domain/lifecycles/rules';
import { tellExpectation } from '../src/domain/lifecycles/states/tell-expectation';
import { later } from '../src/domain/moments';
import type { Notification } from '../src/domain/notification';
import { withAction } from '../src/domain/operator';
import type { ReadResult } from '../src/domain/reading';
import type { AlertKind, Outcome, ReadPurpose, Subject } from '../src/domain/subject';
import { type FlowAction, looksDifferent, type SubjectWrite } from '../src/domain/subject-write';
import type { FlowInput, FlowKnowledge, FlowStatus } from './contract';
import { type Ways, waysOf } from './patches';

/** The outcome of a notification that the row does not hold yet. */
export interface UnwrittenOutcome {
  readonly notification: Notification;
  readonly outcome: Outcome;
}

/** A write whose result is not known yet, with what the flow knew then. */
export interface OpenWrite {
  readonly write: SubjectWrite;
  readonly subject: Subject;
  /** The number of the newest thing heard that it holds. */
  readonly heardUpTo: number;
}

/** A change of the subject that can be made again, on another row. */
export type SubjectChange = (rules: Rules, subject: Subject) => Change;

/**
 * One thing that the row does not hold yet: a notification, or any other change (a read, a decision, a judging, an
 * operator's). On a row that somebody else wrote meanwhile all of them are folded again.
 */
export type Heard = { readonly number: number } & (
  | { readonly kind: 'notification'; readonly notification: Notification; readonly isUnwritten: boolean }
  | { readonly kind: 'change'; readonly change: SubjectChange }
);

/** All that one flow keeps between two awaits. Changed by folds and writes alone, which never await. */
export interface FlowState {
  readonly goesNewWay: Ways;
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
  /** A write of this run was answered, if only by a row of another run, whose deliveries are not given up then. */
  hasWritten: boolean;
  /** The last write met a row of another run. */
  hasMetOther: boolean;
  /** Number of writes in a row that the database has refused for what they hold. */
  refusals: number;
  unwritten: readonly UnwrittenOutcome[];
  /** Heard since the last write that was taken, oldest first. */
  heard: readonly Heard[];
  /** Number of things heard; it numbers them. */
  heardCount: number;
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
  { key, stored, expectedWithinMs, expectation, ...input }: FlowInput,
  now: string,
): FlowState {
  const expectedBy = expectedWithinMs === undefined ? input.expectedBy : later(now, expectedWithinMs);
  const subject = stored?.subject ?? newSubject(rules, key.id, now, expectedBy);
  const told = expectation === undefined ? null : tellExpectation(rules, subject, expectation, now);
  return {
    goesNewWay: waysOf(input),
    rules,
    subject: told?.subject ?? subject,
    writtenSubject: stored?.subject ?? null,
    version: stored?.version ?? 0,
    writes: 0,
    openWrites: [],
    hasWritten: false,
    hasMetOther: false,
    refusals: 0,
    unwritten: [],
    heard: [],
    heardCount: 0,
    recovered: 0,
    alerts: told?.alerts ?? [],
    unkeptActions: input.unkeptActions ?? [],
    foldedDeliveries: new Set(input.foldedDeliveries),
    deeds: input.deeds ?? [],
    changes: 0,
  };
}

/** The fold of a notification; the same delivery again (dispatch crashed after its signal) changes nothing. */
export function foldSignal(flowState: FlowState, notification: Notification, now: string): void {
  if (flowState.foldedDeliveries.has(notification.deliveryId)) return;
  flowState.foldedDeliveries.add(notification.deliveryId);
  const { alreadyWritten } = foldNotification(flowState, notification, now);
  if (alreadyWritten === 'outcome and row') flowState.writtenSubject = flowState.subject;
}

function foldNotification(flowState: FlowState, notification: Notification, now: string): Folded {
  const folded = foldNews(flowState.rules, flowState.subject, notification, now);
  const { outcome, alreadyWritten, ...change } = folded;
  const isUnwritten = alreadyWritten === undefined;
  take(flowState, change);
  if (isUnwritten) flowState.unwritten = [...flowState.unwritten, { notification, outcome }];
  hear(flowState, { kind: 'notification', notification, isUnwritten });
  return folded;
}

/** The fold of what reading the object gave. */
export function foldReadResult(flowState: FlowState, purpose: ReadPurpose, result: ReadResult, now: string): void {
  foldChange(flowState, (rules, subject) => foldRead(rules, subject, purpose, result, now));
}

/**
 * The fold of any other change: a decision on a recurrence, whether it was confirmed, a judging, or what time alone has
 * changed.
 */
export function foldChange(flowState: FlowState, change: SubjectChange): void {
  take(flowState, change(flowState.rules, flowState.subject));
  hear(flowState, { kind: 'change', change });
}

/** The fold of what was heard before, on a row that somebody else wrote: nothing may be lost with the conflict. */
export function foldAgain(flowState: FlowState, heard: readonly Heard[], now: string): void {
  for (const one of heard) {
    if (one.kind === 'change') foldChange(flowState, one.change);
    else foldNotification(flowState, one.notification, now);
  }
}

/** The most changes kept that no row waits for; a flow that is read for months without a change would remember each read. */
const MOST_HEARD = 20;

type Unnumbered<T> = T extends unknown ? Omit<T, 'number'> : never;

function hear(flowState: FlowState, one: Unnumbered<Heard>): void {
  flowState.heardCount += 1;
  const heard = [...flowState.heard, { ...one, number: flowState.heardCount }];
  const surplus = heard.filter(isRenewable).slice(0, -MOST_HEARD);
  flowState.heard = surplus.length === 0 ? heard : heard.filter((each) => !surplus.includes(each));
}

/** True for what can be learned again: a read is repeated, and what dispatch wrote itself stands in the ledger. */
function isRenewable(one: Heard): boolean {
  return one.kind === 'change' || !one.isUnwritten;
}

function take(flowState: FlowState, { subject, recovered, alerts }: Change): void {
  flowState.subject = subject;
  flowState.recovered += recovered;
  flowState.alerts = [...flowState.alerts, ...alerts];
  flowState.changes += 1;
}

/** The fold of an operator's change of the subject, with the action to keep; null where it was not asked for this flow alone. */
export function takeAction(
  flowState: FlowState,
  change: (rules: Rules, subject: Subject) => Subject,
  action: FlowAction | null,
): void {
  // Taken again on a row that somebody else has ended it changes nothing.
  foldChange(flowState, (rules, subject) => changed(subject.end === null ? change(rules, subject) : subject));
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
