import { randomBytes, randomUUID } from 'node:crypto';

import { sql, type Transaction } from 'kysely';

import { type Database, openDatabase } from '../../src/store/database';
import { type MassItem, type MassSteps, runMassWork } from '../../src/store/mass-work';
import { migrate } from '../../src/store/migrate';
import type { Tables } from '../../src/store/schema/tables';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { partnerflow, startPartnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';

jest.setTimeout(600_000);

const ROWS = 20_000;
/** Flows of the deliveries: each is asked for at Temporal. */
const FLOWS = 1_000;

let fresh: FreshDatabase;
let database: Database;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 4, queryTimeoutMs: 60_000 });
  await migrate(database.kysely);
  environment = {
    DATABASE_URL: fresh.url,
    TEMPORAL_ADDRESS: testServers().temporalAddress,
    TEMPORAL_TASK_QUEUE: randomUUID(),
    BODY_ENCRYPTION_KEYS: JSON.stringify({ one: randomBytes(32).toString('base64') }),
  };
  await sql`
    WITH kept AS (
    INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict, status,
                            workflow_id, problem, settled_at)
    SELECT gen_random_uuid(), 'coinify', 'coinify', now(), 'webhook', '[]', '\\x00', 10, 'authentic', 'parked',
      'coinify:trade:' || to_char(n / ${ROWS / FLOWS}::int, 'FM00000'), '{"path":"event","expected":"an event","found":"another"}', now()
    FROM generate_series(1, ${ROWS}::int) AS n RETURNING partner, received_at, id
    ) INSERT INTO delivery_bodies (partner, received_at, id, body)
    SELECT partner, received_at, id, convert_to('the body ' || id, 'UTF8') FROM kept`.execute(database.kysely);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

/** Number of rows that fulfil a condition. */
async function count(condition: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ count: string }>`SELECT count(*) AS count FROM deliveries WHERE ${condition}`.execute(
    database.kysely,
  );
  return Number(rows[0]?.count ?? 0);
}

/** Result of work while the second half of the rows is locked, so that whoever works on all stops in the middle. */
async function whileHalfIsLocked<T>(work: () => Promise<T>): Promise<T> {
  return database.kysely.transaction().execute(async (transaction: Transaction<Tables>) => {
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(transaction);
    await sql`
      SELECT FROM deliveries WHERE position > (SELECT min(position) + ${ROWS / 2} FROM deliveries) FOR UPDATE`.execute(
      transaction,
    );
    return work();
  });
}

/** Kill of a command in the middle of its work; then the same, twice at once, to their ends. */
async function killAndGoOn(words: readonly string[], isHalfDone: () => Promise<boolean>) {
  await whileHalfIsLocked(async () => {
    const killed = startPartnerflow(words, environment);
    await eventually(async () => expect(await isHalfDone()).toBe(true), 120_000);
    await killed.kill();
  });
  const done = await Promise.all([partnerflow(words, environment), partnerflow(words, environment)]);
  return done;
}

async function detailsOf(action: string): Promise<readonly Readonly<Record<string, string | number>>[]> {
  const rows = await database.kysely
    .selectFrom('operator_actions')
    .select('details')
    .where('action', '=', action)
    .execute();
  return rows.map(({ details }) => details);
}

test('rotate-bodies that was killed goes on: two at once encrypt what is left, each delivery once', async () => {
  const encrypted = sql`body_key IS NOT NULL`;
  const done = await killAndGoOn(['rotate-bodies'], async () => (await count(encrypted)) >= ROWS / 2 - 1_000);
  expect(done.map(({ code }) => code)).toEqual([0, 0]);
  expect(done[0].out).toContain(`${String(ROWS)} deliveries and 0 refused requests re-encrypted with "one".`);
  expect(await count(encrypted)).toBe(ROWS);
  expect(await detailsOf('rotate-bodies')).toMatchObject([{ deliveries: ROWS, closed: 0 }]);
});

test('retry --all that was killed goes on: two at once return what is left, each delivery once', async () => {
  const done = await killAndGoOn(
    ['retry', '--all'],
    async () => (await count(sql`status = 'pending'`)) >= ROWS / 2 - 2_000,
  );
  expect(done.map(({ code }) => code)).toEqual([0, 0]);
  expect(await count(sql`status = 'pending'`)).toBe(ROWS);
  const returned = (await detailsOf('retry')).map(({ deliveries }) => Number(deliveries));
  expect(returned.reduce((sum, one) => sum + one, 0)).toBe(ROWS);
  expect(Math.max(...returned)).toBeLessThan(ROWS / 4);
});

test('reconcile that was killed goes on: two at once mend what is left, each flow once', async () => {
  await sql`
    UPDATE deliveries SET status = 'delivered', run_id = gen_random_uuid()::text, settled_at = now() - interval '1 hour'`.execute(
    database.kysely,
  );
  const isHalfDone = async () => (await count(sql`status = 'pending'`)) >= ROWS / 2 - 1_000;
  const done = await killAndGoOn(['reconcile', '--json'], isHalfDone);
  expect(done.map(({ code }) => code)).toEqual([1, 1]);
  expect(await count(sql`status = 'pending'`)).toBe(ROWS);
  const summaries = done.map(({ out }): unknown => JSON.parse(out));
  expect(summaries).toMatchObject([{ summary: { unanswered: 0 } }, { summary: { unanswered: 0 } }]);
  const repaired = await database.kysely
    .selectFrom('operator_actions')
    .select(({ fn }) => [fn.countAll<string>().as('all'), fn.count<string>('target').distinct().as('flows')])
    .where('action', '=', 'reconcile')
    .executeTakeFirst();
  // Also of the flows that were under way when the process was killed none is repaired without a record.
  expect(Number(repaired?.flows)).toBe(FLOWS + 1);
  // A page that was repaired but not committed as done when its process was killed is looked at again.
  expect(Number(repaired?.all) - FLOWS).toBeLessThan(100);
});

test('work on very many things is shared by processes, and goes on where one of them is gone', async () => {
  const items: readonly MassItem[] = Array.from({ length: ROWS }, (_, index) => ({ item: String(index) }));
  const seen = new Map<string, number>();
  const steps = (workOn: MassSteps['workOn']): MassSteps => ({
    list: async (add) => {
      for (let at = 0; at < ROWS; at += 1_000) await add(items.slice(at, at + 1_000));
    },
    ...{ pageItems: 500, workOn, onProgress: () => undefined, onContinued: () => undefined },
    actionOf: ({ done = 0 }) => ({ action: 'tried', target: 'all', reason: null, details: { done } }),
  });
  const counting = steps((page) => {
    for (const { item } of page) seen.set(item, (seen.get(item) ?? 0) + 1);
    return Promise.resolve({ done: page.length });
  });
  const request = { kind: 'test', scope: 'all', by: 'alice' };
  const gone = openDatabase({ url: fresh.url, poolSize: 1, queryTimeoutMs: 60_000 });
  let took = 0;
  const never = new Promise<never>(() => undefined);
  void runMassWork(
    gone.kysely,
    request,
    steps((page) => {
      took += page.length;
      return never;
    }),
  );
  await eventually(() => {
    expect(took).toBe(500);
    return Promise.resolve();
  }, 60_000);
  await gone.close();
  const results = await Promise.all([1, 2].map(() => runMassWork(database.kysely, request, counting)));
  expect(results).toEqual([{ done: ROWS }, { done: ROWS }]);
  expect([...seen.values()].every((times) => times === 1)).toBe(true);
  expect(await detailsOf('tried')).toEqual([{ done: ROWS }]);
});
