import { setTimeout as delay } from 'node:timers/promises';

import { backOffMs } from '../domain/back-off';

/** Ages of a cached value and waiting times, milliseconds. */
interface CacheLimits {
  /** Age below which a value is shown without being read anew. */
  readonly freshMs: number;
  /** Longest wait of a caller for a newer value. */
  readonly waitMs: number;
  /** Age above which a value is not shown at all. */
  readonly lastsMs: number;
}

/** Part of the time that may be spent reading, as a divisor: slow values are read more seldom. */
const SHARE = 20;

/** A reading that fails is tried again after 0.5 s, then ever later, at most after a minute. */
const RETRY = { firstMs: 500, longestMs: 60_000 };

interface Value<T> {
  readonly value: T;
  readonly atMs: number;
  readonly tookMs: number;
}

/**
 * Newest value there is, within a bounded wait. At most one read runs at a time, in the background. Null where the
 * last reading failed, or none has succeeded for too long: an old number shown as today's would suppress an alert.
 */
export function createCached<T>(load: () => Promise<T>, limits: CacheLimits): () => Promise<T | null> {
  let last: Value<T> | null = null;
  let loading: Promise<void> | null = null;
  let failures = 0;
  let retryAtMs = 0;
  const reload = async (): Promise<void> => {
    const startedMs = performance.now();
    try {
      const value = await load();
      last = { value, atMs: performance.now(), tookMs: performance.now() - startedMs };
      failures = 0;
    } catch {
      last = null;
      const waitMs = Math.max(backOffMs(RETRY, failures, Math.random()), SHARE * (performance.now() - startedMs));
      retryAtMs = performance.now() + waitMs;
      failures += 1;
    } finally {
      loading = null;
    }
  };
  const isFresh = (): boolean =>
    last !== null && performance.now() - last.atMs < Math.max(limits.freshMs, SHARE * last.tookMs);
  const isTime = (): boolean => (failures === 0 ? !isFresh() : performance.now() >= retryAtMs);
  return async () => {
    if (loading !== null || isTime()) {
      loading ??= reload();
      await Promise.race([loading, delay(limits.waitMs, undefined, { ref: false })]);
    }
    const oldest = last === null ? 0 : Math.max(limits.lastsMs, 2 * SHARE * last.tookMs);
    return last !== null && performance.now() - last.atMs < oldest ? last.value : null;
  };
}
