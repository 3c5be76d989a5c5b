import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { sql } from 'kysely';

import { dataFolder } from '../src/development/folders';
import { startPostgres } from '../src/development/postgres';
import { PARTNERS } from '../src/partners';
import { listActions } from '../src/store/audit';
import { type Database, openDatabase } from '../src/store/database';
import { createAppender } from '../src/store/deliveries/append';
import { listDeliveries } from '../src/store/deliveries/list';
import { listFlows, loadFlow } from '../src/store/flows/list';
import { listOverdueFlows } from '../src/store/flows/overdue';
import { migrate } from '../src/store/migrate';
import { readOutboxCounts } from '../src/store/outbox/counts';
import { auditCounts } from '../src/store/stats/audit';
import { readBalances } from '../src/store/stats/balance';
import { readStoreGauges } from '../src/store/stats/gauges';
import { countWaiting, readPartnerReliability } from '../src/store/stats/partner';
import { createDatabase } from './databases';
import { perSecond } from './drive';
import { rounded, summarise, type Summary } from './summary';

const ROUNDS = 7;
const APPENDED = 8_000;
const CALLERS = 64;
const ASKED = 100;
/** Kept deliveries for each subject that has ended. */
const DELIVERIES_OF_SUBJECT = 4;

/**
 * Deliveries appended per second to a store that has kept very many (`ours`) and to an empty one (`empty`); in the
 * progress, the 99th percentile of each question of operators and of metrics to the full one, in milliseconds.
 */
export async function benchGrowth(progress: (text: string) => void, kept: number): Promise<Summary> {
  const folder = dataFolder(`bench-growth-${process.pid}`);
  const postgres = await startPostgres({ folder: join(folder, 'data') });
  const results: Record<string, number[]> = { empty: [], ours: [] };
  try {
    const empty = await open(postgres.url, 'empty');
    const full = await open(postgres.url, 'full');
    progress(`growth: writing ${kept} deliveries`);
    await fill(full, kept);
    for (const [name, ask] of questions(full)) progress(`growth: ${name} ${await p99Of(ask)} ms p99`);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const order = round % 2 === 0 ? (['empty', 'ours'] as const) : (['ours', 'empty'] as const);
      for (const variant of order) results[variant]?.push(await append(variant === 'ours' ? full : empty));
      progress(`growth: round ${round} of ${ROUNDS}`);
    }
    await Promise.all([empty.close(), full.close()]);
  } finally {
    await postgres.stop();
  }
  return summarise('growth', 'deliveries appended per second', results);
}

async function open(url: string, name: string): Promise<Database> {
  const database = openDatabase({ url: await createDatabase(url, name), poolSize: 4, queryTimeoutMs: 3_600_000 });
  await migrate(database.kysely);
  return database;
}

/** Deliveries of a year, done, with subjects that have ended; written by SQL, and counted by their rows afterwards. */
async function fill({ kysely }: Database, kept: number): Promise<void> {
  await kysely.connection().execute(async (own) => {
    await sql`SET session_replication_role = replica`.execute(own);
    await sql`
      INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict, status,
                              outcome, workflow_id, event, settled_at, outcome_at)
      SELECT gen_random_uuid(), 'coinify', 'coinify', now() - (${kept}::int - n) * interval '365 days' / ${kept}::int, 'webhook',
        '[]', sha256(n::text::bytea), 400, 'authentic', 'delivered', CASE WHEN n % 4 = 0 THEN 'repeated' ELSE 'applied' END,
        'coinify:trade:' || n / ${DELIVERIES_OF_SUBJECT}::int, 'trade.completed', now(), now()
      FROM generate_series(1, ${kept}::int) AS n`.execute(own);
    await sql`RESET session_replication_role`.execute(own);
  });
  await sql`
    INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, state, open, closed_for_good, version, as_of)
    SELECT 'coinify:trade:' || n, 'order', 'coinify', 'trade', n::text, 'completed', false, true, 3, now()
    FROM generate_series(1, ${Math.ceil(kept / DELIVERIES_OF_SUBJECT)}::int) AS n`.execute(kysely);
  await sql`
    INSERT INTO counters (name, partner, slot, value) VALUES ('received', 'coinify', 0, ${kept})`.execute(kysely);
  await sql`VACUUM ANALYZE`.execute(kysely);
  await auditCounts(kysely, () => undefined);
}

const LIMITS = { batchRows: 256, batchBytes: 16_777_216, waitingBytes: 134_217_728, deadlineMs: 60_000 };

async function append({ pool }: Database): Promise<number> {
  const body = Buffer.alloc(400, 'x');
  const bodySha256 = createHash('sha256').update(body).digest();
  const appender = createAppender(pool, LIMITS, () => undefined);
  const kept = {
    partner: 'coinify',
    route: 'coinify',
    source: 'webhook',
    headersJson: '[]',
    body,
    bodySha256,
  } as const;
  const rest = { verdict: 'authentic', credentialFingerprint: null, traceparent: null } as const;
  return perSecond(APPENDED, CALLERS, () =>
    appender.append({ id: randomUUID(), receivedAt: new Date(), ...kept, ...rest }),
  );
}

type Question = readonly [name: string, ask: () => Promise<unknown>];

function questions({ kysely }: Database): readonly Question[] {
  const first = { limit: 50, after: null };
  const link = (): null => null;
  const { names } = PARTNERS;
  return [
    ['balance', () => readBalances(kysely, () => Promise.resolve([]), names)],
    ['gauges', () => readStoreGauges(kysely)],
    ['outbox counts', () => readOutboxCounts(kysely)],
    ['what waits', () => countWaiting(kysely)],
    ['reliability', () => readPartnerReliability(kysely, names)],
    ['deliveries', () => listDeliveries(kysely, {}, first)],
    ['deliveries, parked', () => listDeliveries(kysely, { status: 'parked' }, first)],
    ['deliveries, illegal', () => listDeliveries(kysely, { outcome: 'illegal' }, first)],
    ['deliveries, of a partner', () => listDeliveries(kysely, { partner: 'bitpanda' }, first)],
    ['deliveries, delivered', () => listDeliveries(kysely, { status: 'delivered' }, first)],
    ['flows', () => listFlows(kysely, {}, first, link)],
    ['flows, ended', () => listFlows(kysely, { open: false }, first, link)],
    ['flows, ended, of a lifecycle', () => listFlows(kysely, { open: false, lifecycle: 'document' }, first, link)],
    ['flows, overdue', () => listOverdueFlows(kysely, {}, first, link)],
    ['a flow', () => loadFlow(kysely, 'coinify:trade:77', link)],
    ['audit', () => listActions(kysely, { action: 'resolve' }, first)],
  ];
}

async function p99Of(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < ASKED; count += 1) {
    const startMs = performance.now();
    await ask();
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  return rounded(times[Math.ceil(ASKED * 0.99) - 1] ?? 0);
}
