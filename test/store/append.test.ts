import { createHash, randomUUID } from 'node:crypto';

import { createAppender, type NewDelivery, AppendError } from '../../src/store/deliveries/append';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres';

const LIMITS = { batchRows: 64, batchBytes: 1_000_000, waitingBytes: 10_000_000, deadlineMs: 4_000 };

function delivery(more: Partial<NewDelivery> = {}): NewDelivery {
  const body = more.body ?? Buffer.from([0, 255, 10, 13, 92, 39, 0]);
  return {
    id: randomUUID(),
    partner: 'coinify',
    route: 'coinify',
    receivedAt: new Date('2026-03-01T10:00:00.123Z'),
    source: 'webhook',
    headersJson: JSON.stringify([['X-Name', 'Bj\u00f6rn "\\ \u0001']]),
    body,
    bodySha256: createHash('sha256').update(body).digest(),
    verdict: 'authentic',
    credentialFingerprint: null,
    traceparent: null,
    ...more,
  };
}

async function received(database: Database): Promise<Readonly<Record<string, number>>> {
  const rows = await database.kysely.selectFrom('counters').selectAll().where('name', '=', 'received').execute();
  const totals: Record<string, number> = {};
  for (const { partner, value } of rows) totals[partner] = (totals[partner] ?? 0) + Number(value);
  return totals;
}

async function keptIds(database: Database): Promise<readonly string[]> {
  const rows = await database.kysely.selectFrom('deliveries').select('id').execute();
  return rows.map(({ id }) => id).sort();
}

describe('the group commit', () => {
  let fresh: FreshDatabase;
  let database: Database;
  beforeEach(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ url: fresh.url, poolSize: 4 });
    await migrate(database.kysely);
  });
  afterEach(async () => {
    await database.close();
    await fresh.drop();
  });

  it('prepares as many statements for batches of any size as for one: each would stay in the memory of the server', async () => {
    const one = openDatabase({ url: fresh.url, poolSize: 1, onlyInserts: true });
    const batches: number[] = [];
    const appending = createAppender(one.pool, LIMITS, (rows) => batches.push(rows));
    const some = (traced: boolean) => delivery({ traceparent: traced ? '00-1-2-01' : null });
    for (let rows = 1; rows <= 40; rows += 1)
      await Promise.all(Array.from({ length: rows }, (_, index) => appending.append(some(index % 3 === 1))));
    expect(new Set(batches).size).toBeGreaterThan(20);
    const prepared = await one.pool.query('SELECT name FROM pg_prepared_statements');
    expect(prepared.rows).toHaveLength(1);
    expect(await received(database)).toEqual({ coinify: 820 });
    await one.close();
  });

  it('keeps a delivery exactly as it was, before it says so', async () => {
    const { append } = createAppender(database.pool, LIMITS, () => undefined);
    const kept = delivery({ credentialFingerprint: 'abc', verdict: 'signature-too-old' });
    await append(kept);
    const [row] = await database.kysely.selectFrom('kept_deliveries').selectAll().execute();
    expect(row).toMatchObject({
      id: kept.id,
      partner: 'coinify',
      route: 'coinify',
      received_at: kept.receivedAt,
      source: 'webhook',
      headers: JSON.parse(kept.headersJson),
      body: kept.body,
      body_sha256: kept.bodySha256,
      body_bytes: 7,
      verdict: 'signature-too-old',
      credential_fingerprint: 'abc',
      status: 'pending',
      outcome: null,
    });
  });

  it('shares statements among all that wait, and counts every row once, per partner', async () => {
    const batches: number[] = [];
    const { append, depth } = createAppender(database.pool, LIMITS, (rows) => batches.push(rows));
    const all = Array.from({ length: 1_000 }, (_, index) => delivery({ partner: index % 4 ? 'coinify' : 'tradevest' }));
    await Promise.all(all.map(append));
    expect(await keptIds(database)).toEqual(all.map(({ id }) => id).sort());
    expect(await received(database)).toEqual({ coinify: 750, tradevest: 250 });
    expect(batches.reduce((sum, rows) => sum + rows, 0)).toBe(1_000);
    expect(batches.length).toBeLessThan(50);
    expect(Math.max(...batches)).toBeLessThanOrEqual(LIMITS.batchRows);
    expect(depth()).toBe(0);
  });

  it('neither keeps nor counts twice what an attempt with an unknown end had kept already', async () => {
    const { append } = createAppender(database.pool, LIMITS, () => undefined);
    const again = delivery();
    await append(again);
    await Promise.all([append(again), append(delivery())]);
    expect(await keptIds(database)).toHaveLength(2);
    expect(await received(database)).toEqual({ coinify: 2 });
  });

  it('refuses at once what goes beyond its memory, and accepts again when there is room', async () => {
    const { append } = createAppender(database.pool, { ...LIMITS, waitingBytes: 20_000 }, () => undefined);
    const large = (): NewDelivery => delivery({ body: Buffer.alloc(12_000) });
    const first = append(large());
    await expect(append(large())).rejects.toBeInstanceOf(AppendError);
    await first;
    await append(large());
    expect(await received(database)).toEqual({ coinify: 2 });
  });
});

describe('the group commit on a database in trouble', () => {
  let postgres: OwnPostgres;
  let database: Database;
  beforeEach(async () => {
    postgres = await startOwnPostgres();
    const timeouts = { connectTimeoutMs: 1_000, queryTimeoutMs: 1_500 };
    database = openDatabase({ url: postgres.url, poolSize: 4, onlyInserts: true, ...timeouts });
    await migrate(database.kysely);
  });
  afterEach(async () => {
    await database.close();
    await postgres.stop();
  });

  it('gives up a database that hangs at the deadline, and keeps again when it goes on', async () => {
    const { append, depth } = createAppender(database.pool, { ...LIMITS, deadlineMs: 1_000 }, () => undefined);
    const before = delivery();
    await append(before);
    postgres.hang();
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => append(delivery())));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 'rejected'));
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(AppendError);
    postgres.resume();
    const patient = createAppender(database.pool, LIMITS, () => undefined);
    await patient.append(delivery());
    const counted = await received(database);
    expect(counted).toEqual({ coinify: (await keptIds(database)).length });
    expect(depth()).toBeLessThanOrEqual(100);
  });

  it('carries deliveries through a kill -9 of the database: each acknowledged one is there, and counted once', async () => {
    const { append } = createAppender(database.pool, LIMITS, () => undefined);
    const acknowledged: string[] = [];
    let refused = 0;
    let going = true;
    const sender = async (): Promise<void> => {
      while (going) {
        const one = delivery();
        try {
          await append(one);
          acknowledged.push(one.id);
        } catch {
          refused += 1;
        }
      }
    };
    const senders = Array.from({ length: 16 }, sender);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const beforeKill = acknowledged.length;
    await postgres.killAndRestart();
    await new Promise((resolve) => setTimeout(resolve, 500));
    going = false;
    await Promise.all(senders);
    const kept = new Set(await keptIds(database));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    expect(await received(database)).toEqual({ coinify: kept.size });
    expect(beforeKill).toBeGreaterThan(0);
    expect(acknowledged.length).toBeGreaterThan(beforeKill);
    // The restart takes far less than the deadline, so nobody had to be refused.
    expect(refused).toBe(0);
  });
});
