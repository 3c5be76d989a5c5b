import { randomBytes, randomUUID, createHmac } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Pool } from 'pg';
import { request } from 'undici';

import { endChild, nextNumber, startChild } from './child';
import { type DispatchServers, openDispatchServers } from './dispatch-servers';
import { drive } from './drive';
import { fillGrown } from './grown';
import { summarise, type Summary } from './summary';
import { hasPending, keepTrades, tradeBody } from './trades';

const ROUNDS = 5;
const REQUESTS = 3_000;
const CONNECTIONS = 32;
const TRADES = 400;
const STATES = ['created', 'cancelled'];
const READS = 100;
const TOKEN = 'bench-bench-bench-bench-bench-bench';
const POLL_MS = 50;

/** What an operator and a monitor ask for. */
const READ_PATHS = [
  '/operations/balance',
  '/operations/deliveries',
  '/operations/deliveries?status=parked',
  '/operations/deliveries?outcome=illegal',
  '/operations/deliveries?workflowId=coinify%3Atrade%3Agrown-7',
  '/operations/flows',
  '/operations/flows?open=false',
  '/operations/flows/coinify%3Atrade%3Agrown-7',
  '/operations/flows?overdue=true',
  '/metrics',
];

/**
 * What partnerflow does beside so many kept deliveries (`ours`) and beside none (`empty`), interleaved: appends and
 * dispatched deliveries a second, milliseconds from start to ready, and those in which 99 of 100 reads are answered.
 */
export async function benchGrowth(progress: (text: string) => void, deliveries: number): Promise<readonly Summary[]> {
  const servers = await openDispatchServers();
  try {
    const grown = await servers.database('grown');
    const empty = await servers.database('empty');
    await fillGrown(grown.pool, deliveries, progress);
    const sides = { ours: grown, empty };
    const results = MEASURES.map(({ name, units }) => ({ name, units, values: { ours: numbers(), empty: numbers() } }));
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [index, { measure }] of MEASURES.entries())
        for (const side of round % 2 === 0 ? (['ours', 'empty'] as const) : (['empty', 'ours'] as const))
          results[index]?.values[side].push(await measure(servers, sides[side]));
      progress(`growth: round ${round} of ${ROUNDS}`);
    }
    const reads = await measureReads(servers, grown, { name: 'growth', paths: READ_PATHS }, progress);
    return [
      ...results.map(({ name, units, values }) => summarise(`growth-${name}`, units, values)),
      summarise('growth-reads', 'milliseconds to the answer, the slowest of all reads at its 99th percentile', {
        ours: reads,
      }),
    ];
  } finally {
    await servers.close();
  }
}

const numbers = (): number[] => [];

interface Side {
  readonly url: string;
  readonly pool: Pool;
}

interface Measurement {
  readonly name: string;
  readonly units: string;
  readonly measure: (servers: DispatchServers, side: Side) => Promise<number>;
}

const MEASURES: readonly Measurement[] = [
  { name: 'append', units: 'requests per second at 32 connections', measure: measureAppend },
  { name: 'start', units: 'milliseconds from the start of a dispatcher to ready', measure: measureStart },
  { name: 'dispatch', units: 'deliveries dispatched per second', measure: measureDispatch },
];

async function measureAppend(_servers: DispatchServers, { url, pool }: Side): Promise<number> {
  const secret = randomBytes(16).toString('hex');
  const child = startChild(join(__dirname, 'our-receiver.js'), [], {
    ...{ BENCH_DATABASE_URL: url, BENCH_SECRET: secret, BENCH_MOST_ROWS: '256' },
  });
  try {
    const origin = `http://127.0.0.1:${String(await nextNumber(child, 'port'))}`;
    const body = Buffer.from(tradeBody(randomUUID(), 'created'));
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-coinify-webhook-signature': signature };
    const load = { origin, path: '/webhooks/coinify', headers, body, connections: CONNECTIONS };
    await drive({ ...load, requests: REQUESTS / 3 });
    return await drive({ ...load, requests: REQUESTS });
  } finally {
    await endChild(child);
    await pool.query(`UPDATE deliveries SET status = 'duplicate', settled_at = now() WHERE status = 'pending'`);
  }
}

async function measureStart(servers: DispatchServers, { url }: Side): Promise<number> {
  const startMs = performance.now();
  const dispatcher = await servers.start('dispatch', { DATABASE_URL: url, TEMPORAL_ADDRESS: servers.temporalAddress });
  const readyMs = performance.now() - startMs;
  await dispatcher.stop();
  return readyMs;
}

async function measureDispatch(servers: DispatchServers, { url, pool }: Side): Promise<number> {
  const mark = randomUUID();
  const trades = Array.from({ length: TRADES }, () => ({ id: `bench-${randomUUID()}`, mark }));
  await keepTrades(pool, trades, STATES);
  const dispatcher = await servers.start('dispatch', { DATABASE_URL: url, TEMPORAL_ADDRESS: servers.temporalAddress });
  while (await hasPending(pool, mark)) await delay(POLL_MS);
  await dispatcher.stop();
  const { rows } = await pool.query<{ rate: number }>(
    `SELECT count(*) / extract(epoch FROM max(settled_at) - min(settled_at))::float8 AS rate
     FROM (SELECT settled_at FROM deliveries WHERE credential_fingerprint = $1 ORDER BY position DESC LIMIT $2) AS own`,
    [mark, TRADES * STATES.length],
  );
  // No worker runs: their flows would be asked for, one by one, by whoever reads the balance.
  await pool.query(
    `UPDATE deliveries SET outcome = 'applied', outcome_at = now() WHERE status = 'delivered' AND outcome IS NULL`,
  );
  return rows[0]?.rate ?? 0;
}

/** Reads of which the answers are measured. */
export interface MeasuredReads {
  readonly name: string;
  readonly paths: readonly string[];
  /** Variables of the receiver beside those that it needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Milliseconds of the slowest read, at its 99th percentile; each is told. */
export async function measureReads(
  servers: DispatchServers,
  { url }: Pick<Side, 'url'>,
  { name, paths, environment = {} }: MeasuredReads,
  progress: (text: string) => void,
): Promise<readonly number[]> {
  const receiver = await servers.start('receive', {
    ...{ DATABASE_URL: url, TEMPORAL_ADDRESS: servers.temporalAddress, COINIFY_WEBHOOK_SECRETS: 'bench' },
    ...{ OPERATIONS_TOKENS: JSON.stringify({ bench: TOKEN }), RECEIVER_DISPATCH: 'off', ...environment },
  });
  const slowest: number[] = [];
  try {
    for (const path of paths) {
      const times: number[] = [];
      for (let read = 0; read < READS; read += 1) {
        const startMs = performance.now();
        const { body, statusCode } = await request(`${receiver.url}${path}`, {
          headers: { authorization: `Bearer ${TOKEN}` },
        });
        await body.dump();
        if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
        times.push(performance.now() - startMs);
      }
      times.sort((a, b) => a - b);
      const percentile = times[Math.ceil(times.length * 0.99) - 1] ?? 0;
      slowest.push(percentile);
      progress(`${name}: ${path}: ${percentile.toFixed(1)} ms at the 99th percentile`);
    }
  } finally {
    await receiver.stop();
  }
  return [Math.max(...slowest)];
}
