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
  /**
   * The result of work that is begun once a slot is free; of two that wait, the one whose owner has less under way goes
   * first. `isAlone` where it takes all slots that its owner may have, and keeps them as long again as it lasted, up to
   * `LONGEST_PAUSE_MS`: what answers both then has half of its time for others.
   */
  run<Result>(owner: string, work: () => Promise<Result>, how?: { readonly isAlone: boolean }): Promise<Result>;
}

/** Limits of slots. */
export interface SlotLimits {
  readonly count: number;
  /** Slots that one owner may have at once; absent: all. */
  readonly ofOwner?: number;
  /** Time in milliseconds after which work gives its slot back and goes on without one. */
  readonly slowMs: number;
  /** Works that may go on so at once; absent: any number. */
  readonly mostSlow?: number;
}

/** Longest pause, in milliseconds, after a call that was made alone: a server that is far away has rested meanwhile. */
const LONGEST_PAUSE_MS = 10;

/**
 * Slots of which a few calls that hang do not hold all: work that is slow gives its slot back, up to a limit, because
 * where all are slow, more at once would make them slower. An owner with much to do leaves slots for the others.
 */
export function createSlots({
  count,
  ofOwner = count,
  slowMs,
  mostSlow = Number.POSITIVE_INFINITY,
}: SlotLimits): Slots {
  let slow = 0;
  const shared = new Semaphore(count);
  const owned = new Map<string, { readonly own: Semaphore; underWay: number }>();
  const ownedBy = (owner: string) => {
    const known = owned.get(owner) ?? { own: new Semaphore(ofOwner), underWay: 0 };
    owned.set(owner, known);
    return known;
  };
  return {
    async run(owner, work, { isAlone } = { isAlone: false }) {
      const owning = ownedBy(owner);
      owning.underWay += 1;
      const [, releaseOwn] = await owning.own.acquire(isAlone ? ofOwner : 1);
      const [, releaseShared] = await shared.acquire(1, -owning.underWay);
      const begunMs = performance.now();
      const release = (pauseMs = 0): void => {
        releaseShared();
        if (pauseMs > 0) setTimeout(releaseOwn, pauseMs);
        else releaseOwn();
      };
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
        else release(isAlone ? Math.min(performance.now() - begunMs, LONGEST_PAUSE_MS) : 0);
        owning.underWay -= 1;
      }
    },
  };
}
