import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { judgeSets } from '../../src/store/corporate-actions/judge';
import { momentText, startOf } from '../../src/store/corporate-actions/start';
import { type Api, openApi } from '../operations/harness';
import { announced, book, emptyLedger, judged, opened } from '../operations/ledger-rows';
import { wordGiven } from '../support/word-given';

jest.setTimeout(60_000);

const OLD = 'asset:c0000000-0000-4000-8000-00000000000a';
const NEW = 'asset:c0000000-0000-4000-8000-00000000000b';
const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => emptyLedger(api.database.kysely));

/** Holders first credited in March, a minute apart, beside others at the given moments. */
async function startWith(minutes: number, others: readonly string[]): Promise<string | null> {
  const caId = randomUUID();
  const inMarch = Array.from({ length: minutes }, (_, minute) =>
    new Date(Date.UTC(2026, 2, 2, 9, minute)).toISOString(),
  );
  for (const [index, creditedAt] of [...inMarch, ...others].entries())
    await book(api.database.kysely, { user: `u${String(index)}`, caId, instrument: OLD, amount: '-1', creditedAt });
  return startFound(caId);
}

async function startFound(caId: string): Promise<string | null> {
  const start = momentText(startOf({ partner: 'bitpanda', id: caId }));
  const { rows } = await sql<{ start: string | null }>`SELECT ${start} AS start`.execute(api.database.kysely);
  return rows[0]?.start ?? null;
}

const SOUND = '2026-03-02T09:00:00.000000Z';
const YEAR_BEFORE = '2025-03-02T09:00:00Z';

test.each([
  ['is the time of credit of its only holder', 0, ['2026-03-02T09:00:00.000001Z'], '2026-03-02T09:00:00.000001Z'],
  ['is the earliest time of credit where the holders began together', 20, [], SOUND],
  ['is the earliest of three, however few', 2, ['2026-03-02T08:00:00Z'], '2026-03-02T08:00:00.000000Z'],
  ['is not moved by one holder who says a year before', 20, [YEAR_BEFORE], SOUND],
  ['is not moved by one holder who says the beginning of time', 2, ['1970-01-01T00:00:00Z'], SOUND],
  ['is not moved by one holder who comes a year later', 20, ['2027-03-02T09:00:00Z'], SOUND],
  ['is not moved by two of thirty', 28, [YEAR_BEFORE, YEAR_BEFORE], SOUND],
  ['is that of a tenth that was credited before', 18, [YEAR_BEFORE, YEAR_BEFORE], '2025-03-02T09:00:00.000000Z'],
  ['is the earliest of two where nobody knows who is wrong', 1, [YEAR_BEFORE], '2025-03-02T09:00:00.000000Z'],
  ['is unknown without any movement', 0, [], null],
])('the start of a corporate action %s', async (_, minutes, others, expected) => {
  expect(await startWith(minutes, others)).toBe(expected);
});

test('the start of a corporate action is not moved by a holder of whom two movements say a wrong time', async () => {
  const caId = randomUUID();
  const own = { caId, instrument: OLD, amount: '-1' };
  for (const user of ['u1', 'u2'])
    await book(api.database.kysely, { ...own, user, creditedAt: '2026-03-02T09:00:00Z' });
  for (const amount of ['-1', '1'])
    await book(api.database.kysely, { ...own, user: 'u3', amount, creditedAt: YEAR_BEFORE });
  expect(await startFound(caId)).toBe(SOUND);
});

test('a holder credited a year too early leaves what the others held, and what nobody heard of them, as they are', async () => {
  const database = api.database.kysely;
  const caId = randomUUID();
  await announced(database, { caId, old: OLD, fresh: [NEW] });
  await wordGiven(database);
  for (const user of ['u1', 'u2', 'early']) {
    const creditedAt = user === 'early' ? YEAR_BEFORE : '2026-03-02T09:00:00Z';
    for (const [instrument, amount] of [
      [OLD, '-10'],
      [OLD, '10'],
      [NEW, '5'],
    ] as const)
      await book(database, { user, caId, instrument, amount, creditedAt });
    await judged(database, { caId, user, verdict: null });
  }
  // Opened with ten in January, and sold before the corporate action: one received the new share, one nothing at all.
  for (const user of ['early', 'sold', 'silent']) {
    await opened(database, user, OLD, '10', user === 'early' ? '2025-01-01T00:00:00Z' : '2026-01-01T00:00:00Z');
    await traded(user, user === 'early' ? '-3' : '-10');
  }
  await book(database, { user: 'sold', caId, instrument: NEW, amount: '5', creditedAt: '2026-03-02T09:00:00Z' });
  for (const user of ['sold', 'silent']) await judged(database, { caId, user, verdict: 'unverified' });
  await database.updateTable('transaction_sets').set({ judged_through: '9000000', verdict: 'unverified' }).execute();
  const options = { precisions: policies.precisions, alertWindowMs: 60_000 };
  await judgeSets(database, { partner: 'bitpanda', id: caId }, options);
  const rows = await database
    .selectFrom('transaction_sets')
    .select(['user_id', 'verdict', 'before'])
    .orderBy('user_id')
    .execute();
  expect(rows.map(({ user_id, verdict, before }) => [user_id, verdict, before])).toEqual([
    ['early', 'complete', '10'],
    ['silent', null, '0'],
    ['sold', 'old-share-sold', '0'],
    ['u1', 'complete', null],
    ['u2', 'complete', null],
  ]);
});

async function traded(user: string, amount: string): Promise<void> {
  const trade = { partner: 'bitpanda', user_id: user, instrument: OLD, amount, traded_at: '2026-02-10T00:00:00Z' };
  await api.database.kysely
    .insertInto('own_trades')
    .values({ ...trade, reference: randomUUID(), told_by: 'test' })
    .execute();
}
