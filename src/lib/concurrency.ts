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
