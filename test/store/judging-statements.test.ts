import { randomUUID } from 'node:crypto';

import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

import { insertMovements } from '../../src/store/ledger/movements';
import { ensureSets } from '../../src/store/ledger/sets';
import { judgeSets, judgeSetsWithin } from '../../src/store/corporate-actions/judge';
import { migrate } from '../../src/store/migrate';
import type { Tables } from '../../src/store/schema/tables';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { withFoldedAlerts } from '../support/folded-alerts';

jest.setTimeout(60_000);

const OPTIONS = { precisions: { '*': '0.00000001' }, alertWindowMs: 60_000 };
const HOLDERS = 200;

let fresh: FreshDatabase;
let database: Kysely<Tables>;
const statements: string[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  const pool = new Pool({ connectionString: fresh.url, max: 2 });
  // A connection may end only after the database is dropped.
  pool.on('error', () => undefined);
  const dialect = new PostgresDialect({ pool });
  database = new Kysely<Tables>({ dialect, log: ({ query }) => void statements.push(query.sql) });
  await migrate(database);
});

afterAll(async () => {
  await database.destroy();
  await fresh.drop();
});

const BARE = { direction: null, assetGroup: 'stock', isObligation: false, fee: null, value: null, alias: null };

async function book(caId: string, userId: string, legs: readonly (readonly [string, string])[]): Promise<void> {
  const movements = legs.map(([instrument, amount]) => ({
    partner: 'bitpanda' as const,
    workflowId: `bitpanda:corporate-action:${caId}:${userId}`,
    deliveryId: randomUUID(),
    recovered: false,
    leg: { ...BARE, leg: 'asset', instrument, amount },
    booking: {
      ...{ transactionId: randomUUID(), userId, corporateActionId: caId, type: 'spin_off', legs: [], mayGrow: false },
      creditedAt: '2026-03-02T09:00:00Z',
    },
  }));
  await database.transaction().execute(async (transaction) => {
    await insertMovements(transaction, movements, (since) => since);
    await ensureSets(transaction, movements);
  });
}

test('a bound that other holders narrow re-judges all sets in one statement, with one alert, and tells every flow', async () => {
  const caId = randomUUID();
  const action = { partner: 'bitpanda', id: caId } as const;
  const users = Array.from({ length: HOLDERS }, () => randomUUID());
  for (const userId of users) {
    await book(caId, userId, [
      ['asset:1', '-10'],
      ['asset:1', '10'],
    ]);
  }
  const settled = users.map((userId) => ({ userId, asked: 'reached' as const }));
  await database.transaction().execute((transaction) => judgeSetsWithin(transaction, action, settled, OPTIONS));
  const verdicts = async () =>
    database.selectFrom('transaction_sets').select(['verdict', 'version', 'told_version']).execute();
  expect(new Set((await verdicts()).map(({ verdict }) => verdict))).toEqual(new Set(['unverified']));

  for (const userId of [randomUUID(), randomUUID()]) {
    await book(caId, userId, [
      ['asset:1', '-10'],
      ['asset:1', '10'],
      ['asset:2', '5'],
    ]);
  }
  statements.length = 0;
  await judgeSets(database, action, OPTIONS);
  const writes = statements.filter((text) => /(UPDATE|INSERT INTO) transaction_sets/.test(text));
  expect(writes).toHaveLength(1);
  const after = (await verdicts()).filter(({ verdict }) => verdict === 'break');
  expect(after).toHaveLength(HOLDERS);
  expect(after.every(({ version, told_version }) => told_version < version)).toBe(true);
  const alerts = await (
    await withFoldedAlerts(database)
  )
    .selectFrom('alerts')
    .select(['finding', 'count', 'examples'])
    .execute();
  expect(alerts).toEqual([{ finding: 'break', count: 1, examples: [`bitpanda:corporate-action:${caId}`] }]);

  statements.length = 0;
  await judgeSets(database, action, OPTIONS);
  expect(statements.filter((text) => /(UPDATE|INSERT INTO) transaction_sets/.test(text))).toEqual([]);
});
