import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

import type { Partner } from '../domain/partner';
import { confirmationTaskQueue, readTaskQueue } from '../../workflows/contract';

/** The number of workers that poll for the tasks of one kind on one queue. */
export interface Pollers {
  /** `main`, the partner whose reads are on it, or `<partner>-confirm` for its confirmations. */
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
  { callTimeoutMs, ...options }: PolledQueues & { readonly callTimeoutMs: number },
) {
  const namespace = client.options.namespace;
  const wanted = queuesOf(options);
  const look = async ({ name, queue, kind }: PolledQueue): Promise<Pollers> => {
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

/** The partners whose task queues have to be polled. */
interface PolledQueues {
  readonly taskQueue: string;
  readonly partners: readonly Partner[];
  /** Those of them where something is confirmed. */
  readonly confirming: readonly Partner[];
}

interface PolledQueue extends Omit<Pollers, 'count'> {
  readonly name: string;
}

function queuesOf({ taskQueue, partners, confirming }: PolledQueues): readonly PolledQueue[] {
  const activity = (queue: string, name: string): PolledQueue => ({ queue, kind: 'activity', name });
  return [
    { queue: 'main', kind: 'workflow', name: taskQueue },
    activity('main', taskQueue),
    ...partners.map((partner) => activity(partner, readTaskQueue(taskQueue, partner))),
    ...confirming.map((partner) => activity(`${partner}-confirm`, confirmationTaskQueue(taskQueue, partner))),
  ];
}
