import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Kysely } from 'kysely';
import { v4 as uuidv4 } from 'uuid';

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
import { recordAction, type RecordedAction } from '../store/audit';
import type { FlowRun, RunningCheck } from '../store/stats/balance';
import type { Tables } from '../store/schema/tables';

/** What an operator wants of a flow, and who wants it. */
export type OperatorAction = OperatorRequest &
  (
    | { readonly kind: 'refetch' }
    | { readonly kind: 'extend'; readonly seconds: number }
    | { readonly kind: 'resolve'; readonly result: 'done' | 'failed' }
  );

export type OperatorAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'no-worker' }
  | { readonly kind: 'refused'; readonly detail: string };

/** Below the 10 s that are promised: looking the flow up and answering take their part of it. */
const UPDATE_TIMEOUT_MS = 9_000;

/** `updateId`: an Update of the same id is done once, however often a request is repeated on its way. */
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

function deedOf(target: string, action: OperatorAction, requestId: string): RecordedAction {
  const { kind, by, reason } = action;
  const details = {
    ...(action.kind === 'extend' ? { seconds: action.seconds } : {}),
    ...(action.kind === 'resolve' ? { result: action.result } : {}),
  };
  return { by, action: kind, target, reason, details, requestId };
}

/** A name for a request: the same for the same key of the same caller, or one of its own. */
function updateIdOf({ by, kind }: OperatorAction, key: string | null): string {
  return OUR_UPDATES + (key === null ? uuidv4() : `${by}:${kind}:${key}`);
}

/**
 * Sends an operator's action to the running flow as an Update; answers within 10 s, also without a worker. `key`: what
 * the caller calls this request, so that one that is repeated because its answer was lost is done once; null for none.
 * The deed is kept here, where the answer came, and by the flow: an answer that came too late leaves no deed unseen.
 */
export function createOperators(client: Client, database: Kysely<Tables>) {
  return async function operate(
    workflowId: string,
    action: OperatorAction,
    key: string | null = null,
  ): Promise<OperatorAnswer> {
    const updateId = updateIdOf(action, key);
    try {
      await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () => execute(client, workflowId, action, updateId));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'ended' };
      if (error instanceof WorkflowUpdateFailedError) {
        const detail = error.cause?.message ?? 'refused';
        return detail === FLOW_HAS_ENDED ? { kind: 'ended' } : { kind: 'refused', detail };
      }
      return { kind: 'no-worker' };
    }
    await recordAction(database, deedOf(workflowId, action, updateId));
    return { kind: 'done' };
  };
}

const CHECKS_AT_ONCE = 10;
/** Leaves the database its part of the 5 s in which a balance is answered. */
const CHECK_TIMEOUT_MS = 2_500;

/** Which of the given runs are over; `unknown` while Temporal is away. */
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
