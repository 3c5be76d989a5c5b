import { setTimeout as delay } from 'node:timers/promises';

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

interface Value<T> {
  readonly value: T;
  readonly atMs: number;
  readonly tookMs: number;
}

/**
 * Reads at most one at a time, in the background. Answers within a bound the newest value there is; null where the last
 * reading failed, or none has succeeded for too long: an old number shown as today's would keep an alert silent.
 */
export function createCached<T>(load: () => Promise<T>, limits: CacheLimits): () => Promise<T | null> {
  let last: Value<T> | null = null;
  let loading: Promise<void> | null = null;
  const reload = async (): Promise<void> => {
    const startedMs = performance.now();
    try {
      const value = await load();
      last = { value, atMs: performance.now(), tookMs: performance.now() - startedMs };
    } catch {
      last = null;
    } finally {
      loading = null;
    }
  };
  const isFresh = (): boolean =>
    last !== null && performance.now() - last.atMs < Math.max(limits.freshMs, SHARE * last.tookMs);
  return async () => {
    if (!isFresh()) {
      loading ??= reload();
      await Promise.race([loading, delay(limits.waitMs, undefined, { ref: false })]);
    }
    const oldest = last === null ? 0 : Math.max(limits.lastsMs, 2 * SHARE * last.tookMs);
    return last !== null && performance.now() - last.atMs < oldest ? last.value : null;
  };
}
