import { randomInt } from 'node:crypto';

import type { Pool } from 'pg';

import { appendStatement, type NewDelivery, sealDelivery, type SealedDelivery } from './append-statement';
import { IN_CLEAR, type Sealing } from './sealing';

export type { NewDelivery };

/** The delivery was not committed in time, or not at all: the partner has to be told. */
export class NotKept extends Error {}

export interface AppendLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Bodies and headers waiting for a commit, bytes; beyond it nothing more is accepted. */
  readonly waitingBytes: number;
  /** From the call to the commit; short enough that the partner is answered within 5 s. */
  readonly deadlineMs: number;
}

export interface Appender {
  /** Resolves once the delivery is committed; rejects with `NotKept`. */
  readonly append: (delivery: NewDelivery) => Promise<void>;
  /** How many wait or are under way. */
  readonly depth: () => number;
}

interface GroupCommit extends Pick<Appender, 'depth'> {
  readonly append: (delivery: SealedDelivery) => Promise<void>;
}

interface Waiting {
  readonly delivery: SealedDelivery;
  readonly bytes: number;
  readonly expiresAtMs: number;
  readonly resolve: () => void;
  readonly reject: (error: NotKept) => void;
}

/** Two statements in flight: while one waits for the disk the next is already sent. */
const LANES = 2;
/** Few enough that restarts do not fill the table of counters, many enough that processes seldom share one. */
const SLOT_PAIRS = 64;
/**
 * How long a batch smaller than the one in flight waits to grow. Otherwise the lanes send many small statements, and
 * most of what a statement costs does not depend on its rows.
 */
const HOLD_BACK_MS = 5;
const RETRY_PAUSE_MS = 100;
const SWEEP_EVERY_MS = 100;
/** What a waiting delivery costs beside its bytes; without it empty bodies would wait in any number. */
const OVERHEAD_BYTES = 1_024;

function bytesOf({ body, headersJson }: NewDelivery): number {
  return body.length + headersJson.length + OVERHEAD_BYTES;
}

/** Takes from the front what fits into one statement. */
function takeBatch(queue: Set<Waiting>, limits: AppendLimits): readonly Waiting[] {
  const batch: Waiting[] = [];
  let bytes = 0;
  for (const waiting of queue) {
    bytes += waiting.bytes;
    if (batch.length >= limits.batchRows || (batch.length > 0 && bytes > limits.batchBytes)) break;
    batch.push(waiting);
    queue.delete(waiting);
  }
  return batch;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}

/**
 * A statement that fails is tried again until its deliveries have expired, through a restart of the database if need
 * be: what we refuse, Tradevest never sends again. Resolves to what was committed.
 */
async function keepUntilExpired(pool: Pool, slot: number, batch: readonly Waiting[]): Promise<readonly Waiting[]> {
  for (;;) {
    const nowMs = Date.now();
    const live = batch.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    if (live.length === 0) return [];
    try {
      const deliveries = live.map(({ delivery }) => delivery);
      await pool.query(appendStatement(deliveries, slot));
      return live;
    } catch {
      await pause(RETRY_PAUSE_MS);
    }
  }
}

/** Tells whose deadline has passed, and takes those out of the queue; their bytes. */
function rejectExpired(queue: Set<Waiting>, underWay: ReadonlySet<Waiting>): number {
  const nowMs = Date.now();
  let bytes = 0;
  for (const waiting of queue) {
    if (waiting.expiresAtMs > nowMs) break;
    queue.delete(waiting);
    bytes += waiting.bytes;
    waiting.reject(new NotKept('not committed in time'));
  }
  // Under way: it may be kept after all, and the partner may send it again. Its bytes are held until the statement ends.
  for (const waiting of underWay)
    if (waiting.expiresAtMs <= nowMs) waiting.reject(new NotKept('not known to be committed in time'));
  return bytes;
}

/**
 * Group commit: all that waits goes into one statement, which is one transaction together with the counter it is held
 * against. Each lane counts in a slot of its own, or the second statement would wait for the first one's row.
 */
function createGroupCommit(pool: Pool, limits: AppendLimits, observeBatch: (rows: number) => void): GroupCommit {
  const firstSlot = randomInt(SLOT_PAIRS) * LANES;
  const freeSlots = Array.from({ length: LANES }, (_, lane) => firstSlot + lane);
  /** In the order of arrival, which is also the order of deadlines. */
  const queue = new Set<Waiting>();
  const underWay = new Set<Waiting>();
  let bytesHeld = 0;
  let flushPlanned = false;
  let holdBack: NodeJS.Timeout | null = null;
  let sweeper: NodeJS.Timeout | null = null;

  const expire = (): void => {
    bytesHeld -= rejectExpired(queue, underWay);
    if (queue.size > 0 || underWay.size > 0 || sweeper === null) return;
    clearInterval(sweeper);
    sweeper = null;
  };
  const write = async (slot: number): Promise<void> => {
    const batch = takeBatch(queue, limits);
    observeBatch(batch.length);
    for (const waiting of batch) underWay.add(waiting);
    const kept = await keepUntilExpired(pool, slot, batch);
    for (const waiting of batch) {
      underWay.delete(waiting);
      bytesHeld -= waiting.bytes;
    }
    for (const { resolve } of kept) resolve();
    if (kept.length < batch.length) for (const { reject } of batch) reject(new NotKept('not committed in time'));
    freeSlots.push(slot);
    flush();
  };
  const flush = (evenSmall = false): void => {
    flushPlanned = false;
    if (queue.size === 0 || freeSlots.length === 0) return;
    if (queue.size < underWay.size && !evenSmall) {
      holdBack ??= setTimeout(() => {
        holdBack = null;
        flush(true);
      }, HOLD_BACK_MS);
      return;
    }
    const slot = freeSlots.pop();
    if (slot === undefined) return;
    void write(slot);
    flush();
  };
  return {
    depth: () => queue.size + underWay.size,
    append: (delivery) =>
      new Promise((resolve, reject) => {
        const bytes = bytesOf(delivery);
        if (bytesHeld + bytes > limits.waitingBytes) {
          reject(new NotKept('too much waits'));
          return;
        }
        bytesHeld += bytes;
        queue.add({ delivery, bytes, expiresAtMs: Date.now() + limits.deadlineMs, resolve, reject });
        sweeper ??= setInterval(expire, SWEEP_EVERY_MS);
        if (flushPlanned) return;
        // What arrives in the same turn of the event loop shares the statement.
        flushPlanned = true;
        setImmediate(() => flush());
      }),
  };
}

/** Seals deliveries and keeps them by group commit; in clear where nothing is said of sealing. */
export function createAppender(
  pool: Pool,
  limits: AppendLimits,
  observeBatch: (rows: number) => void,
  sealing: Sealing = IN_CLEAR,
): Appender {
  const { append, depth } = createGroupCommit(pool, limits, observeBatch);
  return { depth, append: (delivery) => append(sealDelivery(delivery, sealing)) };
}
