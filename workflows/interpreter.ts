import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import { kindOf, nextStep } from '../src/domain/lifecycles/kinds';
import { changed } from '../src/domain/lifecycles/rules';
import { passTime } from '../src/domain/lifecycles/savings-plan/plan';
import { spreadRead } from '../src/domain/lifecycles/spread';
import type { LifecycleTable } from '../src/domain/lifecycles/table';
import type { ReadPurpose, Subject } from '../src/domain/subject';
import { readsAt } from './activities';
import {
  type FlowInput,
  type FlowStatus,
  knowledgeQuery,
  notificationSignal,
  type ReadRequest,
  statusQuery,
} from './contract';
import { failureTypeOf, spreadOf } from './failure-type';
import {
  createFlowState,
  type FlowState,
  foldChange,
  foldReadResult,
  foldSignal,
  hasUnwritten,
  knowledgeOf,
  statusOf,
} from './flow-state';
import { judge } from './judging';
import { lifecycleTableOf } from './lifecycle-tables';
import { meanwhile, wasNotBegun } from './meanwhile';
import { continueInNewRun, isBusyTooLong } from './next-run';
import { acceptOperators } from './operators';
import { isRefusal, takeRefusal } from './refused-writes';
import { handleRecurrence } from './recurrences';
import { rulesOfFlow } from './flow-rules';
import { createFlowTimer, type FlowTimer, now } from './timer';
import { createUiDetails, type UiDetails } from './ui-details';
import { timerSummary } from './ui-text';
import { writeRow } from './write-row';
import { forgetActions, prepareWrite, takeWriteResult } from './writes';

interface Flow {
  readonly input: FlowInput;
  readonly table: LifecycleTable;
  readonly state: FlowState;
  readonly timer: FlowTimer;
  readonly uiDetails: UiDetails;
}

/** A subject followed to its end: fold what comes, read what is due, write what is known, wait for the rest. */
export async function followSubject(input: FlowInput): Promise<FlowStatus> {
  const flow = start(input);
  try {
    await follow(flow);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await leaveCancelled(flow, error);
  }
  showInUi(flow);
  return statusOf(flow.state);
}

/** Registers every handler before the first await, so that no signal of the starting request is missed. */
function start(input: FlowInput): Flow {
  const { partner, object } = input.key;
  const table = lifecycleTableOf(partner, object);
  if (table === undefined) throw new Error(`no lifecycle for ${partner}:${object}`);
  const state = createFlowState(rulesOfFlow(table, input), input, now());
  const uiDetails = createUiDetails(table.title);
  acceptSignalsAndQueries(state, uiDetails);
  acceptOperators(state);
  return { input, table, state, timer: createFlowTimer(), uiDetails };
}

async function follow(flow: Flow): Promise<void> {
  while (!isComplete(flow.state)) {
    showInUi(flow);
    await advance(flow);
  }
}

/** True once nothing is left to write: checked and returned on in one synchronous step, or a signal's outcome would be lost. */
function isComplete(state: FlowState): boolean {
  return state.subject.end !== null && !hasUnwritten(state) && allHandlersFinished();
}

function showInUi({ uiDetails, state }: Flow): void {
  uiDetails.show(state.subject, state.deeds);
}

/** One step. What is known is written before a flow acts on it or waits, so that the row never shows less than was done. */
async function advance(flow: Flow): Promise<void> {
  const { state } = flow;
  const step = nextStep(state.rules, state.subject, now());
  if (step.kind === 'pass time') {
    foldChange(state, (rules, subject) => passTime(rules, subject, now()));
    return;
  }
  if (isBusyTooLong(state, step)) return hasUnwritten(state) ? writeRow(flow) : continueInNewRun(flow);
  // A read comes before a write: it takes the write along, and one activity does both. What it shows is often the next write.
  if (step.kind === 'read') return refresh(flow, step.purpose);
  if (hasUnwritten(state)) return writeRow(flow);
  if (step.kind === 'handle recurrence') return handleRecurrence(state, flow.input.key, step.recurrence);
  if (step.kind === 'finish') return condition(() => allHandlersFinished() || hasUnwritten(state));
  return waitUntil(flow, step.until);
}

/** Reads what the subject rests on: the object at its partner, or the set in our own ledger. */
async function refresh(flow: Flow, purpose: ReadPurpose): Promise<void> {
  const kind = kindOf(flow.table.lifecycle);
  switch (kind.readsFrom) {
    case 'partner':
      return flow.table.readable ? readObject(flow, purpose) : foldUnreachable(flow, purpose, 'no read is offered');
    case 'ledger':
      return judge(flow.state, kind, flow.input.key);
  }
}

async function readObject(flow: Flow, purpose: ReadPurpose): Promise<void> {
  const { state } = flow;
  const request = requestRead(flow, purpose);
  const askedAt = now();
  const asked = readsAt(state.rules, purpose, request.write !== null).readObject(request);
  try {
    const { write, result } = await meanwhile(state, asked, (one) => handleRecurrence(state, flow.input.key, one));
    // One that went without the read, meanwhile, has said already what became of this one.
    if (write !== null && state.openWrites.some((open) => open.write === request.write))
      takeWriteResult(state, write, now());
    forgetActions(state, request.deeds);
    if (result !== null) foldReadResult(state, purpose, { ...result, askedAt }, now());
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (wasNotBegun(state, error)) return writeRow(flow);
    // Nothing was read: it is read once the row is written without what was refused.
    if (isRefusal(error)) return takeRefusal(state, request.write, error);
    // Its write stays open: it may have been done before the read failed.
    foldUnreachable(flow, purpose, failureTypeOf(error), spreadOf(error));
  }
}

function requestRead({ state, table, input }: Flow, purpose: ReadPurpose): ReadRequest {
  const write = hasUnwritten(state) ? prepareWrite(state) : null;
  const { subject, unkeptActions } = state;
  return {
    key: input.key,
    workflowId: workflowInfo().workflowId,
    purpose,
    readHints: subject.readHints,
    write,
    ...(write === null && unkeptActions.length > 0 ? { deeds: unkeptActions } : {}),
    ...(table.readsOnlyNamed === true ? { named: unreadOf(subject) } : {}),
  };
}

/** The related objects that no read has shown yet. */
function unreadOf({ named = {} }: Subject): readonly string[] {
  return Object.keys(named).filter((name) => named[name] === null);
}

function foldUnreachable({ state }: Flow, purpose: ReadPurpose, cause: string, spread = 0): void {
  foldReadResult(state, purpose, { reading: { kind: 'unreachable', cause }, backlog: false }, now());
  if (spread > 0) foldChange(state, (_rules, subject) => changed(spreadRead(subject, spread, now())));
}

async function waitUntil(flow: Flow, until: string | null): Promise<void> {
  if (workflowInfo().continueAsNewSuggested) await continueInNewRun(flow);
  const { state, timer } = flow;
  timer.arm(until, timerSummary(state.subject));
  const before = state.changes;
  await condition(() => state.changes !== before || timer.hasFired());
  timer.reset();
}

function acceptSignalsAndQueries(state: FlowState, uiDetails: UiDetails): void {
  setHandler(
    notificationSignal,
    (notification) => {
      foldSignal(state, notification, now());
    },
    { description: 'one notification of the partner, by its delivery; sent by dispatch' },
  );
  setHandler(statusQuery, () => statusOf(state), {
    description: 'state, what is owed, since when and by when, findings, what operators did',
  });
  setHandler(knowledgeQuery, () => knowledgeOf(state), {
    description: 'the version of the row it knows, and the deliveries it has folded',
  });
  setDefaultSignalHandler((name) => {
    uiDetails.warn(`a signal of the unknown name ${name} came and was ignored`);
  });
}

/**
 * Somebody cancelled the flow from outside. It ends as cancelled, and not before what it has folded is written: the
 * outcomes of its deliveries would be lost, and `reconcile` starts it again from its row.
 */
async function leaveCancelled(flow: Flow, request: unknown): Promise<never> {
  while (hasUnwritten(flow.state)) await CancellationScope.nonCancellable(() => writeRow(flow));
  throw request;
}
