import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import type { LifecycleTable } from '../src/domain/lifecycles/table';
import { nextStep } from '../src/domain/lifecycles/kinds';
import { passTime } from '../src/domain/lifecycles/savings-plan/plan';
import type { ReadPurpose, Subject } from '../src/domain/subject';
import type { SubjectWrite } from '../src/domain/subject-write';
import { lifecycleTableOf } from './lifecycle-tables';
import { type FlowTimer, createFlowTimer } from './timer';
import { failureTypeOf } from './failure-type';
import {
  type FlowInput,
  type FlowStatus,
  knowledgeQuery,
  notificationSignal,
  type ReadActivities,
  type ReadAnswer,
  readTaskQueue,
  statusQuery,
  type StoreActivities,
} from './contract';
import {
  createFlowState,
  foldChange,
  foldRead,
  foldSignal,
  forgetActions,
  hasUnwritten,
  knowledgeOf,
  type FlowState,
  nextWrite,
  statusOf,
  takeWriteResult,
} from './flow-state';
import { acceptOperators } from './operators';
import { judge } from './judging';
import { handleRecurrence } from './recurrences';
import { createUiDetails, type UiDetails, timerSummary } from './ui-details';

interface Flow {
  readonly input: FlowInput;
  readonly table: LifecycleTable;
  readonly memory: FlowState;
  readonly timer: FlowTimer;
  readonly uiDetails: UiDetails;
  /** Writes sent since the last answer of one. */
  openWrites: readonly SubjectWrite[];
}

const now = (): string => new Date().toISOString();

/** The database may be away for hours: writing is tried until it is there. */
const store = proxyActivities<StoreActivities>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
  summary: 'write what is known',
});

/**
 * How often a partner is asked is decided in the activity, which alone can tell a partner's failure from ours. It has to
 * last longer than two reads that hang, of the object and of one it names, or its tries would never be counted.
 */
function reader(flow: Flow, purpose: ReadPurpose): ReadActivities {
  return proxyActivities<ReadActivities>({
    taskQueue: readTaskQueue(workflowInfo().taskQueue, flow.input.key.partner),
    startToCloseTimeout: '40s',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    summary: `read the ${flow.table.title} (${purpose})`,
  });
}

function createFlow(input: FlowInput): Flow {
  const table = lifecycleTableOf(input.key.partner, input.key.object);
  if (table === undefined) throw new Error(`no lifecycle for ${input.key.partner}:${input.key.object}`);
  const memory = createFlowState({ table, policy: input.policy }, input, now());
  return { input, table, memory, timer: createFlowTimer(), uiDetails: createUiDetails(table.title), openWrites: [] };
}

function prepareWrite(flow: Flow): SubjectWrite {
  const { workflowId, runId } = workflowInfo();
  const write = nextWrite(flow.memory, workflowId, runId);
  flow.openWrites = [...flow.openWrites, write];
  return write;
}

async function writeRow(flow: Flow): Promise<void> {
  const write = prepareWrite(flow);
  const result = await store.writeSubject(write);
  takeWriteResult(flow.memory, flow.openWrites, result, now());
  flow.openWrites = [];
}

/** Takes in what a read's own write met; a read that was not answered leaves its write open, done or not. */
function takeReadWrite(flow: Flow, answer: ReadAnswer): void {
  if (answer.write === null) return;
  takeWriteResult(flow.memory, flow.openWrites, answer.write, now());
  flow.openWrites = [];
}

/** The named objects that no read has shown yet. */
function unreadOf({ named = {} }: Subject): readonly string[] {
  return Object.keys(named).filter((word) => named[word] === null);
}

async function readObject(flow: Flow, purpose: ReadPurpose): Promise<void> {
  if (!flow.table.readable) {
    const reading = { kind: 'unreachable', cause: 'no read is offered' } as const;
    foldRead(flow.memory, purpose, { reading, backlog: false }, now());
    return;
  }
  const write = hasUnwritten(flow.memory) ? prepareWrite(flow) : null;
  const { key } = flow.input;
  const { subject, unkeptActions } = flow.memory;
  const request = {
    key,
    workflowId: workflowInfo().workflowId,
    purpose,
    readHints: subject.readHints,
    write,
    ...(write === null && unkeptActions.length > 0 ? { deeds: unkeptActions } : {}),
    ...(flow.table.readsOnlyNamed === true ? { named: unreadOf(subject) } : {}),
  };
  try {
    const answer = await reader(flow, purpose).readObject(request);
    takeReadWrite(flow, answer);
    forgetActions(flow.memory, request.deeds);
    if (answer.result !== null) foldRead(flow.memory, purpose, answer.result, now());
  } catch (error) {
    if (isCancellation(error)) throw error;
    foldRead(
      flow.memory,
      purpose,
      { reading: { kind: 'unreachable', cause: failureTypeOf(error) }, backlog: false },
      now(),
    );
  }
}

/** Looks at what a set's verdict rests on, our own ledger, or at the object where it lives, at the partner. */
async function refresh(flow: Flow, purpose: ReadPurpose): Promise<void> {
  if (flow.table.lifecycle === 'corporateAction') return judge(flow.memory, flow.input.key, now);
  return readObject(flow, purpose);
}

async function waitForNews(flow: Flow, until: string | null): Promise<void> {
  const { memory, timer } = flow;
  timer.arm(until, timerSummary(memory.subject));
  const before = memory.news;
  await condition(() => memory.news !== before || timer.hasRung());
  timer.takeRing();
}

function nextInput(flow: Flow): FlowInput {
  const { memory, input } = flow;
  const stored = { subject: memory.subject, version: memory.version };
  return {
    ...input,
    policy: memory.rules.policy,
    stored,
    expectedBy: null,
    foldedDeliveries: [...memory.foldedDeliveries],
    ...(memory.deeds.length === 0 ? {} : { deeds: memory.deeds }),
  };
}

/** True once nothing is left to say: checked and returned on in one synchronous step, or a signal's outcome would be lost. */
function isComplete(flow: Flow): boolean {
  return flow.memory.subject.end !== null && !hasUnwritten(flow.memory) && allHandlersFinished();
}

async function advance(flow: Flow): Promise<void> {
  const { memory } = flow;
  const step = nextStep(memory.rules, memory.subject, now());
  if (step.kind === 'pass time') {
    foldChange(memory, (rules, subject) => passTime(rules, subject, now()));
    return;
  }
  if (step.kind === 'read') return refresh(flow, step.purpose);
  if (hasUnwritten(memory)) return writeRow(flow);
  if (step.kind === 'handle recurrence') return handleRecurrence(memory, flow.input.key, step.recurrence, now);
  if (step.kind === 'finish') {
    await condition(() => allHandlersFinished() || hasUnwritten(memory));
    return;
  }
  if (workflowInfo().continueAsNewSuggested)
    await continueAsNew<(input: FlowInput) => Promise<FlowStatus>>(nextInput(flow));
  return waitForNews(flow, step.until);
}

/** Listens before the first await, so that no signal of the starting request is missed. */
function listen(flow: Flow): void {
  const { memory } = flow;
  setHandler(
    notificationSignal,
    (notification) => {
      foldSignal(memory, notification, now());
    },
    { description: 'one notification of the partner, by its delivery; sent by dispatch' },
  );
  setHandler(statusQuery, () => statusOf(memory), {
    description: 'state, what is owed, since when and by when, findings, what operators did',
  });
  setHandler(knowledgeQuery, () => knowledgeOf(memory), {
    description: 'the version of the row it knows, and the deliveries it has folded',
  });
  setDefaultSignalHandler((name) => {
    flow.uiDetails.warn(`a signal of the unknown name ${name} came and was ignored`);
  });
  acceptOperators(memory, now);
}

async function follow(flow: Flow): Promise<void> {
  while (!isComplete(flow)) {
    flow.uiDetails.show(flow.memory.subject, flow.memory.deeds);
    await advance(flow);
  }
}

/**
 * Somebody cancelled the flow from outside. It ends as cancelled, and not before what it has folded is written: the
 * outcomes of its deliveries would be lost, and `reconcile` starts it again from its row.
 */
async function leaveCancelled(flow: Flow, request: unknown): Promise<never> {
  while (hasUnwritten(flow.memory)) await CancellationScope.nonCancellable(() => writeRow(flow));
  throw request;
}

/** A subject followed to its end: fold what comes, write what is known, read what is due, wait for the rest. */
export async function followSubject(input: FlowInput): Promise<FlowStatus> {
  const flow = createFlow(input);
  listen(flow);
  try {
    await follow(flow);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await leaveCancelled(flow, error);
  }
  flow.uiDetails.show(flow.memory.subject, flow.memory.deeds);
  return statusOf(flow.memory);
}
