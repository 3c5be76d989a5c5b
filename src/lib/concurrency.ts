import { Semaphore } from 'async-mutex';

/**
 * The results of `work` for every item, in the order of the items; so many are under way at a time, begun in their
 * order. Rejects with the first failure, after which what waits is not begun any more.
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
