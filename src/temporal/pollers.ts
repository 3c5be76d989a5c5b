import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

import type { Partner } from '../domain/partner';
import { readTaskQueue } from '../../workflows/contract';

/** The number of workers that poll for the tasks of one kind on one queue. */
export interface Pollers {
  /** `main`, or the partner whose reads are on it. */
  readonly queue: string;
  readonly kind: 'workflow' | 'activity';
  readonly count: number;
}

const { TaskQueueType } = temporal.api.enums.v1;
const KINDS = {
  workflow: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
} as const;

/** Temporal shows pollers for five minutes after their last call; one that polls calls at least once a minute. */
const LATEST_CALL_SECONDS = 90;

type QueuePoller = Awaited<ReturnType<Client['workflowService']['describeTaskQueue']>>['pollers'][number];

function isPolling({ lastAccessTime }: QueuePoller): boolean {
  return Number(lastAccessTime?.seconds ?? 0) > Date.now() / 1_000 - LATEST_CALL_SECONDS;
}

/** A count of the workers on each task queue, as Temporal sees them; rejects while it is away. */
export function createPollerCheck(
  client: Client,
  options: { readonly taskQueue: string; readonly partners: readonly Partner[]; readonly callTimeoutMs: number },
) {
  const { taskQueue, partners, callTimeoutMs } = options;
  const namespace = client.options.namespace;
  const wanted: readonly Omit<Pollers, 'count'>[] = [
    { queue: 'main', kind: 'workflow' },
    { queue: 'main', kind: 'activity' },
    ...partners.map((queue) => ({ queue, kind: 'activity' }) as const),
  ];
  const look = async ({ queue, kind }: Omit<Pollers, 'count'>): Promise<Pollers> => {
    const name = queue === 'main' ? taskQueue : readTaskQueue(taskQueue, queue);
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType: KINDS[kind],
    });
    return { queue, kind, count: pollers.filter(isPolling).length };
  };
  return function readPollers(): Promise<readonly Pollers[]> {
    return client.withDeadline(Date.now() + callTimeoutMs, () => Promise.all(wanted.map(look)));
  };
}
