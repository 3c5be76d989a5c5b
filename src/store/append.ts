import type { Pool } from 'pg';

import type { Partner, Verdict } from '../domain/notification';

/** An authentic request as it is kept. */
export interface NewDelivery {
  readonly id: string;
  readonly partner: Partner;
  readonly route: string;
  readonly receivedAt: Date;
  readonly source: 'webhook' | 'sweep';
  /** JSON of name and value pairs, credentials replaced. */
  readonly headersJson: string;
  readonly body: Buffer;
  readonly bodySha256: Buffer;
  readonly verdict: Verdict;
  readonly credentialFingerprint: string | null;
}

/** The delivery was not committed in time, or not at all: the partner has to be told. */
export class NotKept extends Error {}

export interface AppendLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Bodies waiting for a commit, bytes; beyond it nothing more is accepted. */
  readonly waitingBytes: number;
  /** From the call to the commit; short enough that the partner is answered within 5 s. */
  readonly deadlineMs: number;
}

export interface Appender {
  /** Resolves once the delivery is committed; rejects with `NotKept`. */
  append(delivery: NewDelivery): Promise<void>;
  /** How many wait or are under way. */
  depth(): number;
}

interface Waiting {
  readonly delivery: NewDelivery;
  readonly resolve: () => void;
  readonly reject: (error: NotKept) => void;
  readonly timer: NodeJS.Timeout;
}

const COLUMNS = 10;
/** Two statements in flight: while one waits for the disk the next is already sent. */
const LANES = 2;

const ROW_COLUMNS =
  'id, partner, route, received_at, source, headers, body, body_sha256, verdict, credential_fingerprint, body_bytes';

/** One text per number of rows, so that PostgreSQL and the driver see few different statements. */
const texts = new Map<number, string>();

function statement(rows: number): string {
  const known = texts.get(rows);
  if (known !== undefined) return known;
  const tuples = Array.from({ length: rows }, (_, row) => {
    const at = (column: number): string => `$${row * COLUMNS + column}`;
    return `(${at(1)}::uuid, ${at(2)}, ${at(3)}, ${at(4)}::timestamptz, ${at(5)}, ${at(6)}::jsonb, ${at(7)}::bytea, ${at(8)}::bytea, ${at(9)}, ${at(10)}, octet_length(${at(7)}::bytea))`;
  });
  const text = `
    WITH kept AS (INSERT INTO deliveries (${ROW_COLUMNS}) VALUES ${tuples.join(', ')} RETURNING partner)
    INSERT INTO counters (name, partner, slot, value)
    SELECT 'received', partner, $${rows * COLUMNS + 1}::smallint, count(*) FROM kept GROUP BY partner
    ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`;
  texts.set(rows, text);
  return text;
}

function valuesOf(delivery: NewDelivery): readonly unknown[] {
  return [
    delivery.id,
    delivery.partner,
    delivery.route,
    delivery.receivedAt,
    delivery.source,
    delivery.headersJson,
    delivery.body,
    delivery.bodySha256,
    delivery.verdict,
    delivery.credentialFingerprint,
  ];
}

/** Takes from the front what fits into one statement. */
function takeBatch(queue: Set<Waiting>, limits: AppendLimits): readonly Waiting[] {
  const batch: Waiting[] = [];
  let bytes = 0;
  for (const waiting of queue) {
    bytes += waiting.delivery.body.length;
    if (batch.length >= limits.batchRows || (batch.length > 0 && bytes > limits.batchBytes)) break;
    batch.push(waiting);
    queue.delete(waiting);
  }
  return batch;
}

/**
 * Group commit: all that waits goes into one statement, which is one transaction together with the counter it is held
 * against. Each lane counts in a slot of its own, or the second statement would wait for the first one's row.
 */
export function createAppender(pool: Pool, limits: AppendLimits, observeBatch: (rows: number) => void): Appender {
  const queue = new Set<Waiting>();
  const freeLanes = Array.from({ length: LANES }, (_, lane) => Math.floor(Math.random() * 15_000) * LANES + lane);
  let bytesHeld = 0;
  let underWay = 0;

  const forget = (waiting: Waiting): void => {
    clearTimeout(waiting.timer);
    bytesHeld -= waiting.delivery.body.length;
  };
  const write = async (slot: number, batch: readonly Waiting[]): Promise<void> => {
    try {
      await pool.query(statement(batch.length), [...batch.flatMap(({ delivery }) => valuesOf(delivery)), slot]);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const failure = new NotKept(error instanceof Error ? error.message : 'not kept');
      for (const { reject } of batch) reject(failure);
    }
    batch.forEach(forget);
  };
  const flush = (): void => {
    const slot = queue.size === 0 ? undefined : freeLanes.pop();
    if (slot === undefined) return;
    const batch = takeBatch(queue, limits);
    observeBatch(batch.length);
    underWay += batch.length;
    void write(slot, batch).then(() => {
      underWay -= batch.length;
      freeLanes.push(slot);
      flush();
    });
  };
  return {
    depth: () => queue.size + underWay,
    append: (delivery) =>
      new Promise((resolve, reject) => {
        if (bytesHeld + delivery.body.length > limits.waitingBytes) {
          reject(new NotKept('too much waits'));
          return;
        }
        bytesHeld += delivery.body.length;
        const timer = setTimeout(() => {
          // Still in the queue: it will not be sent any more. Under way: it may be kept, and the partner may send it again.
          if (queue.delete(waiting)) forget(waiting);
          reject(new NotKept('not committed in time'));
        }, limits.deadlineMs);
        const waiting: Waiting = { delivery, resolve, reject, timer };
        queue.add(waiting);
        flush();
      }),
  };
}
