import type { Policy } from '../domain/policy';
import type { Policies } from '../domain/lifecycles/rules';

/**
 * Policies that scripts are written for: everything is due after one due time, whatever the state, and each step of
 * the ladder takes as long. Reads that lag are repeated soon, a few times.
 */
export function policiesForScripts(dueMs: number): Policies {
  const dueTimes = (count: number): number => Math.round(count * dueMs);
  const policy: Policy = {
    dueByState: {},
    firstDue: { ms: dueMs },
    ladder: [
      { alert: false, waitMs: dueTimes(1) },
      { alert: true, waitMs: dueTimes(1) },
    ],
    thenEveryMs: dueTimes(2),
    agreementWaitsMs: [0.1, 0.2, 0.4, 0.8].map(dueTimes),
    holidays: [],
    scale: 1,
  };
  return {
    alertWindowMs: dueMs,
    dispatchTries: 8,
    precisions: {},
    sweeps: { everyMs: dueMs, windowMs: 100 * dueMs },
    policyOf: () => policy,
  };
}
