import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Kysely } from 'kysely';

import {
  extendUpdate,
  FLOW_HAS_ENDED,
  type FlowStatus,
  type OperatorRequest,
  refetchUpdate,
  resolveUpdate,
} from '../../workflows/contract';
import { noteDeed, type OperatorDeed } from '../store/audit';
import type { Tables } from '../store/tables';

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

async function execute(client: Client, workflowId: string, action: OperatorAction): Promise<FlowStatus> {
  const handle = client.workflow.getHandle(workflowId);
  const { by, reason } = action;
  switch (action.kind) {
    case 'refetch':
      return handle.executeUpdate(refetchUpdate, { args: [{ by, reason }] });
    case 'extend':
      return handle.executeUpdate(extendUpdate, { args: [{ by, reason, seconds: action.seconds }] });
    case 'resolve':
      return handle.executeUpdate(resolveUpdate, { args: [{ by, reason, result: action.result }] });
  }
}

function deedOf(target: string, action: OperatorAction): OperatorDeed {
  const { kind, by, reason } = action;
  const details = {
    ...(action.kind === 'extend' ? { seconds: action.seconds } : {}),
    ...(action.kind === 'resolve' ? { result: action.result } : {}),
  };
  return { by, action: kind, target, reason, details };
}

/** Sends an operator's action to the running flow as an Update, and keeps who asked; answers within 10 s, also without a worker. */
export function createOperators(client: Client, database: Kysely<Tables>) {
  return async function operate(workflowId: string, action: OperatorAction): Promise<OperatorAnswer> {
    try {
      await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () => execute(client, workflowId, action));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'ended' };
      if (error instanceof WorkflowUpdateFailedError) {
        const detail = error.cause?.message ?? 'refused';
        return detail === FLOW_HAS_ENDED ? { kind: 'ended' } : { kind: 'refused', detail };
      }
      return { kind: 'no-worker' };
    }
    await noteDeed(database, deedOf(workflowId, action));
    return { kind: 'done' };
  };
}

const CHECKS_AT_ONCE = 10;
/** Leaves the database its part of the 5 s in which a balance is answered. */
const CHECK_TIMEOUT_MS = 2_500;

/** Which of the given workflows no longer run; `unknown` while Temporal is away. */
export function createRunningCheck(client: Client) {
  const isRunning = async (workflowId: string): Promise<boolean> => {
    try {
      return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
  return async function notRunning(workflowIds: readonly string[]): Promise<readonly string[] | 'unknown'> {
    const waiting = [...new Set(workflowIds)];
    const found: string[] = [];
    const worker = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) if (!(await isRunning(id))) found.push(id);
    };
    try {
      // The workers start inside: a call made outside has no deadline.
      await client.withDeadline(Date.now() + CHECK_TIMEOUT_MS, () =>
        Promise.all(Array.from({ length: CHECKS_AT_ONCE }, worker)),
      );
      return found;
    } catch {
      return 'unknown';
    }
  };
}
