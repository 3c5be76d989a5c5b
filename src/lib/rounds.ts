import { setTimeout as delay } from 'node:timers/promises';

/** Time between two rounds, milliseconds. It ends early when there is something to do, unless it is a pause. */
export interface Rest {
  readonly ms: number;
  /** True while a server is away: new work does not end the pause. */
  readonly isPause?: boolean;
}

/** Rounds of work that follow each other. */
export interface Rounds {
  /** Notice of new work: the next round begins now. */
  wake(): void;
  /** End of the rounds, after the one under way. */
  stop(): Promise<void>;
}

/**
 * Rounds that follow each other until stopped; the first begins at once. A round resolves to the time before the next
 * one, and never rejects.
 */
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
