import { CancellationScope, sleep } from '@temporalio/workflow';

/** The one armed timer of a flow. */
export interface FlowTimer {
  /** Arms for `until` (ISO 8601) unless it is armed for earlier already; null arms nothing. */
  arm(until: string | null, summary: string): void;
  /** True once it has rung since the last call. */
  takeRing(): boolean;
  hasRung(): boolean;
}

/**
 * A due time that moves later lets the armed timer ring and is armed anew then: cancelling and starting a timer
 * at every notification would be billed and fill the history.
 */
export function createFlowTimer(): FlowTimer {
  let armed: { readonly atMs: number; readonly scope: CancellationScope } | null = null;
  let rung = false;
  const start = (atMs: number, summary: string): void => {
    const scope = new CancellationScope();
    armed = { atMs, scope };
    const ring = (): void => {
      if (armed?.scope !== scope) return;
      armed = null;
      rung = true;
    };
    scope.run(() => sleep(Math.max(1, atMs - Date.now()), { summary })).then(ring, () => undefined);
  };
  return {
    arm(until, summary) {
      if (until === null) return;
      const atMs = Date.parse(until);
      if (armed !== null && armed.atMs <= atMs) return;
      armed?.scope.cancel();
      start(atMs, summary);
    },
    takeRing() {
      const was = rung;
      rung = false;
      return was;
    },
    hasRung: () => rung,
  };
}
