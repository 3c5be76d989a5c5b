/** Stack of cleanups, run in the opposite order of their addition. */
export interface CleanupStack {
  add(
    /** Run of all cleanups; one that fails does not keep the others from running. */ stop: () => Promise<unknown>,
  ): void;
  /** Stops all; what fails to stop does not keep the others running. */
  stop(): Promise<void>;
}

/** Stack for started resources, so that a failure half-way leaves nothing running that would keep the process alive. */
export function createCleanupStack(): CleanupStack {
  const stops: (() => Promise<unknown>)[] = [];
  return {
    add: (stop) => stops.push(stop),
    async stop() {
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop().catch(() => undefined);
    },
  };
}
