import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { rootCause } from '@temporalio/common';
import type { Kysely } from 'kysely';
import { v4 as uuidv4, v5 as uuidv5 } from 'uuid';

import {
  actOnSetsUpdate,
  type ActResult,
  extendSetUpdate,
  refetchSetUpdate,
  resolveSetUpdate,
} from '../../workflows/action-contract';
import {
  extendUpdate,
  FLOW_HAS_ENDED,
  type FlowStatus,
  type OperatorRequest,
  OUR_UPDATES,
  refetchUpdate,
  resolveUpdate,
} from '../../workflows/contract';
import { mapConcurrently } from '../lib/concurrency';
import { actResults, type FollowedSet, followedSets, storeActs } from '../store/corporate-actions/asked-acts';
import { recordAction, type RecordedAction } from '../store/audit';
import { isCrowded, updateInTime } from '../temporal/updates';
import type { FlowRun, RunningCheck } from '../store/stats/balance';
import type { StoredActResult } from '../store/schema/ledger-tables';
import type { Tables } from '../store/schema/tables';

/** An action on a flow, without who asks for it and why. */
export type FlowAction =
  | { readonly kind: 'refetch' }
  | { readonly kind: 'extend'; readonly seconds: number }
  | { readonly kind: 'resolve'; readonly result: 'done' | 'failed' };

/** An action on a flow with the operator who asks for it, and the reason. */
export type OperatorAction = OperatorRequest & FlowAction;

/** The result of an action on a flow: done, or why not. */
export type ActionResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'ended' }
  | NoWorker
  | { readonly kind: 'refused'; readonly detail: string };

/** No answer in time; `isCrowded` where so many actions on it were under way that this one never had its turn. */
interface NoWorker {
  readonly kind: 'no-worker';
  readonly isCrowded?: true;
}

/** A function that sends an action to a running flow. `key`: the caller's own name for the request, null for none. */
export type Operate = (workflowId: string, action: OperatorAction, key?: string | null) => Promise<ActionResult>;

/** A function that sends one action to many flows; null for a flow that was left out because no worker answers. */
export type OperateMany = (
  workflowIds: readonly string[],
  action: OperatorAction,
  key?: string | null,
) => Promise<readonly (ActionResult | null)[]>;

/**
 * Actions on many flows: each is sent one, except that all sets of one corporate action are acted on by a single Update,
 * which names acts that were stored before.
 */
export function createManyOperators(client: Client, database: Kysely<Tables>): OperateMany {
  const operate = createOperators(client, database);
  return async function operateMany(workflowIds, action, key = null) {
    const sets = await followedSets(database, workflowIds);
    const groups = [...groupByFlow([...sets.values()])].filter(({ length }) => length > 1);
    const results = new Map<string, ActionResult>();
    for (const group of groups) {
      for (const [id, result] of await actOnGroup(client, database, { group, action, key })) results.set(id, result);
    }
    const single = workflowIds.filter((id) => !results.has(id));
    const others = await oneByOne(operate)(single, action, key);
    const otherOf = new Map(single.map((id, index) => [id, others[index] ?? null]));
    return workflowIds.map((id) => results.get(id) ?? otherOf.get(id) ?? null);
  };
}

/** Actions on many flows, each sent one by itself. */
export function oneByOne(operate: Operate): OperateMany {
  const isUnanswered = (result: ActionResult): boolean => result.kind === 'no-worker' && result.isCrowded !== true;
  return (workflowIds, action, key = null) =>
    actOnEach(workflowIds, (id) => operate(id, action, key), { isUnanswered });
}

function groupByFlow(sets: readonly FollowedSet[]): Iterable<readonly FollowedSet[]> {
  const groups = new Map<string, FollowedSet[]>();
  for (const set of sets) groups.set(set.followedIn, [...(groups.get(set.followedIn) ?? []), set]);
  return groups.values();
}

interface GroupAct {
  readonly group: readonly FollowedSet[];
  readonly action: OperatorAction;
  readonly key: string | null;
}

/** The results of one action on many sets of a corporate action, by workflow id. */
async function actOnGroup(
  client: Client,
  database: Kysely<Tables>,
  { group, action, key }: GroupAct,
): Promise<ReadonlyMap<string, ActionResult>> {
  const [first] = group;
  if (first === undefined) return new Map();
  const updateId = `${updateIdOf(action, key)}:${first.followedIn}`;
  const request = uuidv5(updateId, REQUESTS);
  const at = new Date().toISOString();
  await storeActs(database, request, group, ({ userId }) => ({
    ...recordedActionOf(userId, action, `${updateId}:${userId}`),
    ...{ requestId: `${updateId}:${userId}`, at, reason: action.reason },
  }));
  const handle = client.workflow.getHandle(first.followedIn);
  let failure: ActionResult = { kind: 'no-worker' };
  try {
    await updateInTime(client, () => handle.executeUpdate(actOnSetsUpdate, { updateId, args: [{ request }] }));
  } catch (error) {
    failure = resultOfFailure(error);
  }
  const results = await actResults(database, request);
  return new Map(
    group.map(({ workflowId, userId }) => {
      return [workflowId, storedResult(results.get(userId)) ?? failure];
    }),
  );
}

function storedResult(result: StoredActResult | undefined): ActionResult | undefined {
  if (result !== 'refused') return result === undefined ? undefined : { kind: result };
  return { kind: 'refused', detail: 'the database refused what was to be written' };
}

/** Namespace of the ids of stored requests: the same request again is recognised by it. */
const REQUESTS = '4d1c4f0e-3c64-4a55-9a0d-0f7d2b6c9f31';

/**
 * Actions on flows, each sent as an Update; the result comes within 10 s, also without a worker. A request of the same
 * `key` is done once, so that one whose response was lost may be repeated. The action is recorded here and by the flow:
 * one whose result comes too late is recorded all the same.
 */
export function createOperators(client: Client, database: Kysely<Tables>): Operate {
  return async function operate(workflowId, action, key = null) {
    const updateId = updateIdOf(action, key);
    const set = (await followedSets(database, [workflowId])).get(workflowId);
    if (set?.open === false) return { kind: 'ended' };
    try {
      await updateInTime<unknown>(client, () =>
        set === undefined
          ? execute(client, workflowId, action, updateId)
          : executeOnSet(client, set, action, `${updateId}${key === null ? '' : `:${set.userId}`}`),
      );
    } catch (error) {
      return resultOfFailure(error);
    }
    // The flow of a corporate action records what it does with the row.
    if (set !== undefined) return { kind: 'done' };
    await recordAction(database, recordedActionOf(workflowId, action, updateId));
    return { kind: 'done' };
  };
}

/** The same id for the same key of the same caller: Temporal executes an Update of one id once. */
function updateIdOf({ by, kind }: OperatorAction, key: string | null): string {
  return OUR_UPDATES + (key === null ? uuidv4() : `${by}:${kind}:${key}`);
}

async function execute(
  client: Client,
  workflowId: string,
  action: OperatorAction,
  updateId: string,
): Promise<FlowStatus> {
  const handle = client.workflow.getHandle(workflowId);
  const { by, reason } = action;
  switch (action.kind) {
    case 'refetch':
      return handle.executeUpdate(refetchUpdate, { updateId, args: [{ by, reason }] });
    case 'extend':
      return handle.executeUpdate(extendUpdate, { updateId, args: [{ by, reason, seconds: action.seconds }] });
    case 'resolve':
      return handle.executeUpdate(resolveUpdate, { updateId, args: [{ by, reason, result: action.result }] });
  }
}

/** An act on one set goes to the flow that follows its corporate action. */
function executeOnSet(client: Client, set: FollowedSet, action: OperatorAction, updateId: string): Promise<ActResult> {
  const handle = client.workflow.getHandle(set.followedIn);
  const { by, reason } = action;
  const request = { by, reason, userId: set.userId };
  switch (action.kind) {
    case 'refetch':
      return handle.executeUpdate(refetchSetUpdate, { updateId, args: [request] });
    case 'extend':
      return handle.executeUpdate(extendSetUpdate, { updateId, args: [{ ...request, seconds: action.seconds }] });
    case 'resolve':
      return handle.executeUpdate(resolveSetUpdate, { updateId, args: [{ ...request, result: action.result }] });
  }
}

function resultOfFailure(error: unknown): ActionResult {
  if (error instanceof WorkflowNotFoundError) return { kind: 'ended' };
  if (isCrowded(error)) return { kind: 'no-worker', isCrowded: true };
  if (!(error instanceof WorkflowUpdateFailedError)) return { kind: 'no-worker' };
  const detail = rootCause(error.cause) ?? 'refused';
  return detail === FLOW_HAS_ENDED ? { kind: 'ended' } : { kind: 'refused', detail };
}

function recordedActionOf(target: string, action: OperatorAction, requestId: string): RecordedAction {
  const { kind, by, reason } = action;
  const details = {
    ...(action.kind === 'extend' ? { seconds: action.seconds } : {}),
    ...(action.kind === 'resolve' ? { result: action.result } : {}),
  };
  return { by, action: kind, target, reason, details, requestId };
}

interface ManyFlowsOptions<Result> {
  readonly concurrency?: number;
  readonly isUnanswered?: (result: Result) => boolean;
}

/**
 * Results of an action on many flows, a few at a time, in the order of the flows; null for a flow that was left out.
 * Once one result is unanswered the rest is left out: where no worker runs, each would wait as long.
 */
export async function actOnEach<Result>(
  workflowIds: readonly string[],
  act: (workflowId: string) => Promise<Result>,
  { concurrency = 8, isUnanswered = () => false }: ManyFlowsOptions<Result> = {},
): Promise<readonly (Result | null)[]> {
  let hasWorker = true;
  return mapConcurrently(workflowIds, concurrency, async (workflowId) => {
    if (!hasWorker) return null;
    const result = await act(workflowId);
    if (isUnanswered(result)) hasWorker = false;
    return result;
  });
}

const CHECKS_AT_ONCE = 10;
/** Leaves the database its part of the 5 s in which a balance is shown. */
const CHECK_TIMEOUT_MS = 2_500;

/** A check for runs that are over; `unknown` while Temporal is away. */
export function createRunningCheck(client: Client): RunningCheck {
  const isRunning = async ({ workflowId, runId }: FlowRun): Promise<boolean> => {
    try {
      const { status } = await client.workflow.getHandle(workflowId, runId ?? undefined).describe();
      return status.name === 'RUNNING' || status.name === 'PAUSED';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
  return async function notRunning(runs) {
    try {
      const running = await client.withDeadline(Date.now() + CHECK_TIMEOUT_MS, () =>
        mapConcurrently(runs, CHECKS_AT_ONCE, isRunning),
      );
      return runs.filter((_, index) => running[index] === false);
    } catch {
      return 'unknown';
    }
  };
}
