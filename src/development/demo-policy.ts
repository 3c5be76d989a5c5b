import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { lifecycleTables } from '../domain/lifecycles';

/** An ISO 8601 duration of so many seconds. */
function seconds(count: number): string {
  return `PT${count.toFixed(3).replace(/\.?0+$/, '')}S`;
}

/**
 * Writes the policy file that the scripts count in: everything is due after one due time, whatever the state, and
 * each rung of the ladder is as long, so that days of an order pass in seconds.
 */
export function writeDemoPolicy(folder: string, dueMs: number): string {
  const due = dueMs / 1000;
  const table = ({ states }: (typeof lifecycleTables)[number]): Record<string, string> =>
    Object.fromEntries([...Object.keys(states), 'first'].map((state) => [state, seconds(due)]));
  const policy = {
    ladder: [
      { alert: false, wait: seconds(due) },
      { alert: true, wait: seconds(due) },
    ],
    thenEvery: seconds(due * 2),
    agreementWaits: [0.1, 0.2, 0.4, 0.8].map((part) => seconds(part * due)),
    alertWindow: seconds(due),
    due: Object.fromEntries(lifecycleTables.map((one) => [`${one.partner}:${one.object}`, table(one)])),
  };
  const path = join(folder, 'demo-policy.json');
  writeFileSync(path, JSON.stringify(policy, null, 2));
  return path;
}
