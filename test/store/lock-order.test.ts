import { randomUUID } from 'node:crypto';

import type { Transaction } from 'kysely';

import type { Partner } from '../../src/domain/partner';
import { raiseAlerts } from '../../src/store/outbox/alerts';
import { ensureSubjectRows } from '../../src/store/deliveries/claims';
import { registerKeys } from '../../src/store/deliveries/event-keys';
import { type Database, openDatabase } from '../../src/store/database';
import { ensureSets } from '../../src/store/ledger/sets';
import { addRecovered } from '../../src/store/stats/counters';
import { foldCounts } from '../../src/store/stats/fold';
import { migrate } from '../../src/store/migrate';
import type { Tables } from '../../src/store/schema/tables';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { untilOneWaits } from '../support/until-one-waits';
import { withFoldedAlerts } from '../support/folded-alerts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 4 });
  await migrate(database.kysely);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

type Row = 'a' | 'b';
type Take = (transaction: Transaction<Tables>, rows: readonly Row[]) => Promise<unknown>;

const TAKES: readonly (readonly [string, Take])[] = [
  [
    'event keys',
    (transaction, rows) =>
      registerKeys(
        transaction,
        rows.map((key) => ({ deliveryId: randomUUID(), partner: 'tradevest', key, meaning: 'the same' })),
      ),
  ],
  [
    'rows of subjects',
    (transaction, rows) =>
      ensureSubjectRows(
        transaction,
        rows.map((id) => ({ workflowId: id, lifecycle: 'order', partner: 'tradevest', object: 'order', id })),
      ),
  ],
  [
    'rows of sets',
    (transaction, rows) =>
      ensureSets(
        transaction,
        rows.map((id) => {
          const leg = { leg: 'asset', instrument: 'x', amount: '1', direction: null, assetGroup: null } as const;
          const booking = { transactionId: id, userId: id, corporateActionId: id, type: 'spin_off', legs: [] };
          return {
            ...{ partner: 'bitpanda', workflowId: id, deliveryId: randomUUID(), recovered: false },
            booking: { ...booking, mayGrow: false, creditedAt: '2026-03-02T09:00:00Z' },
            leg: { ...leg, isObligation: false, fee: null, value: null, alias: null },
          } as const;
        }),
      ),
  ],
];

test.each(TAKES)('%s are locked in one order, whatever the order they were named in', async (_, take) => {
  let crossing: Promise<unknown> = Promise.resolve();
  await database.kysely.transaction().execute(async (transaction) => {
    await take(transaction, ['a']);
    crossing = database.kysely.transaction().execute((other) => take(other, ['b', 'a']));
    crossing.catch(() => undefined);
    await untilOneWaits(database.kysely);
    await take(transaction, ['b']);
  });
  await crossing;
});

test.each(['alerts', 'counts'] as const)(
  '%s of two transactions wait for nobody, whatever their order',
  async (what) => {
    const take = (transaction: Transaction<Tables>, partner: Partner): Promise<void> =>
      what === 'counts'
        ? addRecovered(transaction, partner, 1)
        : raiseAlerts(transaction, [{ partner, finding: 'parked', example: partner }], DAY_MS);
    await database.kysely.transaction().execute(async (transaction) => {
      await take(transaction, 'coinify');
      // Ends while the other transaction is open: it would wait for it until its time is over.
      await database.kysely.transaction().execute(async (other) => {
        await take(other, 'tradevest');
        await take(other, 'coinify');
      });
      await take(transaction, 'tradevest');
    });
    await foldCounts(database.kysely);
    const folded = await withFoldedAlerts(database.kysely);
    const rows =
      what === 'counts'
        ? await folded
            .selectFrom('counts')
            .select(['partner', 'value as count'])
            .where('name', '=', 'recovered')
            .execute()
        : await folded.selectFrom('alerts').select(['partner', 'count']).where('finding', '=', 'parked').execute();
    expect(rows.map(({ partner, count }) => [partner, Number(count)]).sort()).toEqual([
      ['coinify', 2],
      ['tradevest', 2],
    ]);
  },
);

test('many causes at once are counted each, and the first of their examples are kept, each once', async () => {
  const cause = (example: string) => ({ partner: 'coinify', finding: 'missed', example }) as const;
  const named = Array.from({ length: 25 }, (_, index) => `flow ${String(index)}`);
  await raiseAlerts(database.kysely, ['flow 1', 'flow 0', 'flow 1'].map(cause), DAY_MS);
  await raiseAlerts(database.kysely, named.map(cause), DAY_MS);
  const alert = await (
    await withFoldedAlerts(database.kysely)
  )
    .selectFrom('alerts')
    .select(['count', 'examples'])
    .where('partner', '=', 'coinify')
    .where('finding', '=', 'missed')
    .executeTakeFirstOrThrow();
  expect(alert).toEqual({ count: 28, examples: ['flow 1', 'flow 0', ...named.slice(2, 20)] });
});
