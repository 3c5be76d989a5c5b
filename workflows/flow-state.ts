import { foldNews, foldRead as foldReadOf } from '../src/domain/lifecycles/kinds';
import type { Notification } from '../src/domain/notification';
import { withAction } from '../src/domain/operator';
import { outcomesBetween } from '../src/domain/outgoing';
import type { ReadResult } from '../src/domain/reading';
import { type Change, newSubject, type Rules } from '../src/domain/lifecycles/rules';
import type { AlertKind, Outcome, ReadPurpose, Subject } from '../src/domain/subject';
import { type FlowAction, looksDifferent, type SubjectWrite, type WriteResult } from '../src/domain/subject-write';
import type { FlowInput, FlowKnowledge, FlowStatus } from './contract';

interface Unwritten {
  readonly notification: Notification;
  readonly outcome: Outcome;
}

/** What one flow remembers between two awaits. Changed by folding alone, which never awaits. */
export interface FlowState {
  rules: Rules;
  subject: Subject;
  /** The subject as the row shows it; null before the first write. */
  writtenSubject: Subject | null;
  version: number;
  writes: number;
  unwritten: readonly Unwritten[];
  recovered: number;
  alerts: readonly AlertKind[];
  /** What operators asked and the store has not kept yet; goes with the next activity and asks for none of its own. */
  unkeptActions: readonly FlowAction[];
  readonly foldedDeliveries: Set<string>;
  /** What operators asked last, for those who look at the flow. */
  deeds: readonly FlowAction[];
  /** Goes up with everything that comes in, so that a waiting flow wakes. */
  news: number;
}

/** A flow's memory at its start: the stored subject, or a new one. */
export function createFlowState(rules: Rules, input: FlowInput, now: string): FlowState {
  const subject = input.stored?.subject ?? newSubject(rules, input.key.id, now, input.expectedBy);
  return {
    rules,
    subject,
    writtenSubject: input.stored?.subject ?? null,
    version: input.stored?.version ?? 0,
    writes: 0,
    unwritten: [],
    recovered: 0,
    alerts: [],
    unkeptActions: [],
    foldedDeliveries: new Set(input.foldedDeliveries),
    deeds: input.deeds ?? [],
    news: 0,
  };
}

function take(memory: FlowState, change: Change): void {
  memory.subject = change.subject;
  memory.recovered += change.recovered;
  memory.alerts = [...memory.alerts, ...change.alerts];
  memory.news += 1;
}

/** Folds a notification; the same delivery again (dispatch crashed after its signal) changes nothing. */
export function foldSignal(memory: FlowState, notification: Notification, now: string): void {
  if (memory.foldedDeliveries.has(notification.deliveryId)) return;
  memory.foldedDeliveries.add(notification.deliveryId);
  const folded = foldNews(memory.rules, memory.subject, notification, now);
  take(memory, folded);
  const { outcome, alreadyWritten } = folded;
  if (alreadyWritten === undefined) memory.unwritten = [...memory.unwritten, { notification, outcome }];
  if (alreadyWritten === 'outcome and row') memory.writtenSubject = memory.subject;
}

/** Folds what reading the object gave. */
export function foldRead(memory: FlowState, purpose: ReadPurpose, result: ReadResult, now: string): void {
  take(memory, foldReadOf(memory.rules, memory.subject, purpose, result, now));
}

/** What was decided on a recurrence, what became of its confirmation, or what time alone has changed. */
export function foldChange(memory: FlowState, change: (rules: Rules, subject: Subject) => Change): void {
  take(memory, change(memory.rules, memory.subject));
}

/** An operator's change of the subject, and who asked for it; null for what is no deed of one flow. */
export function operate(memory: FlowState, subject: Subject, deed: FlowAction | null): void {
  take(memory, { subject, recovered: 0, alerts: [] });
  if (deed === null) return;
  memory.deeds = withAction(memory.deeds, deed);
  memory.unkeptActions = [...memory.unkeptActions, deed];
}

/** The store has kept the oldest of what operators asked. */
export function forgetActions(memory: FlowState, deeds: readonly FlowAction[] = []): void {
  memory.unkeptActions = memory.unkeptActions.slice(deeds.length);
}

/** True while the row lacks an outcome, a count, or something an operator would see. */
export function hasUnwritten(memory: FlowState): boolean {
  const counts = memory.recovered > 0 || memory.alerts.length > 0;
  return memory.unwritten.length > 0 || counts || looksDifferent(memory.writtenSubject, memory.subject);
}

/** The next write of the row. */
export function nextWrite(memory: FlowState, workflowId: string, runId: string): SubjectWrite {
  memory.writes += 1;
  const tells = outcomesBetween(memory.rules.table, memory.writtenSubject, memory.subject);
  return {
    workflowId,
    runId,
    writeId: `${runId}:${memory.writes}`,
    expectedVersion: memory.version,
    firstOfRun: memory.writes === 1,
    subject: memory.subject,
    outcomes: memory.unwritten.map(({ notification, outcome }) => ({
      deliveryId: notification.deliveryId,
      event: notification.event,
      outcome,
    })),
    recovered: memory.recovered,
    alerts: memory.alerts,
    ...(tells.length === 0 ? {} : { tells }),
    ...(memory.unkeptActions.length === 0 ? {} : { deeds: memory.unkeptActions }),
  };
}

function acknowledge(memory: FlowState, write: SubjectWrite, version: number): void {
  memory.version = version;
  memory.writtenSubject = write.subject;
  memory.unwritten = memory.unwritten.slice(write.outcomes.length);
  memory.recovered -= write.recovered;
  memory.alerts = memory.alerts.slice(write.alerts.length);
  forgetActions(memory, write.deeds);
}

/** Takes over a row somebody else wrote, and folds what is unwritten once more on top of it. */
function adopt(memory: FlowState, stored: Subject | null, version: number, now: string): void {
  const again = memory.unwritten;
  memory.version = version;
  memory.writtenSubject = stored;
  memory.subject = stored ?? memory.subject;
  memory.unwritten = [];
  memory.recovered = 0;
  memory.alerts = [];
  for (const { notification } of again) {
    memory.foldedDeliveries.delete(notification.deliveryId);
    foldSignal(memory, notification, now);
  }
}

/**
 * The row is behind what its own flow has written: the database was set back to an older state. What the flow knows is
 * newer, and nothing of it may go; it is written over the old row.
 */
function writeOver(memory: FlowState, stored: Subject | null, version: number): void {
  memory.version = version;
  memory.writtenSubject = stored;
}

/**
 * Takes in how writes went. `open` are the writes sent since the last answer, oldest first: one whose answer was
 * lost may still have been done, and is recognised by its id instead of being taken for somebody else's.
 */
export function takeWriteResult(
  memory: FlowState,
  open: readonly SubjectWrite[],
  result: WriteResult,
  now: string,
): void {
  const last = open.at(-1);
  if (result.kind === 'written') {
    if (last !== undefined) acknowledge(memory, last, result.version);
    return;
  }
  const ours = open.find((write) => write.writeId === result.writeId);
  const { subject = null, version = 0 } = result.stored ?? {};
  if (ours !== undefined && result.stored !== null) acknowledge(memory, ours, version);
  else if (version < memory.version) writeOver(memory, subject, version);
  else adopt(memory, subject, version, now);
}

/** Makes the next write show everything, also where nothing has changed since the last. */
export function forgetWritten(memory: FlowState): void {
  memory.writtenSubject = null;
  memory.news += 1;
}

/** What the query `knowledge` answers. */
export function knowledgeOf(memory: FlowState): FlowKnowledge {
  return {
    version: memory.version,
    folded: [...memory.foldedDeliveries],
    unwritten: memory.unwritten.map(({ notification }) => notification.deliveryId),
    isWriting: hasUnwritten(memory),
  };
}

/** What the query `status` answers. */
export function statusOf(memory: FlowState): FlowStatus {
  const { state, waitingFor, since, dueAt, overdue, finding, findings, facts, recurrences, end } = memory.subject;
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
    ...(memory.deeds.length === 0 ? {} : { deeds: memory.deeds }),
    foldedDeliveries: memory.foldedDeliveries.size,
    unwrittenOutcomes: memory.unwritten.length,
  };
}
