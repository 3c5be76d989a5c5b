import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Pool as HttpPool } from 'undici';
import type { Pool } from 'pg';

import { type DispatchServers, openDispatchServers } from './dispatch-servers';
import { summarise, type Summary } from './summary';
import { keepTrades } from './trades';

const ROUNDS = 3;
const SECRET = 'bench';
const KEY = 'bench';
/** Webhooks of the other partner, and how many of them are sent in a second. */
const OTHERS = 200;
const OTHERS_PER_SECOND = 10;

/**
 * Milliseconds from the 200 of a webhook to the decision on it, which 99 of 100 do not exceed, while another partner's
 * backlog waits (`ours`), beside the same without it (`alone`). Every measurement has a receiver and a database of its own.
 */
export async function benchNoisy(progress: (text: string) => void, backlog: number): Promise<Summary> {
  const servers = await openDispatchServers();
  const results: Record<string, number[]> = { alone: [], ours: [] };
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const alone = await measure(servers, `alone-${round}`, 0);
      const beside = await measure(servers, `beside-${round}`, backlog);
      results.alone?.push(alone.latencyMs);
      results.ours?.push(beside.latencyMs);
      progress(
        `noisy: round ${round} of ${ROUNDS}: ${alone.latencyMs.toFixed(0)} ms, beside ${beside.latencyMs.toFixed(0)} ms; ${beside.left} of ${backlog} still waited`,
      );
    }
  } finally {
    await servers.close();
  }
  return summarise('noisy', `milliseconds from 200 to delivered, 99th percentile, backlog of ${backlog}`, results);
}

interface Measured {
  readonly latencyMs: number;
  /** Deliveries of the backlog that still waited at the end. */
  readonly left: number;
}

async function measure(servers: DispatchServers, name: string, backlog: number): Promise<Measured> {
  const { url, pool } = await servers.database(name);
  const trades = Array.from({ length: backlog }, () => ({ id: randomUUID(), mark: 'backlog' }));
  if (backlog > 0) await keepTrades(pool, trades, ['created']);
  const receiver = await servers.start('receive', {
    DATABASE_URL: url,
    // No call is to go wrong here, and a proxy in this process would slow down what it measures.
    TEMPORAL_ADDRESS: servers.temporalAddress,
    COINIFY_WEBHOOK_SECRETS: SECRET,
    TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': [KEY] }),
  });
  try {
    await sendOrders(receiver.url, 20);
    const answeredMs = await sendOrders(receiver.url, OTHERS);
    const latencies = await latenciesOf(pool, answeredMs);
    return { latencyMs: percentile(latencies, 0.99), left: await countWaiting(pool) };
  } finally {
    await receiver.stop();
  }
}

/** Sends webhooks of orders at a steady rate; the time of each answer by the id of its delivery. */
async function sendOrders(origin: string, count: number): Promise<ReadonlyMap<string, number>> {
  const pool = new HttpPool(origin, { connections: 16, pipelining: 1 });
  const answered = new Map<string, number>();
  const send = async (): Promise<void> => {
    const body = JSON.stringify({ orderId: randomUUID(), status: 'PLACED', notificationType: 'UPDATED' });
    const answer = await pool.request({
      method: 'POST',
      path: '/webhooks/tradevest/digital-asset-order-notification',
      headers: { 'content-type': 'application/json', 'api-key': KEY },
      body,
    });
    await answer.body.dump();
    const id = answer.headers['delivery-id'];
    if (answer.statusCode !== 200 || typeof id !== 'string') throw new Error(`answered ${answer.statusCode}`);
    answered.set(id, Date.now());
  };
  const startMs = performance.now();
  const sending: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const waitMs = startMs + (index * 1_000) / OTHERS_PER_SECOND - performance.now();
    if (waitMs > 0) await delay(waitMs);
    sending.push(send());
  }
  await Promise.all(sending);
  await pool.close();
  return answered;
}

const DISPATCHED_WITHIN_MS = 300_000;
const POLL_MS = 200;

async function latenciesOf(pool: Pool, answeredMs: ReadonlyMap<string, number>): Promise<readonly number[]> {
  const ids = [...answeredMs.keys()];
  const endMs = performance.now() + DISPATCHED_WITHIN_MS;
  for (;;) {
    const { rows } = await pool.query<{ id: string; at: Date }>(
      `SELECT id, settled_at AS at FROM deliveries WHERE id = ANY ($1::uuid[]) AND settled_at IS NOT NULL`,
      [ids],
    );
    // The answer may be noticed here later than the delivery was dispatched there.
    if (rows.length === ids.length)
      return rows.map(({ id, at }) => Math.max(1, at.getTime() - (answeredMs.get(id) ?? 0)));
    if (performance.now() > endMs) throw new Error(`${ids.length - rows.length} webhooks were not dispatched in time`);
    await delay(POLL_MS);
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

async function countWaiting(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `SELECT count(*) FROM delivery_queue JOIN deliveries USING (position) WHERE credential_fingerprint = 'backlog'`,
  );
  return Number(rows[0]?.count ?? 0);
}
