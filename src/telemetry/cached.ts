import { ExponentialBackoff, type IBackoff } from 'cockatiel';

interface CacheLimits {
  /** For how long a value is shown without being read anew. */
  readonly freshMs: number;
  /** How long who asks is kept waiting for a newer value. */
  readonly waitMs: number;
  /** When a value is too old to be shown at all. */
  readonly lastsMs: number;
}

/** At most this part of the time is spent reading: what takes long is read more seldom. */
const SHARE = 20;

/** A reading that fails is tried again after 0.5 s, then ever later, at most after a minute. */
const RETRIES = new ExponentialBackoff({ initialDelay: 500, maxDelay: 60_000 });

interface Value<T> {
  readonly value: T;
  readonly atMs: number;
  readonly tookMs: number;
}

/**
 * Reads at most one at a time, in the background. Answers within a bound the newest value there is; null where the last
 * reading failed, or none has succeeded for too long: an old number shown as today's would keep an alert silent. A reading
 * that failed is not tried again for each gauge of a scrape: a database in trouble would be asked the more for it.
 */
export function createCached<T>(load: () => Promise<T>, limits: CacheLimits): () => Promise<T | null> {
  let last: Value<T> | null = null;
  let loading: Promise<void> | null = null;
  let failed: { readonly wait: IBackoff<unknown>; readonly retryAtMs: number } | null = null;
  const reload = async (): Promise<void> => {
    const startedMs = performance.now();
    try {
      const value = await load();
      last = { value, atMs: performance.now(), tookMs: performance.now() - startedMs };
      failed = null;
    } catch {
      last = null;
      const wait: IBackoff<unknown> = failed === null ? RETRIES.next() : failed.wait.next(undefined);
      failed = {
        wait,
        retryAtMs: performance.now() + Math.max(wait.duration, SHARE * (performance.now() - startedMs)),
      };
    } finally {
      loading = null;
    }
  };
  const isFresh = (): boolean =>
    last !== null && performance.now() - last.atMs < Math.max(limits.freshMs, SHARE * last.tookMs);
  const isTime = (): boolean => (failed === null ? !isFresh() : performance.now() >= failed.retryAtMs);
  return async () => {
    if (loading !== null || isTime()) {
      loading ??= reload();
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, limits.waitMs).unref();
      });
      await Promise.race([loading, late]);
    }
    const oldest = last === null ? 0 : Math.max(limits.lastsMs, 2 * SHARE * last.tookMs);
    return last !== null && performance.now() - last.atMs < oldest ? last.value : null;
  };
}
