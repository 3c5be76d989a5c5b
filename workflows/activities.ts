import { type ActivityOptions, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';

import type { Rules } from '../src/domain/lifecycles/rules';
import type { Partner } from '../src/domain/partner';
import type { Policy } from '../src/domain/policy';
import type { ReadPurpose } from '../src/domain/subject';
import type { ActionActivities } from './action-contract';
import {
  type ConfirmationActivities,
  confirmationTaskQueue,
  type DecisionActivities,
  type JudgeActivities,
  type ReadActivities,
  readTaskQueue,
  type StoreActivities,
  type SweepActivities,
} from './contract';
import { priorityOf } from './lanes';

/** The store. It may be away for hours: writing is tried until it is there. */
export const store = proxyActivities<StoreActivities>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
  summary: 'write what is known',
});

/**
 * The store, written within the workflow task that folds: no task of its own is handed out for it. Two quick tries; where
 * the store is away longer, the ordinary activity waits for it, and the workflow task ends.
 */
export const storeAtOnce = proxyLocalActivities<StoreActivities>({
  startToCloseTimeout: '2s',
  scheduleToCloseTimeout: '3s',
  retry: { initialInterval: '100ms', maximumAttempts: 2 },
  summary: 'write what is known',
});

/** The ledger that sets are judged from. */
export const ledger = proxyActivities<JudgeActivities>({
  startToCloseTimeout: '1m',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
  summary: 'judge the set from the ledger',
});

/** The ledger that a whole corporate action is judged from, page after page: it shows in time that it goes on. */
export const actionLedger = proxyActivities<ActionActivities>({
  startToCloseTimeout: '15m',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
  summary: 'judge the sets from the ledger',
});

const LONGEST_QUEUE_MS = 60_000;

/** One try: the flow itself asks again, so that it can alert and give up at the deadline in between. */
const ONE_TRY = {
  startToCloseTimeout: '20s',
  scheduleToStartTimeout: LONGEST_QUEUE_MS,
  retry: { maximumAttempts: 1 },
} as const satisfies ActivityOptions;

/** The backend of our own that decides on recurrences. */
export const backend = proxyActivities<DecisionActivities>({
  ...ONE_TRY,
  summary: 'ask whether to confirm the recurrence',
});

/**
 * The partner that recurrences are confirmed at, while `leftMs` are left before the deadline. The server keeps a
 * confirmation from beginning after it: it has one clock, workers have many.
 */
export function confirmationsAt(partner: Partner, policy: Policy, leftMs: number): ConfirmationActivities {
  return proxyActivities<ConfirmationActivities>({
    ...ONE_TRY,
    scheduleToStartTimeout: Math.min(LONGEST_QUEUE_MS, Math.max(1, leftMs)),
    ...priorityOf(policy, 'confirm', 'savingsPlan'),
    taskQueue: confirmationTaskQueue(workflowInfo().taskQueue, partner),
    summary: 'confirm the recurrence before its deadline',
  });
}

/**
 * The partner that an object is read at. How often it is asked is decided in the activity, which alone can tell a
 * partner's failure from ours. The activity has to last longer than two reads that hang, of the object and of a related
 * one, or its tries would never be counted; it shows that it goes on, or a read whose worker was killed would be missed
 * for all that time. One that takes a write along has to begin at once: behind reads of a partner
 * that hangs, the write would wait for minutes.
 */
export function readsAt({ table, policy }: Rules, purpose: ReadPurpose, takesWriteAlong: boolean): ReadActivities {
  const { partner, title, lifecycle } = table;
  return proxyActivities<ReadActivities>({
    taskQueue: taskQueueOf(partner),
    ...priorityOf(policy, purpose, lifecycle),
    ...(takesWriteAlong ? { scheduleToStartTimeout: '500ms' } : {}),
    startToCloseTimeout: '40s',
    heartbeatTimeout: '15s',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    summary: `read the ${title} (${purpose})`,
  });
}

/** The partner that is asked for events that never came; by a flow, or by a sweep, which waits for a worker. */
export function eventsAt(partner: Partner, options: ActivityOptions): SweepActivities {
  return proxyActivities<SweepActivities>({
    taskQueue: taskQueueOf(partner),
    startToCloseTimeout: '2m',
    ...options,
  });
}

function taskQueueOf(partner: Partner): string {
  return readTaskQueue(workflowInfo().taskQueue, partner);
}
