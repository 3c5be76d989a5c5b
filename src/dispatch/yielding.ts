import type { Partner } from '../domain/partner';

/** Knowledge of the partners that have a backlog, and of those that send a little beside them. */
export interface Yielding {
  /** Notice of a claim; `isBacklog` where more is due than was claimed. */
  claimed(partner: Partner, isBacklog: boolean): void;
  /** True while this partner has a backlog and another one, which has none, sends something. */
  yields(partner: Partner): boolean;
}

/** Time in milliseconds for which a partner counts as sending after a claim. */
const SENDS_MS = 5_000;

/**
 * Partners that yield, none yet. Temporal, PostgreSQL and this process serve one partner while another one waits: the
 * less a backlog has under way at once, the shorter the others wait there. Two backlogs do not yield to each other:
 * nobody would gain by it.
 */
export function createYielding(nowMs: () => number = () => performance.now()): Yielding {
  const backlogs = new Set<Partner>();
  const sentAtMs = new Map<Partner, number>();
  return {
    claimed(partner, isBacklog) {
      if (isBacklog) backlogs.add(partner);
      else backlogs.delete(partner);
      sentAtMs.set(partner, nowMs());
    },
    yields(partner) {
      if (!backlogs.has(partner)) return false;
      return [...sentAtMs].some(([other, atMs]) => !backlogs.has(other) && nowMs() - atMs < SENDS_MS);
    },
  };
}
