/** Things to stop, in the order opposite to their start. */
export interface CleanupStack {
  add(stop: () => Promise<unknown>): void;
  /** Stops all; what fails to stop does not keep the others running. */
  stop(): Promise<void>;
}

/** Collects what was started, so that a failure half-way leaves nothing running that would keep the process alive. */
export function createCleanupStack(): CleanupStack {
  const stops: (() => Promise<unknown>)[] = [];
  return {
    add: (stop) => stops.push(stop),
    async stop() {
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop().catch(() => undefined);
    },
  };
}
