import { Semaphore } from 'async-mutex';

/**
 * Results of `work` for every item, in the order of the items. At most `concurrency` run at a time, begun in that
 * order. Rejects with the first failure, after which no further item is begun.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const semaphore = new Semaphore(concurrency);
  try {
    return await Promise.all(items.map((item) => semaphore.runExclusive(() => work(item))));
  } catch (error) {
    semaphore.cancel();
    throw error;
  }
}

/** Slots for calls, shared by all who make them. */
export interface Slots {
  /** The result of work that is begun once a slot is free. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * So many slots. Work that lasts longer than `slowMs` gives its slot back and goes on without one: a few calls that
 * hang would otherwise hold all slots. Whoever hands in the work bounds how much of it there is.
 */
export function createSlots(count: number, slowMs: number): Slots {
  const semaphore = new Semaphore(count);
  return {
    async run(work) {
      const [, release] = await semaphore.acquire();
      const timer = setTimeout(release, slowMs);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        release();
      }
    },
  };
}
