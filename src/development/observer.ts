import { setTimeout as delay } from 'node:timers/promises';

import { type Client, WorkflowNotFoundError } from '@temporalio/client';

import type { Partner } from '../domain/partner';
import type { Observer } from '../simulator/observer';
import type { DeliveryView, OperationsClient } from './operations-client';

/** Observer over the operations API and Temporal, each wait bounded. */
export function createObserver(
  operations: OperationsClient,
  temporal: Client,
  taskQueue: string,
  refuseSignals: Observer['refuseSignals'],
  patienceMs: number,
): Observer {
  return {
    swept: (partner, workflowId) => {
      const schedule = temporal.schedule.getHandle(sweepOf(taskQueue, partner));
      return until(() => isSwept(operations, () => schedule.trigger(), workflowId), patienceMs);
    },
    taken: (deliveryId) => until(async () => isTaken(await operations.delivery(deliveryId)), patienceMs),
    expect: (key) => operations.expect(key),
    refuseSignals,
    retry: async (deliveryId) => {
      await operations.retry(deliveryId);
      await until(async () => ((await operations.delivery(deliveryId))?.outcome ?? null) !== null, patienceMs);
    },
    owes: (workflowId, word) =>
      until(async () => (await operations.flow(workflowId))?.waitingFor.includes(word) === true, patienceMs),
    found: (workflowId, finding) =>
      until(
        async () => (await operations.flow(workflowId))?.findings.some((one) => one.finding === finding) === true,
        patienceMs,
      ),
    atRest: (workflowId) => until(() => isAtRest(temporal, workflowId), patienceMs),
  };
}

/** Id of the schedule that `ensureSweeps` makes. */
function sweepOf(taskQueue: string, partner: Partner): string {
  return `${taskQueue}-sweep-${partner}`;
}

const POLL_MS = 120;

/** Wait until a condition is true, bounded, so that a missing event shows as a difference from the script. */
async function until(isSo: () => Promise<boolean>, patienceMs: number): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo()) && Date.now() < endMs) await delay(POLL_MS);
}

/** Longest time for one sweep to bring something. */
const SWEEP_MS = 2_000;

/**
 * True when a sweep has brought something. The first may find our own deliveries still waiting for dispatch, so it is
 * repeated.
 */
async function isSwept(operations: OperationsClient, sweep: () => Promise<void>, workflowId: string): Promise<boolean> {
  const isKept = async (): Promise<boolean> => {
    const deliveries = await operations.deliveriesOf(workflowId);
    return deliveries.some((one) => one.source === 'sweep' && isTaken(one));
  };
  if (await isKept()) return true;
  await sweep();
  await until(isKept, SWEEP_MS);
  return isKept();
}

function isTaken(delivery: DeliveryView | null): boolean {
  if (delivery === null) return false;
  return delivery.outcome !== null || delivery.status === 'duplicate' || delivery.status === 'parked';
}

/** True when nothing of a flow runs at Temporal: neither an activity nor a step of its workflow. */
async function isAtRest(temporal: Client, workflowId: string): Promise<boolean> {
  try {
    const { raw } = await temporal.workflow.getHandle(workflowId).describe();
    return (raw.pendingActivities ?? []).length === 0 && (raw.pendingWorkflowTask ?? null) === null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
