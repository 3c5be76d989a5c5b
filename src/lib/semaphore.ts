/** Room for so many at a time. */
export interface Semaphore {
  /** Resolves when there is room, and takes it. */
  enter(): Promise<void>;
  /** Takes room at once, more than there is if need be: who is late already is not made later, others wait instead. */
  enterAtOnce(): void;
  leave(): void;
}

/** Makes room for `most` at a time; who waits is let in first come, first served. */
export function createSemaphore(most: number): Semaphore {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const letIn = (): void => {
    for (let next = waiting[0]; next !== undefined && inside < most; next = waiting[0]) {
      waiting.shift();
      inside += 1;
      next();
    }
  };
  return {
    enter: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        letIn();
      }),
    enterAtOnce: () => {
      inside += 1;
    },
    leave: () => {
      inside -= 1;
      letIn();
    },
  };
}
