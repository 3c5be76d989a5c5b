import { createHash, randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import { type Database, openDatabase } from '../../src/store/database';
import { createAppender } from '../../src/store/deliveries/append';
import { retryDelivery } from '../../src/store/deliveries/retry';
import { migrate } from '../../src/store/migrate';
import type { Outcome } from '../../src/domain/subject';
import type { DeliveryStatus } from '../../src/store/schema/tables';
import { readBalances } from '../../src/store/stats/balance';
import { foldCounts } from '../../src/store/stats/fold';
import { closeDay, countDaysOfBefore, daysToClose, recountDays } from '../../src/store/stats/recount';
import { readPartnerReliability } from '../../src/store/stats/partner';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const LIMITS = { batchRows: 256, batchBytes: 1e7, waitingBytes: 1e7, deadlineMs: 20_000 };

let fresh: FreshDatabase;
let database: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 6, queryTimeoutMs: 20_000 });
  await migrate(database.kysely);
});

afterEach(async () => {
  await database.close();
  await fresh.drop();
});

/** Deliveries of one partner, appended as a receiver does it, received so many days ago. */
async function receive(count: number, daysAgo = 0, partner = 'coinify'): Promise<readonly string[]> {
  const appender = createAppender(database.pool, LIMITS, () => undefined);
  const ids = Array.from({ length: count }, () => randomUUID());
  const body = Buffer.from('{}');
  const bodySha256 = createHash('sha256').update(body).digest();
  const kept = { partner, route: 'x', source: 'webhook', headersJson: '[]', body, bodySha256 } as const;
  const rest = { verdict: 'authentic', credentialFingerprint: null, traceparent: null } as const;
  const receivedAt = new Date(Date.now() - daysAgo * DAY_MS);
  await Promise.all(ids.map((id) => appender.append({ id, receivedAt, ...kept, ...rest })));
  return ids;
}

async function become(
  ids: readonly string[],
  as: { readonly status: DeliveryStatus; readonly outcome?: Outcome },
): Promise<void> {
  await database.kysely
    .updateTable('deliveries')
    .set(as)
    .where('id', 'in', [...ids])
    .execute();
}

async function balance() {
  return (await readBalances(database.kysely, () => Promise.resolve([]), [])).all;
}

async function foldAll(): Promise<void> {
  while ((await foldCounts(database.kysely)) > 0);
}

function dayAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}

/** Counts of rows that the queries of a step have read from a table. */
async function rowsReadOf(table: string): Promise<number> {
  await sql`SELECT pg_stat_force_next_flush()`.execute(database.kysely);
  const { rows } = await sql<{ read: string }>`
    SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS read FROM pg_stat_user_tables WHERE relname = ${table}`.execute(
    database.kysely,
  );
  return Number(rows[0]?.read ?? 0);
}

test('the balance is the same before and after folding, and while it is folded beside others who change it', async () => {
  const ids = await receive(40);
  await become(ids.slice(0, 10), { status: 'duplicate' });
  await become(ids.slice(10, 20), { status: 'parked' });
  await become(ids.slice(20, 30), { status: 'delivered', outcome: 'applied' });
  const before = await balance();
  expect(before).toMatchObject({ received: 40, pending: 10, duplicate: 10, parked: 10, applied: 10, balanced: true });
  await foldAll();
  expect(await balance()).toEqual(before);
  const changing = Promise.all(ids.slice(30).map((id) => become([id], { status: 'delivered', outcome: 'repeated' })));
  const folding = Promise.all([foldAll(), foldAll(), foldAll()]);
  for (let round = 0; round < 10; round += 1) expect(await balance()).toMatchObject({ received: 40, balanced: true });
  await Promise.all([changing, folding]);
  await foldAll();
  expect(await balance()).toMatchObject({ pending: 0, repeated: 10, balanced: true });
});

test('a row that somebody removes shows at once, also of a day that is final, and also where all are removed', async () => {
  const [lost = '', ...others] = await receive(3, 3);
  await become([lost, ...others], { status: 'delivered', outcome: 'applied' });
  await foldAll();
  expect(await closeDay(database.kysely, dayAgo(3))).toEqual([]);
  expect(await balance()).toMatchObject({ applied: 3, balanced: true });
  await database.kysely.deleteFrom('deliveries').where('id', '=', lost).execute();
  expect(await balance()).toMatchObject({ received: 3, applied: 2, balanced: false });
  await foldAll();
  expect(await balance()).toMatchObject({ applied: 2, balanced: false });
  await sql`TRUNCATE deliveries`.execute(database.kysely);
  expect(await balance()).toMatchObject({ received: 3, delivered: 0, balanced: false });
  await foldAll();
  expect(await balance()).toMatchObject({ received: 3, delivered: 0, balanced: false });
});

test('a row that is removed behind the back of the trigger shows once its day is counted again', async () => {
  const [lost = '', ...others] = await receive(3, 3);
  await become([lost, ...others], { status: 'delivered', outcome: 'applied' });
  await database.kysely.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    await transaction.deleteFrom('deliveries').where('id', '=', lost).execute();
  });
  expect(await balance()).toMatchObject({ balanced: true });
  expect(await recountDays(database.kysely, dayAgo(4), dayAgo(0))).toEqual([
    { day: dayAgo(3), partner: 'coinify', source: 'webhook', kind: 'applied', counted: 3, rows: 2 },
  ]);
  expect(await balance()).toMatchObject({ received: 3, applied: 2, balanced: false });
  expect(await recountDays(database.kysely, dayAgo(4), dayAgo(0))).toEqual([]);
});

test('a day is final when nothing of it is pending, parked or open, and a retry opens it again', async () => {
  const [parked = '', open = '', ...done] = await receive(4, 2);
  await become(done, { status: 'duplicate' });
  await become([parked], { status: 'parked' });
  await become([open], { status: 'delivered' });
  await receive(1, 0);
  await foldAll();
  expect(await daysToClose(database.kysely, 10)).toEqual([]);
  await become([open], { status: 'delivered', outcome: 'late' });
  expect(await daysToClose(database.kysely, 10)).toEqual([]);
  await become([parked], { status: 'duplicate' });
  await foldAll();
  expect(await daysToClose(database.kysely, 10)).toEqual([dayAgo(2)]);
  await closeDay(database.kysely, dayAgo(2));
  expect(await daysToClose(database.kysely, 10)).toEqual([]);
  const counted = () => database.kysely.selectFrom('counted_days').select('day').execute();
  expect(await counted()).toHaveLength(1);

  await become([parked], { status: 'parked' });
  expect(await retryDelivery(database.kysely, parked, 'alice')).toBe('retried');
  expect(await balance()).toMatchObject({ received: 5, pending: 2, duplicate: 2, late: 1, balanced: true });
  await foldAll();
  expect(await counted()).toEqual([]);
  expect(await balance()).toMatchObject({ received: 5, pending: 2, duplicate: 2, late: 1, balanced: true });
});

test('deliveries from before there were counts are counted day by day, and the balance holds all the time', async () => {
  const ids: string[] = [];
  for (const days of [5, 2, 1, 0]) ids.push(...(await receive(5, days)));
  await become(ids.slice(0, 3), { status: 'parked' });
  await become(ids.slice(5), { status: 'delivered', outcome: 'applied' });
  await sql`DELETE FROM count_changes`.execute(database.kysely);
  await sql`INSERT INTO uncounted_days SELECT '-infinity', (now() AT TIME ZONE 'UTC')::date + 2`.execute(
    database.kysely,
  );
  const expected = { received: 20, pending: 2, parked: 3, applied: 15, balanced: true };
  expect(await balance()).toMatchObject(expected);
  const [reopened = ''] = ids.slice(-1);
  let pages = 0;
  for (let left = true; left; pages += 1) {
    left = await countDaysOfBefore(database.kysely);
    expect(await balance()).toMatchObject(expected);
    if (pages === 1) await become([reopened], { status: 'delivered', outcome: 'late' });
    if (pages === 1) Object.assign(expected, { applied: 14, late: 1 });
    await foldAll();
    expect(await balance()).toMatchObject(expected);
  }
  expect(pages).toBeGreaterThan(2);
  expect(await countDaysOfBefore(database.kysely)).toBe(false);
  expect(await recountDays(database.kysely, '2000-01-01', '3000-01-01')).toEqual([]);
});

test('neither balance nor reliability reads a row of what is done', async () => {
  const ids = await receive(500);
  await become(ids.slice(2), { status: 'delivered', outcome: 'applied' });
  await foldAll();
  await sql`VACUUM ANALYZE deliveries`.execute(database.kysely);
  const before = await rowsReadOf('deliveries');
  expect(await balance()).toMatchObject({ received: 500, pending: 2, applied: 498, balanced: true });
  expect(await readPartnerReliability(database.kysely, ['coinify'])).toMatchObject([{ arrived: 500, lost: 0 }]);
  expect((await rowsReadOf('deliveries')) - before).toBeLessThan(20);
});
