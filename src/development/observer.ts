import { setTimeout as delay } from 'node:timers/promises';

import { type Client, WorkflowNotFoundError } from '@temporalio/client';

import type { Observer } from '../simulator/observer';
import type { DeliveryView, OperationsClient } from './operations-client';

const POLL_MS = 120;

/** Looks until it is so; gives up after a while, so that what never comes is seen as not as the script says. */
async function until(isSo: () => Promise<boolean>, patienceMs: number): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo()) && Date.now() < endMs) await delay(POLL_MS);
}

function isTaken(delivery: DeliveryView | null): boolean {
  if (delivery === null) return false;
  return delivery.outcome !== null || delivery.status === 'duplicate' || delivery.status === 'parked';
}

/** Nothing runs for it at Temporal: neither an activity nor a step of its workflow. */
async function isAtRest(temporal: Client, workflowId: string): Promise<boolean> {
  try {
    const { raw } = await temporal.workflow.getHandle(workflowId).describe();
    return (raw.pendingActivities ?? []).length === 0 && (raw.pendingWorkflowTask ?? null) === null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

/** An observer over the operations API and Temporal, each wait bounded. */
export function createObserver(operations: OperationsClient, temporal: Client, patienceMs: number): Observer {
  return {
    taken: (deliveryId) => until(async () => isTaken(await operations.delivery(deliveryId)), patienceMs),
    found: (workflowId, finding) =>
      until(
        async () => (await operations.flow(workflowId))?.findings.some((one) => one.finding === finding) === true,
        patienceMs,
      ),
    atRest: (workflowId) => until(() => isAtRest(temporal, workflowId), patienceMs),
  };
}
