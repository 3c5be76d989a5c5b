import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

import type { SweepInput } from '../../workflows/contract';
import type { Partner } from '../domain/partner';

/** The pace of sweeps, for each partner: how often, and how far back. */
export interface SweepPace {
  readonly everyMs: number;
  readonly windowMs: number;
  /** Temporal orders task queues by priority: a sweep comes last. */
  readonly usesPriority?: true;
}

const PartnerAttribute = defineSearchAttributeKey('Partner', SearchAttributeType.KEYWORD);

/** A schedule fires at most every second, however small durations are scaled. */
const SHORTEST_INTERVAL_MS = 1_000;

/** Shown beside the schedule. */
function noteOf(partner: Partner): string {
  return `asks ${partner} what it has sent, and keeps what never arrived (docs/runbook.md)`;
}

function scheduleOf(taskQueue: string, partner: Partner, pace: SweepPace): ScheduleOptions {
  const { windowMs, usesPriority } = pace;
  const input: SweepInput = { partner, windowMs, ...(usesPriority === true ? { usesPriority } : {}) };
  return {
    scheduleId: `${taskQueue}-sweep-${partner}`,
    spec: { intervals: [{ every: Math.max(SHORTEST_INTERVAL_MS, pace.everyMs) }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
    action: {
      type: 'startWorkflow',
      workflowType: 'sweep',
      workflowId: `${taskQueue}-sweep-${partner}`,
      taskQueue,
      args: [input],
      staticSummary: `asks ${partner} what it has sent`,
      typedSearchAttributes: new TypedSearchAttributes([{ key: PartnerAttribute, value: partner }]),
    },
    state: { note: noteOf(partner) },
  };
}

/** Schedules of sweeps, one for each partner: created, or brought up to date. Idempotent. */
export async function ensureSweeps(
  client: Client,
  taskQueue: string,
  partners: readonly Partner[],
  pace: SweepPace,
): Promise<void> {
  for (const partner of partners) {
    const { scheduleId, ...wanted } = scheduleOf(taskQueue, partner, pace);
    try {
      await client.schedule.create({ scheduleId, ...wanted });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      // An operator who paused it may have written why in its note: both stay.
      await client.schedule.getHandle(scheduleId).update((known) => ({
        ...known,
        ...wanted,
        state: known.state.paused ? known.state : { note: noteOf(partner) },
      }));
    }
  }
}
