import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { LifecycleTable } from '../domain/lifecycles/table';
import { PARTNERS } from '../partners';
import { ANSWER, OBLIGATION, QUIET_PERIOD } from '../domain/lifecycles/corporate-actions/durations';
import { CONFIRMATION_MARGIN, OWN_RECURRENCE } from '../domain/lifecycles/savings-plan/durations';
import { durationsOf } from '../config/policy';

/** Durations that are no due times of a state, in due times. */
const PARTS: Readonly<Record<string, number>> = {
  [CONFIRMATION_MARGIN]: 0.25,
  [OWN_RECURRENCE]: 0.01,
  [QUIET_PERIOD]: 0.3,
  // Nobody answers or pays in a demonstration: it shows items that wait for a person, not that they wait too long.
  [ANSWER]: 1_000,
  [OBLIGATION]: 1_000,
};

/**
 * Path of the policy file that the scripts rely on: everything is due after one due time, whatever the state, and
 * each step of the ladder takes as long, so that days of an order pass in seconds.
 */
export function writeDemoPolicy(folder: string, dueMs: number): string {
  const due = dueMs / 1000;
  const table = (one: LifecycleTable): Record<string, string> =>
    Object.fromEntries(
      [...Object.keys(durationsOf(one)), 'first'].map((name) => [name, seconds(due * (PARTS[name] ?? 1))]),
    );
  const policy = {
    ladder: [
      { alert: false, wait: seconds(due) },
      { alert: true, wait: seconds(due) },
    ],
    thenEvery: seconds(due * 2),
    agreementWaits: [0.1, 0.2, 0.4, 0.8].map((part) => seconds(part * due)),
    alertWindow: seconds(due),
    // What Temporal does not take is parked after a few seconds.
    dispatchTries: 3,
    // Schedules fire at whole multiples of their interval: a sweep in the middle of a script would find what it lost.
    sweepEvery: 'P3650D',
    due: Object.fromEntries(PARTNERS.lifecycleTables.map((one) => [`${one.partner}:${one.object}`, table(one)])),
  };
  const path = join(folder, 'demo-policy.json');
  writeFileSync(path, JSON.stringify(policy, null, 2));
  return path;
}

/** ISO 8601 duration of so many seconds. */
function seconds(count: number): string {
  return `PT${count.toFixed(3).replace(/\.?0+$/, '')}S`;
}
