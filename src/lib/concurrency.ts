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
  /** The result of work that is begun once a slot is free; of two that wait, the one whose owner has less under way goes first. */
  run<Result>(owner: string, work: () => Promise<Result>): Promise<Result>;
}

/**
 * So many slots. Work that lasts longer than `slowMs` gives its slot back and goes on without one: a few calls that
 * hang would otherwise hold all slots. At most `mostSlow` do so: where all are slow, more at once would make them slower.
 */
export function createSlots(count: number, slowMs: number, mostSlow = Number.POSITIVE_INFINITY): Slots {
  let slow = 0;
  const semaphore = new Semaphore(count);
  const underWay = new Map<string, number>();
  const add = (owner: string, difference: number): number => {
    const now = (underWay.get(owner) ?? 0) + difference;
    underWay.set(owner, now);
    return now;
  };
  return {
    async run(owner, work) {
      const [, release] = await semaphore.acquire(1, -add(owner, 1));
      const call = { isSlow: false };
      const timer = setTimeout(() => {
        if (slow >= mostSlow) return;
        call.isSlow = true;
        slow += 1;
        release();
      }, slowMs);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        if (call.isSlow) slow -= 1;
        else release();
        add(owner, -1);
      }
    },
  };
}
