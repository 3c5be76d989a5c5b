import { dueAfter, type Policy } from '../../policy';
import { QUIET_PERIOD } from './durations';

/** Rounds over a corporate action are this part of the quiet period apart, or more. */
export const CLOSEST = 0.1;

const MOST_DOUBLINGS = 4;

/** The quiet period of sets in milliseconds, from a moment on, ISO 8601 UTC. */
export function quietMs(policy: Policy, from: string): number {
  const due = dueAfter(policy, policy.dueByState[QUIET_PERIOD] ?? policy.firstDue, from);
  return Date.parse(due) - Date.parse(from);
}

/**
 * The pause before the next round in milliseconds, at least until a set is due. While sets go on coming rounds are ever
 * further apart, up to a whole quiet period; `busyRounds` is the number of those in a row that left some in theirs.
 */
export function pauseMs(quietPeriodMs: number, busyRounds: number, nextInMs: number): number {
  const closest = quietPeriodMs * CLOSEST * 2 ** Math.min(busyRounds, MOST_DOUBLINGS);
  return Math.max(nextInMs, Math.min(closest, quietPeriodMs));
}
