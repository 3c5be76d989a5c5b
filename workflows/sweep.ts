import {
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';

import type { Partner } from '../src/domain/partner';
import { CUT_OFF } from '../src/domain/sweep';
import { failureTypeOf } from './failure-type';
import { readTaskQueue, type SweepActivities, type SweepInput, type SweepResult } from './contract';
import { FindingAttribute } from './ui-details';

function describeFailure(partner: Partner, failure: string): string {
  return failure === CUT_OFF
    ? `- **the list of ${partner} was cut off**: what came before is kept, the next sweep may end there too`
    : `- **${partner} could not be asked**: ${failure}`;
}

/** What the Temporal UI shows of a sweep; what it did not bring is asked for again by the next one. */
export function describeSweep({ partner }: SweepInput, since: string, result: SweepResult | null): string {
  const lines =
    result === null
      ? ['- **asking**; Pending Activities shows tries and the last failure']
      : result.failure !== undefined
        ? [describeFailure(partner, result.failure), '- what to do: docs/runbook.md, unreachable']
        : [
            `- listed: ${String(result.listed)}`,
            `- had never arrived: **${String(result.kept)}**`,
            ...(result.waitsForBacklog ? ['- nothing was kept: deliveries of ours still wait for dispatch'] : []),
          ];
  return [`### What ${partner} sent since ${since}`, '', ...lines].join('\n');
}

/** Asks one partner what it has sent in the last stretch of time; run by a schedule, one at a time. */
export async function sweep(input: SweepInput): Promise<SweepResult> {
  const { partner, windowMs } = input;
  const activities = proxyActivities<SweepActivities>({
    taskQueue: readTaskQueue(workflowInfo().taskQueue, partner),
    startToCloseTimeout: '2m',
    retry: { initialInterval: '5s', maximumInterval: '1m' },
    summary: `ask ${partner} what it has sent`,
  });
  const nowMs = Date.now();
  // What the partner does not answer is asked again by the next sweep: a result, never a failed workflow.
  const [from = '', to = ''] = [nowMs - windowMs, nowMs].map((timeMs) => new Date(timeMs).toISOString());
  const show = (result: SweepResult | null): void => {
    setCurrentDetails(describeSweep(input, from, result));
  };
  show(null);
  try {
    const result = await activities.sweepPartner({ from, to });
    show(result);
    return result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const result = { listed: 0, kept: 0, waitsForBacklog: false, failure: failureTypeOf(error) };
    show(result);
    // A sweep that failed has ended well; without it nobody could list those that brought nothing.
    upsertSearchAttributes([{ key: FindingAttribute, value: 'unreachable' }]);
    return result;
  }
}
