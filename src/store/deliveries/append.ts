import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Pool } from 'pg';

import { errorCode } from '../../domain/error-code';
import {
  appendStatement,
  type Attempt,
  type NewDelivery,
  encryptDelivery,
  type EncryptedDelivery,
} from './append-statement';
import { IN_CLEAR, type Encryption } from '../encryption';

export type { NewDelivery };

/**
 * Failure to commit a delivery in time, or at all: the partner must not get a 200. The message contains no text from
 * the request.
 */
export class AppendError extends Error {
  constructor(why: string, failure: string | null = null) {
    super(failure === null ? why : `${why}, the database last failed with ${failure}`);
    this.name = 'AppendError';
  }
}

/** Limits of the appender. */
export interface AppendLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Bodies and headers that may wait for a commit, bytes; beyond it nothing more is accepted. */
  readonly waitingBytes: number;
  /** Longest time from the call to the commit; short enough that the partner is answered within 5 s. */
  readonly deadlineMs: number;
}

/** Group commit of deliveries. */
export interface Appender {
  /** Promise that resolves once the delivery is committed, and rejects with `AppendError`. */
  readonly append: (delivery: NewDelivery) => Promise<void>;
  /** Number of deliveries that wait or are being written. */
  readonly depth: () => number;
}

interface Waiting {
  readonly encrypted: EncryptedDelivery;
  readonly bytes: number;
  readonly expiresAtMs: number;
  readonly resolve: () => void;
  readonly reject: (error: AppendError) => void;
}

/**
 * Writer of one statement at a time, with the counter slot that it uses. An empty batch means that nothing is being
 * written.
 */
interface Lane {
  readonly slot: number;
  batch: readonly Waiting[];
  /** Cause of the last failed attempt. */
  failure: string | null;
}

/**
 * Time that a batch waits to grow when it is smaller than what is in flight, or than most of the one before.
 * Otherwise the lanes send many small statements, and most of a statement's cost does not depend on its rows.
 */
const HOLD_BACK_MS = 5;
/** Share of the batch before that is most of it: below one, so that with little traffic batches soon are of one again, and nothing waits. */
const MOST_OF_BATCH = 0.8;

/**
 * Group commit: all waiting deliveries go into one statement, which is one transaction together with the counter they
 * are compared with. Each lane counts in a slot of its own, or the second statement would wait for the first one's
 * row. Deliveries are encrypted as they come, and kept in clear where no encryption is given.
 */
export function createAppender(
  pool: Pool,
  limits: AppendLimits,
  observeBatch: (rows: number) => void,
  encryption: Encryption = IN_CLEAR,
): Appender {
  const lanes = createLanes();
  const queue = createQueue(limits);
  let rowsBefore = 0;
  let bytesHeld = 0;
  let flushPlanned = false;
  let holdBack: NodeJS.Timeout | null = null;

  const expire = (): boolean => {
    const nowMs = Date.now();
    const late = queue.takeExpired(nowMs);
    bytesHeld -= totalBytes(late);
    rejectLate(late, nowMs, () => new AppendError('not committed in time'));
    // Being written: it may be kept after all, and the partner may send it again. Its bytes count until the statement ends.
    for (const { batch, failure } of lanes.all)
      rejectLate(batch, nowMs, () => new AppendError('not known to be committed in time', failure));
    return queue.length() > 0 || lanes.rows() > 0;
  };
  const startSweeping = createSweeper(expire);
  const write = async (lane: Lane): Promise<void> => {
    const batch = queue.takeBatch();
    lane.batch = batch;
    lane.failure = null;
    rowsBefore = batch.length;
    observeBatch(batch.length);
    const kept = await keepUntilExpired(pool, lane);
    lane.batch = [];
    bytesHeld -= totalBytes(batch);
    resolveBatch(batch, kept, () => new AppendError('not committed in time', lane.failure));
    flush();
  };
  const flush = (evenSmall?: true): void => {
    flushPlanned = false;
    const lane = lanes.free();
    if (queue.length() === 0 || lane === undefined) return;
    if (queue.length() < Math.max(lanes.rows(), rowsBefore * MOST_OF_BATCH) && evenSmall !== true) {
      holdBack ??= setTimeout(() => {
        holdBack = null;
        flush(true);
      }, HOLD_BACK_MS);
      return;
    }
    void write(lane);
    flush();
  };
  return {
    depth: () => queue.length() + lanes.rows(),
    append: (delivery) =>
      new Promise((resolve, reject) => {
        const bytes = bytesOf(delivery);
        if (bytesHeld + bytes > limits.waitingBytes) {
          reject(new AppendError('too much waits'));
          return;
        }
        const encrypted = encryptDelivery(delivery, encryption);
        bytesHeld += bytes;
        queue.add({ encrypted, bytes, expiresAtMs: Date.now() + limits.deadlineMs, resolve, reject });
        startSweeping();
        // What arrives in the same turn of the event loop shares the statement.
        if (!flushPlanned) setImmediate(flush);
        flushPlanned = true;
      }),
  };
}

/** Number of statements in flight: while one waits for the disk the next is already sent. */
const LANES = 2;
/**
 * Number of slot pairs: few enough that restarts do not fill the table of counters, many enough that processes seldom
 * share one.
 */
const SLOT_PAIRS = 64;

interface Lanes {
  readonly all: readonly Lane[];
  readonly free: () => Lane | undefined;
  /** Number of rows in flight. */
  readonly rows: () => number;
}

function createLanes(): Lanes {
  const firstSlot = randomInt(SLOT_PAIRS) * LANES;
  const all = Array.from({ length: LANES }, (_, lane): Lane => ({ slot: firstSlot + lane, batch: [], failure: null }));
  return {
    all,
    free: () => all.find(({ batch }) => batch.length === 0),
    rows: () => all.reduce((sum, { batch }) => sum + batch.length, 0),
  };
}

interface Queue {
  readonly length: () => number;
  readonly add: (waiting: Waiting) => void;
  /** First deliveries that fit into one statement, removed from the queue. */
  readonly takeBatch: () => readonly Waiting[];
  /** Deliveries whose deadline has passed, removed from the queue. */
  readonly takeExpired: (nowMs: number) => readonly Waiting[];
}

/** Queue in the order of arrival, which is also the order of deadlines. */
function createQueue({ batchRows, batchBytes }: AppendLimits): Queue {
  let queue: Waiting[] = [];
  // A new array each time: the old tables of a set would keep removed entries alive through many collections of garbage.
  const takeBefore = (index: number): readonly Waiting[] => {
    const count = index === -1 ? queue.length : index;
    const taken = queue.slice(0, count);
    queue = queue.slice(count);
    return taken;
  };
  return {
    length: () => queue.length,
    add: (waiting) => queue.push(waiting),
    takeBatch: () => {
      let bytes = 0;
      const isTooMuch = (waiting: Waiting, index: number): boolean => {
        bytes += waiting.bytes;
        return index >= batchRows || (index > 0 && bytes > batchBytes);
      };
      return takeBefore(queue.findIndex(isTooMuch));
    },
    takeExpired: (nowMs) => takeBefore(queue.findIndex(({ expiresAtMs }) => expiresAtMs > nowMs)),
  };
}

function totalBytes(batch: readonly Waiting[]): number {
  return batch.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The error is made where it is needed: each one costs the text of a stack. */
function rejectLate(batch: readonly Waiting[], nowMs: number, error: () => AppendError): void {
  for (const { reject, expiresAtMs } of batch) if (expiresAtMs <= nowMs) reject(error());
}

const SWEEP_EVERY_MS = 100;

/** Function that begins to sweep at intervals, until nothing is left to sweep. */
function createSweeper(sweep: () => boolean): () => void {
  let timer: NodeJS.Timeout | null = null;
  return () => {
    timer ??= setInterval(() => {
      if (sweep() || timer === null) return;
      clearInterval(timer);
      timer = null;
    }, SWEEP_EVERY_MS);
  };
}

const RETRY_PAUSE_MS = 100;

/**
 * Deliveries of the lane's batch that were committed. A statement that fails is tried again until its deliveries have
 * expired, through a restart of the database if need be: not every partner sends again what was not answered with 200.
 */
async function keepUntilExpired(pool: Pool, lane: Lane): Promise<readonly Waiting[]> {
  for (let attempt: Attempt = 'first'; ; attempt = 'again') {
    const nowMs = Date.now();
    const live = lane.batch.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    if (live.length === 0) return [];
    try {
      const deliveries = live.map(({ encrypted }) => encrypted);
      await pool.query(appendStatement(deliveries, lane.slot, attempt));
      return live;
    } catch (error) {
      lane.failure = errorCode(error);
      await delay(RETRY_PAUSE_MS);
    }
  }
}

/** Results for all of a batch; a promise that has its result already ignores another. */
function resolveBatch(batch: readonly Waiting[], kept: readonly Waiting[], error: () => AppendError): void {
  for (const { resolve } of kept) resolve();
  if (kept.length < batch.length) for (const { reject } of batch) reject(error());
}

/** Cost of a waiting delivery beside its bytes; without it empty bodies would wait in any number. */
const OVERHEAD_BYTES = 1_024;

function bytesOf({ body, headersJson }: NewDelivery): number {
  return body.length + headersJson.length + OVERHEAD_BYTES;
}
