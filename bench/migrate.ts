import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Pool } from 'pg';

import { createAppender } from '../src/store/deliveries/append';
import { openDatabase } from '../src/store/database';
import { migrateUpTo } from '../src/store/migrate';
import { type DispatchServers, openDispatchServers } from './dispatch-servers';
import { summarise, type Summary } from './summary';
import { tradeBody } from './trades';

const PER_SECOND = 100;
const QUIET_MS = 20_000;
const ROWS_AT_ONCE = 100_000;
/** Share of the bodies after which the contract is killed; it is started again. */
const KILL_AFTER = 0.3;
const CLI = join(__dirname, '..', 'src', 'cli.js');

/**
 * Milliseconds until an append of a steady load is committed, which 99 of 100 do not exceed, while the tables of release
 * 0.2.0 with so many rows are expanded (`expand`, kept by the statement of 0.2.0) and contracted (`ours`), beside the same
 * without either (`quiet`). The contract is killed once. Fails where anything is lost.
 */
export async function benchMigrate(progress: (text: string) => void, rows: number): Promise<Summary> {
  const servers = await openDispatchServers();
  const url = await servers.emptyDatabase('migrate');
  const database = openDatabase({ url, poolSize: 6, queryTimeoutMs: 600_000 });
  try {
    await migrateUpTo(database.kysely, '0008-deeds-once');
    await fill(database.pool, rows, progress);
    const before = keepBefore(database.pool);
    const quiet = await under(before, () => delay(QUIET_MS));
    const expand = await under(before, async () => {
      const seconds = await timed(() => run(servers, url, []));
      progress(`migrate: expanded beside a load in ${seconds.toFixed(1)} s`);
    });
    const { append } = createAppender(database.pool, LIMITS, () => undefined);
    const ours = await under(keepNow(append), () => contract(servers, url, database.pool, rows, progress));
    await check(database.pool, rows + quiet.kept + expand.kept + ours.kept);
    const percentiles = { quiet: [quiet.p99Ms], expand: [expand.p99Ms], ours: [ours.p99Ms] };
    for (const [name, { slowestMs }] of Object.entries({ quiet, expand, contract: ours }))
      progress(`migrate: ${name}: the slowest append took ${slowestMs.toFixed(0)} ms`);
    return summarise('migrate', `milliseconds to the commit of an append, 99th percentile, ${rows} rows`, percentiles);
  } finally {
    await database.close();
    await servers.close();
  }
}

const LIMITS = { batchRows: 256, batchBytes: 16_777_216, waitingBytes: 134_217_728, deadlineMs: 4_000 };

async function fill(pool: Pool, rows: number, progress: (text: string) => void): Promise<void> {
  for (let from = 1; from <= rows; from += ROWS_AT_ONCE) {
    const to = Math.min(rows, from + ROWS_AT_ONCE - 1);
    await pool.query(
      `INSERT INTO deliveries (id, partner, route, received_at, source, headers, body, body_sha256, body_bytes, verdict, status,
                               outcome, event, workflow_id, run_id, outcome_at, settled_at)
       SELECT gen_random_uuid(), 'coinify', 'webhooks', at, 'webhook', '[["Content-Type","application/json"]]', body,
              sha256(body), length(body), 'authentic', 'delivered', 'applied', 'trade.created',
              'coinify:trade:' || n / 4, 'a-run', at, at
       FROM generate_series($1::bigint, $2::bigint) n
         CROSS JOIN LATERAL (SELECT now() - n * interval '10 seconds', convert_to(repeat(md5(n::text), 13), 'UTF8')) AS b (at, body)`,
      [from, to],
    );
    progress(`migrate: ${to} of ${rows} rows written`);
  }
  await pool.query(`INSERT INTO counters (name, partner, slot, value) VALUES ('received', 'coinify', 0, $1)`, [rows]);
  await pool.query('VACUUM (ANALYZE)');
}

type Keep = () => Promise<unknown>;

/** As a receiver of release 0.2.0 keeps a delivery. */
function keepBefore(pool: Pool): Keep {
  return () =>
    pool.query(
      `WITH kept AS (
         INSERT INTO deliveries (id, partner, route, received_at, source, headers, body, body_sha256, body_bytes, verdict)
         VALUES ($1, 'coinify', 'webhooks', now(), 'webhook', '[]', $2::bytea, sha256($2::bytea), length($2::bytea), 'authentic')
         RETURNING partner)
       INSERT INTO counters (name, partner, slot, value) SELECT 'received', partner, 1, count(*) FROM kept GROUP BY partner
       ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`,
      [randomUUID(), Buffer.from(tradeBody(randomUUID(), 'created'))],
    );
}

function keepNow(append: ReturnType<typeof createAppender>['append']): Keep {
  return () => {
    const body = Buffer.from(tradeBody(randomUUID(), 'created'));
    return append({
      ...{ id: randomUUID(), partner: 'coinify', route: 'webhooks', receivedAt: new Date(), source: 'webhook' },
      ...{ headersJson: '[]', body, bodySha256: Buffer.alloc(32), verdict: 'authentic' },
      ...{ credentialFingerprint: null, traceparent: null },
    });
  };
}

interface Load {
  readonly kept: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
}

/** What appends at a steady rate took while the work was done. Throws where one failed. */
async function under(keep: Keep, work: () => Promise<unknown>): Promise<Load> {
  const over = new AbortController();
  const times: number[] = [];
  const sending: Promise<void>[] = [];
  const one = async (): Promise<void> => {
    const startMs = performance.now();
    await keep();
    times.push(performance.now() - startMs);
  };
  const sender = (async () => {
    const startMs = performance.now();
    for (let index = 0; !over.signal.aborted; index += 1) {
      const waitMs = startMs + (index * 1_000) / PER_SECOND - performance.now();
      if (waitMs > 0) await delay(waitMs);
      sending.push(one());
    }
  })();
  await work();
  over.abort();
  await sender;
  await Promise.all(sending);
  times.sort((a, b) => a - b);
  return { kept: times.length, p99Ms: times[Math.ceil(times.length * 0.99) - 1] ?? 0, slowestMs: times.at(-1) ?? 0 };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1_000;
}

function start(servers: DispatchServers, url: string, more: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, 'setup', ...more], {
    env: { PATH: process.env.PATH, DATABASE_URL: url, TEMPORAL_ADDRESS: servers.temporalAddress },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function run(servers: DispatchServers, url: string, more: readonly string[]): Promise<void> {
  const child = start(servers, url, more);
  const code: unknown[] = await once(child, 'exit');
  if (code[0] !== 0) throw new Error(`partnerflow setup ${more.join(' ')} ended with ${String(code[0])}`);
}

const POLL_MS = 200;

async function contract(
  servers: DispatchServers,
  url: string,
  pool: Pool,
  rows: number,
  progress: (text: string) => void,
): Promise<void> {
  const startMs = performance.now();
  const first = start(servers, url, ['--contract']);
  while ((await movedRows(pool)) < rows * KILL_AFTER) await delay(POLL_MS);
  first.kill('SIGKILL');
  await once(first, 'exit');
  progress(`migrate: killed after ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);
  await run(servers, url, ['--contract']);
  progress(`migrate: contracted beside a load in ${((performance.now() - startMs) / 1_000).toFixed(1)} s, killed once`);
}

/** About how many bodies have moved, without reading them. */
async function movedRows(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT n_tup_ins::float8 AS count FROM pg_stat_user_tables WHERE relname = 'delivery_bodies'`,
  );
  return rows[0]?.count ?? 0;
}

async function check(pool: Pool, expected: number): Promise<void> {
  const { rows } = await pool.query<{ kept: number; bodies: number; received: number }>(
    `SELECT (SELECT count(*)::float8 FROM deliveries) AS kept, (SELECT count(*)::float8 FROM delivery_bodies) AS bodies,
            (SELECT sum(value)::float8 FROM counters WHERE name = 'received') AS received`,
  );
  const [found] = rows;
  if (found?.kept !== expected || found.bodies !== expected || found.received !== expected)
    throw new Error(`expected ${expected} deliveries with their bodies, found ${JSON.stringify(found)}`);
}
