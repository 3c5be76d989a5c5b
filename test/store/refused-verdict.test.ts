import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { type Database, openDatabase } from '../../src/store/database';
import { noteNews } from '../../src/store/corporate-actions/news';
import { insertMovements, type NewMovement } from '../../src/store/ledger/movements';
import { settleSets, showQuietPeriod } from '../../src/store/ledger/sets';
import { migrate } from '../../src/store/migrate';
import { withFoldedAlerts } from '../support/folded-alerts';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { judgeNow } from '../support/judge-now';

jest.setTimeout(60_000);

const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);
const [OLD, NEW] = [`asset:${randomUUID()}`, `asset:${randomUUID()}`];

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

/** A complete spin-off of some users, booked as dispatch does. */
async function spunOff(caId: string, users: readonly string[]): Promise<void> {
  const movements = users.flatMap((userId): readonly NewMovement[] =>
    [
      [OLD, '-10'],
      [OLD, '10'],
      [NEW, '5'],
    ].map(([instrument = '', amount = '']) => ({
      ...{ partner: 'bitpanda', deliveryId: randomUUID(), recovered: false },
      workflowId: `bitpanda:corporate-action:${caId}:${userId}`,
      booking: {
        ...{ transactionId: randomUUID(), userId, corporateActionId: caId, type: 'spin_off', mayGrow: false, legs: [] },
        creditedAt: '2026-03-02T09:00:00Z',
      },
      leg: {
        ...{ leg: 'asset', instrument, amount, direction: null, assetGroup: null, isObligation: false },
        ...{ fee: null, value: null, alias: null },
      },
    })),
  );
  const now = new Date().toISOString();
  await database.kysely.transaction().execute(async (transaction) => {
    await insertMovements(transaction, movements, (since) => since);
    await settleSets(transaction, movements, 60_000);
    await showQuietPeriod(
      transaction,
      users.map((userId) => ({
        ...{ partner: 'bitpanda', objectId: `${caId}:${userId}`, state: 'spin_off', since: now, dueAt: now },
        workflowId: `bitpanda:corporate-action:${caId}:${userId}`,
        followedIn: `bitpanda:corporate-action:${caId}`,
      })),
    );
    await noteNews(transaction, [{ partner: 'bitpanda', id: caId }]);
  });
}

/** PostgreSQL as it would be if it refused every verdict on a user's set; a function that ends it. */
async function refusing(userId: string): Promise<() => Promise<void>> {
  await sql`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.user_id = ${sql.lit(userId)} AND NEW.verdict IS NOT NULL THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = 'untranslatable_character';
      END IF;
      RETURN NEW;
    END $$`.execute(database.kysely);
  await sql`CREATE TRIGGER refuse BEFORE UPDATE ON transaction_sets FOR EACH ROW EXECUTE FUNCTION refuse()`.execute(
    database.kysely,
  );
  return async () => {
    await sql`DROP FUNCTION refuse CASCADE`.execute(database.kysely);
  };
}

async function verdicts(caId: string): Promise<Readonly<Record<string, string | null>>> {
  const rows = await database.kysely
    .selectFrom('transaction_sets')
    .select(['user_id', 'verdict'])
    .where('corporate_action_id', '=', caId)
    .execute();
  return Object.fromEntries(rows.map(({ user_id, verdict }) => [user_id, verdict]));
}

test('a set whose verdict PostgreSQL refuses says so, is alerted and tried again; all others are judged', async () => {
  const caId = randomUUID();
  const users = Array.from({ length: 9 }, (): string => randomUUID());
  const [refused, ...others] = [users[4] ?? '', ...users.filter((_, index) => index !== 4)] as const;
  await spunOff(caId, users);
  const accept = await refusing(refused);
  const round = await judgeNow(database.kysely, caId, policies);
  expect(await verdicts(caId)).toEqual({
    [refused]: null,
    ...Object.fromEntries(others.map((user) => [user, 'complete'])),
  });
  // Its time comes again, and not at once.
  expect(round.nextInMs).toBeGreaterThan(1_000);
  const workflowId = `bitpanda:corporate-action:${caId}:${refused}`;
  const flow = await database.kysely
    .selectFrom('subjects')
    .select(['subject', 'open', 'overdue'])
    .where('workflow_id', '=', workflowId)
    .executeTakeFirstOrThrow();
  expect(flow).toMatchObject({ open: true, overdue: true });
  expect(flow.subject?.facts?.refusedWrite).toContain('22P05');
  const alerts = await (
    await withFoldedAlerts(database.kysely)
  )
    .selectFrom('alerts')
    .select('examples')
    .where('finding', '=', 'refused-write')
    .execute();
  expect(alerts).toEqual([{ examples: [workflowId] }]);
  await accept();
  await judgeNow(database.kysely, caId, policies);
  expect((await verdicts(caId))[refused]).toBe('complete');
});
