import { CancellationScope, sleep } from '@temporalio/workflow';

import { millisecondsOf } from '../src/domain/moments';

/** The workflow's time, ISO 8601 UTC. */
export function now(): string {
  return new Date().toISOString();
}

/** The one armed timer of a flow. */
export interface FlowTimer {
  /** Arms for `until` (ISO 8601) unless it is armed for earlier already; null arms nothing. */
  arm(until: string | null, summary: string): void;
  /** True once it has fired since it was last reset. */
  hasFired(): boolean;
  reset(): void;
}

/**
 * A timer for due times. One that moves later lets the armed timer fire and is armed anew then: cancelling and starting a
 * timer at every notification would be billed and fill the history.
 */
export function createFlowTimer(): FlowTimer {
  let armed: { readonly atMs: number; readonly scope: CancellationScope } | null = null;
  let fired = false;
  const start = (atMs: number, summary: string): void => {
    const scope = new CancellationScope();
    armed = { atMs, scope };
    const fire = (): void => {
      if (armed?.scope !== scope) return;
      armed = null;
      fired = true;
    };
    scope.run(() => sleep(Math.max(1, atMs - Date.now()), { summary })).then(fire, () => undefined);
  };
  return {
    arm(until, summary) {
      if (until === null) return;
      const atMs = millisecondsOf(until);
      if (armed !== null && armed.atMs <= atMs) return;
      armed?.scope.cancel();
      start(atMs, summary);
    },
    hasFired: () => fired,
    reset() {
      fired = false;
    },
  };
}
