import { randomUUID } from 'node:crypto';

import { type RawBuilder, sql } from 'kysely';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { type Database, openDatabase } from '../../src/store/database';
import { changeSets } from '../../src/store/corporate-actions/act-on-many';
import { actResults, followedSets, storeActs } from '../../src/store/corporate-actions/asked-acts';
import { JUDGE_ANEW, noteNews, takeNews } from '../../src/store/corporate-actions/news';
import { judgeRound } from '../../src/store/corporate-actions/round';
import { insertMovements, type NewMovement } from '../../src/store/ledger/movements';
import { settleSets, showQuietPeriod } from '../../src/store/ledger/sets';
import { migrate } from '../../src/store/migrate';
import { withFoldedAlerts } from '../support/folded-alerts';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { judgeNow, roundOptions } from '../support/judge-now';

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

const LEGS = [
  [OLD, '-10'],
  [OLD, '10'],
  [NEW, '5'],
] as const;
const LONGER = { 'bitpanda:corporate-action': { settle: 'PT15M', answer: 'P9D', obligation: 'P9D' } };

/** A spin-off of some users, booked as dispatch does; of a half one nobody knows whether anything is missing. */
async function spunOff(caId: string, users: readonly string[], part: 'whole' | 'half' = 'whole'): Promise<void> {
  const movements = users.flatMap((userId): readonly NewMovement[] =>
    LEGS.slice(0, part === 'half' ? 2 : 3).map(([instrument, amount]) => ({
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

const A_VERDICT = sql`NEW.verdict IS NOT NULL`;
const A_COUNT = sql`NEW.counted IS NOT NULL AND NEW.counted IS DISTINCT FROM OLD.counted`;

/** PostgreSQL as it would be if it refused what is written to a user's set; a function that ends it. */
async function refusing(userId: string, what: RawBuilder<unknown>): Promise<() => Promise<void>> {
  await sql`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.user_id = ${sql.lit(userId)} AND ${what} THEN
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

/** What an operator sees of a set that is refused. */
async function refusalShown(caId: string, userId: string): Promise<string | undefined> {
  const flow = await database.kysely
    .selectFrom('subjects')
    .select(['subject', 'open', 'overdue'])
    .where('workflow_id', '=', `bitpanda:corporate-action:${caId}:${userId}`)
    .executeTakeFirstOrThrow();
  expect(flow).toMatchObject({ open: true, overdue: true });
  return flow.subject?.facts?.refusedWrite;
}

async function alerted(): Promise<readonly string[]> {
  const folded = await withFoldedAlerts(database.kysely);
  const alerts = await folded.selectFrom('alerts').select('examples').where('finding', '=', 'refused-write').execute();
  await database.kysely.deleteFrom('alerts').execute();
  return alerts.flatMap(({ examples }) => examples);
}

/** The ratio by which sets are judged, as the API shows it, and how many agree. */
async function counted(caId: string) {
  const { ratios } = await database.kysely
    .selectFrom('corporate_actions')
    .select('ratios')
    .where('id', '=', caId)
    .executeTakeFirstOrThrow();
  return ratios.map(({ completeSets, agreeingSets }) => ({ completeSets, agreeingSets }));
}

test('a set whose verdict PostgreSQL refuses says so, is alerted and tried again; all others are judged', async () => {
  const caId = randomUUID();
  const users = Array.from({ length: 9 }, (): string => randomUUID());
  const [refused, ...others] = [users[4] ?? '', ...users.filter((_, index) => index !== 4)] as const;
  await spunOff(caId, users);
  const accept = await refusing(refused, A_VERDICT);
  const round = await judgeNow(database.kysely, caId, policies);
  expect(await verdicts(caId)).toEqual({
    [refused]: null,
    ...Object.fromEntries(others.map((user) => [user, 'complete'])),
  });
  // Its time comes again, and not at once.
  expect(round.nextInMs).toBeGreaterThan(1_000);
  expect(await refusalShown(caId, refused)).toContain('the database refused the verdict (22P05)');
  expect(await alerted()).toEqual([`bitpanda:corporate-action:${caId}:${refused}`]);
  await accept();
  await judgeNow(database.kysely, caId, policies);
  expect((await verdicts(caId))[refused]).toBe('complete');
});

test('a set that cannot be counted says so, is alerted and tried again; all others are counted and judged', async () => {
  const caId = randomUUID();
  const users = Array.from({ length: 9 }, (): string => randomUUID());
  const [refused, ...others] = [users[4] ?? '', ...users.filter((_, index) => index !== 4)] as const;
  await spunOff(caId, users);
  const accept = await refusing(refused, A_COUNT);
  const round = await judgeNow(database.kysely, caId, policies);
  expect(await verdicts(caId)).toEqual({
    [refused]: null,
    ...Object.fromEntries(others.map((user) => [user, 'complete'])),
  });
  expect(round.nextInMs).toBeGreaterThan(1_000);
  expect(await counted(caId)).toEqual([{ completeSets: 8, agreeingSets: 8 }]);
  expect(await refusalShown(caId, refused)).toBe('the database could not count it (22P05)');
  expect(await alerted()).toEqual([`bitpanda:corporate-action:${caId}:${refused}`]);
  // Whatever else happens, nobody is alerted again before its time has come.
  await noteNews(database.kysely, [{ partner: 'bitpanda', id: caId }], JUDGE_ANEW);
  await judgeRound(database.kysely, { partner: 'bitpanda', id: caId }, await roundOptions(database.kysely, policies));
  expect(await alerted()).toEqual([]);
  await accept();
  await judgeNow(database.kysely, caId, policies);
  expect((await verdicts(caId))[refused]).toBe('complete');
  expect(await counted(caId)).toEqual([{ completeSets: 9, agreeingSets: 9 }]);
});

test('a set that was counted and cannot be counted anew counts for nothing any more', async () => {
  const caId = randomUUID();
  const users = Array.from({ length: 9 }, (): string => randomUUID());
  const [refused = ''] = users;
  await spunOff(caId, users);
  await judgeNow(database.kysely, caId, policies);
  expect(await counted(caId)).toEqual([{ completeSets: 9, agreeingSets: 9 }]);
  const accept = await refusing(refused, A_COUNT);
  await spunOff(caId, [refused]);
  await judgeNow(database.kysely, caId, policies);
  expect(await counted(caId)).toEqual([{ completeSets: 8, agreeingSets: 8 }]);
  expect(await refusalShown(caId, refused)).toBe('the database could not count it (22P05)');
  // Its instruments get other names: all are counted anew, and it stays the one that cannot be.
  await noteNews(database.kysely, [{ partner: 'bitpanda', id: caId }], { ...JUDGE_ANEW, recount: true });
  await takeNews(database.kysely, { partner: 'bitpanda', id: caId }, null);
  await judgeRound(database.kysely, { partner: 'bitpanda', id: caId }, await roundOptions(database.kysely, policies));
  expect(await counted(caId)).toEqual([{ completeSets: 8, agreeingSets: 8 }]);
  await accept();
  await judgeNow(database.kysely, caId, policies);
  // It has every movement twice now.
  expect((await verdicts(caId))[refused]).toBe('break');
});

test('of acts on many sets that are done together one that PostgreSQL refuses is refused alone', async () => {
  const caId = randomUUID();
  const action = { partner: 'bitpanda', id: caId } as const;
  const users = Array.from({ length: 7 }, (): string => randomUUID()).sort();
  const refused = users[3] ?? '';
  await spunOff(caId, users);
  const ids = users.map((userId) => `bitpanda:corporate-action:${caId}:${userId}`);
  const sets = [...(await followedSets(database.kysely, ids)).values()];
  const { rules, onPage } = await roundOptions(database.kysely, policies);
  const request = randomUUID();
  await storeActs(database.kysely, request, sets, ({ userId }) => ({
    ...{ requestId: userId, at: new Date().toISOString(), by: 'alice', action: 'resolve', reason: 'by phone' },
    details: { result: 'done' },
  }));
  const accept = await refusing(refused, sql`NEW.resolution IS NOT NULL`);
  expect(await changeSets(database.kysely, action, { rules, request, onPage })).toBe(7);
  expect(Object.fromEntries(await actResults(database.kysely, request))).toEqual(
    Object.fromEntries(users.map((userId) => [userId, userId === refused ? 'refused' : 'done'])),
  );
  await accept();
});

test('a set that PostgreSQL refuses under another policy keeps its wait, and all others get theirs', async () => {
  const caId = randomUUID();
  const action = { partner: 'bitpanda', id: caId } as const;
  const users = Array.from({ length: 7 }, (): string => randomUUID()).sort();
  const refused = users[3] ?? '';
  await spunOff(caId, users, 'half');
  await judgeNow(database.kysely, caId, policies);
  const { rules, onPage } = await roundOptions(database.kysely, policies);
  const accept = await refusing(refused, sql`NEW.look_at IS DISTINCT FROM OLD.look_at`);
  const lookAts = async () => {
    const rows = await database.kysely
      .selectFrom('transaction_sets')
      .select(['user_id', 'look_at'])
      .where('corporate_action_id', '=', caId)
      .execute();
    return new Map(rows.map(({ user_id, look_at }) => [user_id, look_at?.getTime()]));
  };
  const before = await lookAts();
  const longer = createPolicies({ ...DEFAULT_POLICY_SETTINGS, due: LONGER }, 1).policyOf(rules.table);
  await changeSets(database.kysely, action, { rules: { ...rules, policy: longer }, request: null, onPage });
  const after = await lookAts();
  expect(users.filter((userId) => after.get(userId) === before.get(userId))).toEqual([refused]);
  await accept();
});
