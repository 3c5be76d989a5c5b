import { isCancellation, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';

import { later } from '../src/domain/moments';
import type { Partner } from '../src/domain/partner';
import { CUT_OFF } from '../src/domain/sweep';
import { eventsAt } from './activities';
import type { SweepInput, SweepResult } from './contract';
import { failureTypeOf } from './failure-type';
import { priorityOf } from './lanes';
import { now } from './timer';
import { FindingAttribute } from './ui-details';

/** The sweep of one partner, which is asked what it has sent since the window's beginning; run by a schedule, one at a time. */
export async function sweep(input: SweepInput): Promise<SweepResult> {
  const { partner, windowMs } = input;
  const to = now();
  const from = later(to, -windowMs);
  const show = (result: SweepResult | null): void => {
    setCurrentDetails(describeSweep(input, from, result));
  };
  show(null);
  try {
    const result = await eventsAt(partner, {
      ...priorityOf(input, 'sweep', 'sweep'),
      retry: { initialInterval: '5s', maximumInterval: '1m' },
      summary: `ask ${partner} what it has sent`,
    }).sweepPartner({ from, to });
    show(result);
    return result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    // What the partner does not answer is asked again by the next sweep: a result, never a failed workflow.
    const result = { listed: 0, kept: 0, waitsForBacklog: false, failure: failureTypeOf(error) };
    show(result);
    // A sweep that failed has ended well; without it nobody could list those that brought nothing.
    upsertSearchAttributes([{ key: FindingAttribute, value: 'unreachable' }]);
    return result;
  }
}

/** The text that the Temporal UI shows of a sweep, in Markdown. */
export function describeSweep({ partner }: SweepInput, since: string, result: SweepResult | null): string {
  const lines =
    result === null
      ? ['- **asking**; Pending Activities shows tries and the last failure']
      : result.failure !== undefined
        ? [describeFailure(partner, result.failure), '- what to do: docs/runbook.md, unreachable']
        : [
            `- listed: ${String(result.listed)}`,
            `- had never arrived: **${String(result.kept)}**`,
            ...(result.unrouted === undefined
              ? []
              : [`- of names that belong to no webhook: **${String(result.unrouted)}** (docs/runbook.md, unrouted)`]),
            ...(result.lacking ?? []).map((list) => `- not to be had: ${list}`),
            ...(result.waitsForBacklog ? ['- nothing was kept: deliveries of ours still wait for dispatch'] : []),
          ];
  return [`### What ${partner} sent since ${since}`, '', ...lines].join('\n');
}

function describeFailure(partner: Partner, failure: string): string {
  return failure === CUT_OFF
    ? `- **the list of ${partner} was cut off**: what came before is kept, the next sweep may end there too`
    : `- **${partner} could not be asked**: ${failure}`;
}
