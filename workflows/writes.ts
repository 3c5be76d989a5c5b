import { workflowInfo } from '@temporalio/workflow';

import { outcomesBetween } from '../src/domain/outgoing';
import type { Subject } from '../src/domain/subject';
import type { FlowAction, SubjectWrite, WriteResult } from '../src/domain/subject-write';
import { type FlowState, foldAgain, type Heard, type OpenWrite } from './flow-state';
import { rowSubject } from './refused-writes';

/** The run that writes. */
type RunAddress = Pick<SubjectWrite, 'workflowId' | 'runId'>;

/**
 * The beginning of a write of the row: it holds everything that is unwritten, and is open until the result of this or a
 * later write is taken.
 */
export function prepareWrite(flowState: FlowState, { workflowId, runId }: RunAddress = workflowInfo()): SubjectWrite {
  const { rules, subject, writtenSubject, unkeptActions } = flowState;
  flowState.writes += 1;
  const outcomes = outcomesBetween(rules.table, writtenSubject, subject);
  const heard = flowState.goesNewWay('local-writes') ? flowState.heardCount : undefined;
  const write: SubjectWrite = {
    workflowId,
    runId,
    writeId: [runId, flowState.writes, ...(heard === undefined ? [] : [heard])].join(':'),
    ...(heard === undefined ? {} : { heard }),
    expectedVersion: flowState.version,
    // Until one is answered: the first may have ridden in a read that never began.
    firstOfRun: !flowState.hasWritten,
    subject: rowSubject(flowState),
    outcomes: flowState.unwritten.map(({ notification, outcome }) => ({
      deliveryId: notification.deliveryId,
      event: notification.event,
      outcome,
    })),
    recovered: flowState.recovered,
    alerts: flowState.alerts,
    ...(outcomes.length === 0 ? {} : { tells: outcomes }),
    ...(unkeptActions.length === 0 ? {} : { deeds: unkeptActions }),
  };
  flowState.openWrites = [...flowState.openWrites, { write, subject, heardUpTo: flowState.heardCount }];
  return write;
}

/**
 * The end of all open writes, by the result of the last one. One whose answer was lost may still have been done: it is
 * recognised by its id instead of being taken for somebody else's.
 */
export function takeWriteResult(flowState: FlowState, result: WriteResult, now: string): void {
  const { openWrites } = flowState;
  flowState.openWrites = [];
  flowState.hasWritten = true;
  flowState.refusals = 0;
  flowState.hasMetOther = result.kind === 'conflict';
  if (result.kind === 'written') {
    const last = openWrites.at(-1);
    if (last !== undefined) acknowledge(flowState, last, result.version);
    return;
  }
  const lost = openWrites.find(({ write }) => write.writeId === result.writeId);
  const { subject = null, version = 0 } = result.stored ?? {};
  if (lost !== undefined && result.stored !== null) acknowledge(flowState, lost, version);
  else if (version < flowState.version) writeOver(flowState, subject, version);
  else adopt(flowState, subject, version, now);
}

function acknowledge(flowState: FlowState, { write, subject, heardUpTo }: OpenWrite, version: number): void {
  flowState.version = version;
  flowState.writtenSubject = subject;
  flowState.unwritten = flowState.unwritten.slice(write.outcomes.length);
  flowState.heard = flowState.heard.filter(({ number }) => number > heardUpTo);
  flowState.recovered -= write.recovered;
  flowState.alerts = flowState.alerts.slice(write.alerts.length);
  forgetActions(flowState, write.deeds);
}

/** Removal of operator actions that the store has kept; a write beside a read may have removed some before. */
export function forgetActions(flowState: FlowState, kept: readonly FlowAction[] = []): void {
  flowState.unkeptActions = flowState.unkeptActions.filter(
    ({ requestId }) => !kept.some((one) => one.requestId === requestId),
  );
}

/**
 * The row is behind what its own flow has written: the database was set back to an older state. What the flow knows is
 * newer, and nothing of it may go; it is written over the old row.
 */
function writeOver(flowState: FlowState, stored: Subject | null, version: number): void {
  flowState.version = version;
  flowState.writtenSubject = stored;
}

/** Takes over a row somebody else wrote, and folds what it does not hold once more on top of it. */
function adopt(flowState: FlowState, stored: Subject | null, version: number, now: string): void {
  const { heard, rules } = flowState;
  flowState.version = version;
  flowState.writtenSubject = stored;
  flowState.subject = stored ?? flowState.subject;
  flowState.unwritten = [];
  flowState.heard = [];
  flowState.recovered = 0;
  flowState.alerts = [];
  const isForgetful = rules.goesNewWay?.('conflict-folds-all-again') === false;
  foldAgain(flowState, isForgetful ? heard.filter(isUnwrittenNotification) : heard, now);
}

function isUnwrittenNotification(one: Heard): boolean {
  return one.kind === 'notification' && one.isUnwritten;
}

/** Reset of the written subject: the next write shows everything, also where nothing has changed since the last. */
export function forgetWritten(flowState: FlowState): void {
  flowState.writtenSubject = null;
  flowState.changes += 1;
}
