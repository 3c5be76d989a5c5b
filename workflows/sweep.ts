import { isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';

import { causeOf } from './cause';
import { readTaskQueue, type SweepActivities, type SweepInput, type SweepResult } from './contract';

/** Asks one partner what it has sent in the last stretch of time; run by a schedule, one at a time. */
export async function sweep({ partner, windowMs }: SweepInput): Promise<SweepResult> {
  const activities = proxyActivities<SweepActivities>({
    taskQueue: readTaskQueue(workflowInfo().taskQueue, partner),
    startToCloseTimeout: '2m',
    retry: { initialInterval: '5s', maximumInterval: '1m' },
    summary: `ask ${partner} what it has sent`,
  });
  const nowMs = Date.now();
  // What the partner does not answer is asked again by the next sweep: a result, never a failed workflow.
  const [from, to] = [nowMs - windowMs, nowMs].map((timeMs) => new Date(timeMs).toISOString());
  try {
    return await activities.sweepPartner({ from: from ?? '', to: to ?? '' });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { listed: 0, kept: 0, waitsForBacklog: false, failure: causeOf(error) };
  }
}
