import { randomInt } from 'node:crypto';

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

/** The delivery was not committed in time, or not at all: the partner has to be told. Its message holds words of ours. */
export class AppendError extends Error {
  constructor(why: string, failure: string | null = null) {
    super(failure === null ? why : `${why}, the database last said ${failure}`);
    this.name = 'AppendError';
  }
}

export interface AppendLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Bodies and headers waiting for a commit, bytes; beyond it nothing more is accepted. */
  readonly waitingBytes: number;
  /** From the call to the commit; short enough that the partner is answered within 5 s. */
  readonly deadlineMs: number;
}

export interface Appender {
  /** Resolves once the delivery is committed; rejects with `AppendError`. */
  readonly append: (delivery: NewDelivery) => Promise<void>;
  /** How many wait or are under way. */
  readonly depth: () => number;
}

interface Waiting {
  readonly sealed: EncryptedDelivery;
  readonly bytes: number;
  readonly expiresAtMs: number;
  readonly resolve: () => void;
  readonly reject: (error: AppendError) => void;
}

/** One statement at a time, and the slot that it counts in; an empty batch: nothing is under way. */
interface Lane {
  readonly slot: number;
  batch: readonly Waiting[];
  /** Why the last attempt failed. */
  failure: string | null;
}

/** Two statements in flight: while one waits for the disk the next is already sent. */
const LANES = 2;
/** Few enough that restarts do not fill the table of counters, many enough that processes seldom share one. */
const SLOT_PAIRS = 64;
/**
 * How long a batch waits to grow that is smaller than what is in flight, or than half of the one before. Otherwise the
 * lanes send many small statements, and most of what a statement costs does not depend on its rows. Half: where little
 * comes, batches soon are of one again, and nobody waits.
 */
const HOLD_BACK_MS = 5;
const RETRY_PAUSE_MS = 100;
const SWEEP_EVERY_MS = 100;
/** What a waiting delivery costs beside its bytes; without it empty bodies would wait in any number. */
const OVERHEAD_BYTES = 1_024;

function bytesOf({ body, headersJson }: NewDelivery): number {
  return body.length + headersJson.length + OVERHEAD_BYTES;
}

interface Queue {
  readonly length: () => number;
  readonly add: (waiting: Waiting) => void;
  /** Takes from the front what fits into one statement. */
  readonly takeBatch: () => readonly Waiting[];
  /** Takes those out whose deadline has passed. */
  readonly takeExpired: (nowMs: number) => readonly Waiting[];
}

/** What waits, in the order of arrival, which is also the order of deadlines. */
function createQueue({ batchRows, batchBytes }: AppendLimits): Queue {
  let queue: Waiting[] = [];
  // An array, made anew: what a set forgets its old tables keep alive, through many collections of garbage.
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

/** From each call on, sweeps every so often until nothing is left to sweep. */
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

function totalBytes(batch: readonly Waiting[]): number {
  return batch.reduce((sum, { bytes }) => sum + bytes, 0);
}

function rejectLate(batch: readonly Waiting[], nowMs: number, error: AppendError): void {
  for (const { reject, expiresAtMs } of batch) if (expiresAtMs <= nowMs) reject(error);
}

interface Lanes {
  readonly all: readonly Lane[];
  readonly free: () => Lane | undefined;
  /** Rows in flight. */
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

/** Tells all of a batch what became of them; whoever was told before does not hear it. */
function tellAll(batch: readonly Waiting[], kept: readonly Waiting[], error: AppendError): void {
  for (const { resolve } of kept) resolve();
  if (kept.length < batch.length) for (const { reject } of batch) reject(error);
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}

/**
 * A statement that fails is tried again until its deliveries have expired, through a restart of the database if need
 * be: what we refuse, not every partner sends again. Resolves to what was committed.
 */
async function keepUntilExpired(pool: Pool, lane: Lane): Promise<readonly Waiting[]> {
  for (let attempt: Attempt = 'first'; ; attempt = 'again') {
    const nowMs = Date.now();
    const live = lane.batch.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    if (live.length === 0) return [];
    try {
      const deliveries = live.map(({ sealed }) => sealed);
      await pool.query(appendStatement(deliveries, lane.slot, attempt));
      return live;
    } catch (error) {
      lane.failure = errorCode(error);
      await pause(RETRY_PAUSE_MS);
    }
  }
}

/**
 * Group commit: all that waits goes into one statement, which is one transaction together with the counter it is held
 * against. Each lane counts in a slot of its own, or the second statement would wait for the first one's row. Deliveries
 * are sealed as they come; in clear where nothing is said of sealing.
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
    rejectLate(late, nowMs, new AppendError('not committed in time'));
    // Under way: it may be kept after all, and the partner may send it again. Its bytes are held until the statement ends.
    for (const { batch, failure } of lanes.all)
      rejectLate(batch, nowMs, new AppendError('not known to be committed in time', failure));
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
    tellAll(batch, kept, new AppendError('not committed in time', lane.failure));
    flush();
  };
  const flush = (evenSmall?: true): void => {
    flushPlanned = false;
    const lane = lanes.free();
    if (queue.length() === 0 || lane === undefined) return;
    if (queue.length() < Math.max(lanes.rows(), rowsBefore / 2) && evenSmall !== true) {
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
        const sealed = encryptDelivery(delivery, encryption);
        bytesHeld += bytes;
        queue.add({ sealed, bytes, expiresAtMs: Date.now() + limits.deadlineMs, resolve, reject });
        startSweeping();
        // What arrives in the same turn of the event loop shares the statement.
        if (!flushPlanned) setImmediate(flush);
        flushPlanned = true;
      }),
  };
}
