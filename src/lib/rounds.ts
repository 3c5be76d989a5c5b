import { setTimeout as delay } from 'node:timers/promises';

/** The time between two rounds. It ends early when there is something to do, unless it is a pause. */
export interface Rest {
  readonly ms: number;
  /** True while something is away: no new work makes it come back sooner. */
  readonly isPause?: boolean;
}

/** Rounds of work that follow each other. */
export interface Rounds {
  /** There is something to do: the next round begins now. */
  wake(): void;
  /** Finishes the round under way and stops. */
  stop(): Promise<void>;
}

/** Rounds that follow each other until stopped; the first begins at once. A round answers how long to rest, and never rejects. */
export function startRounds(round: (stop: AbortSignal) => Promise<Rest>): Rounds {
  const stop = new AbortController();
  let wakeUp = new AbortController();
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const { ms, isPause = false } = await round(stop.signal);
      const { signal } = isPause ? stop : wakeUp;
      if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
      wakeUp = new AbortController();
    }
  };
  const running = run();
  return {
    wake: () => {
      wakeUp.abort();
    },
    stop: async () => {
      stop.abort();
      wakeUp.abort();
      await running;
    },
  };
}
