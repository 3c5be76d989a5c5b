import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { judgeCorporateAction } from '../../src/domain/lifecycles/corporate-actions/judge';
import { type Database, openDatabase } from '../../src/store/database';
import { noteNews } from '../../src/store/corporate-actions/news';
import { insertMovements, type NewMovement, noteContradiction } from '../../src/store/ledger/movements';
import { settleSets, showQuietPeriod } from '../../src/store/ledger/sets';
import { tellTrades, type TradeLine } from '../../src/store/ledger/trades';
import { migrate } from '../../src/store/migrate';
import type { Generated } from '../domain/corporate-actions/generated';
import { OLD } from '../domain/corporate-actions/generated';
import { generateFrom } from '../domain/corporate-actions/generator';
import { randomOf } from '../domain/corporate-actions/random';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { wordGiven } from '../support/word-given';
import { judgeNow } from '../support/judge-now';

jest.setTimeout(300_000);

const ACTIONS = 15;
const seed = Number(process.env.PARTNERFLOW_SEED ?? Math.floor(Math.random() * 1_000_000));
const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);

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

type Holder = Generated['view']['holders'][number];

function movementsOf(caId: string, { userId, movements }: Holder): readonly NewMovement[] {
  return movements.map(({ transactionId, instrument, amount, type, creditedAt, direction, assetGroup }) => {
    const isObligation = instrument.startsWith('fiat:');
    const leg = isObligation ? 'fiat' : 'asset';
    return {
      ...{ partner: 'bitpanda', deliveryId: randomUUID(), recovered: false },
      workflowId: `bitpanda:corporate-action:${caId}:${userId}`,
      booking: {
        ...{ transactionId: `${caId} ${transactionId}`, userId, corporateActionId: caId, type, mayGrow: false },
        ...{ creditedAt, legs: [] },
      },
      leg: {
        ...{ leg, instrument, amount, direction, assetGroup, isObligation },
        ...{ fee: null, value: null, alias: null },
      },
    };
  });
}

/** The ledger keeps no zeros at the end. */
function asTheLedgerSays<M extends { readonly amount: string }>(movement: M): M {
  const { amount } = movement;
  return { ...movement, amount: amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount };
}

/** Books some movements as dispatch does, all of one transaction. */
async function book(caId: string, movements: readonly NewMovement[]): Promise<void> {
  const now = new Date().toISOString();
  await database.kysely.transaction().execute(async (transaction) => {
    await insertMovements(transaction, movements, (since) => since);
    await settleSets(transaction, movements, 60_000);
    await showQuietPeriod(
      transaction,
      movements.map(({ partner, workflowId, booking }) => ({
        ...{ partner, workflowId, objectId: `${caId}:${booking.userId}`, state: booking.type, since: now, dueAt: now },
        followedIn: `bitpanda:corporate-action:${caId}`,
      })),
    );
    await noteNews(transaction, [{ partner: 'bitpanda', id: caId }]);
  });
}

const TRADED = '2026-02-10T00:00:00Z';
/** Before that: who says it was credited before all others, and before the trades. */
const EARLY = '2026-01-20T00:00:00.000000Z';

/** With one holder of three or more whose movements all say an early time: a fault that is no other's. */
function withOneEarly(holders: readonly Holder[]): readonly Holder[] {
  const moved = holders.filter(({ movements }) => movements.length > 0);
  const [early] = moved.length > 2 ? moved : [];
  const isCorrected = new Set(early?.movements.map(({ creditedAt }) => creditedAt)).size > 1;
  if (early === undefined || isCorrected) return holders;
  const movements = early.movements.map((movement) => ({ ...movement, creditedAt: EARLY }));
  return holders.map((holder) => (holder === early ? { ...holder, movements } : holder));
}

function isEarly({ movements }: Holder): boolean {
  return movements.some(({ creditedAt }) => creditedAt === EARLY);
}

/** A trade of each holder whose holding is known, which makes it what it was. */
function tradesOf({ userId, before }: Holder): readonly TradeLine[] {
  const trade = { ...{ line: 1, partner: 'bitpanda', userId, instrument: OLD }, ...{ tradedAt: TRADED, amount: SOLD } };
  return before === null ? [] : [{ ...trade, reference: randomUUID() } as const];
}

const SOLD = '-2.5';

async function tell(trades: readonly TradeLine[]): Promise<void> {
  if (trades.length === 0) return;
  async function* inOneBatch() {
    yield await Promise.resolve(trades);
  }
  const source = { by: 'backend', batches: inOneBatch(), isSound: () => true, onConflicts: () => undefined };
  const told = await tellTrades(database.kysely, source, { through: null, alertWindowMs: 60_000 });
  expect(told).toMatchObject({ fresh: trades.length, late: trades.length });
}

async function prepare(caId: string, holders: readonly Holder[]): Promise<void> {
  await wordGiven(database.kysely);
  await database.kysely.deleteFrom('openings').execute();
  for (const holder of holders) {
    const { userId, movements, before } = holder;
    if (before !== null) {
      // Its trade is after the first movement of who was credited before all others.
      const amount = isEarly(holder)
        ? sql<string>`${before}::numeric`
        : sql<string>`${before}::numeric - ${SOLD}::numeric`;
      const opening = { partner: 'bitpanda', user_id: userId, instrument: OLD, amount };
      await database.kysely
        .insertInto('openings')
        .values({ ...opening, as_of: '2026-01-01T00:00:00Z' })
        .execute();
    }
    for (const { transactionId, instrument, contradictedBy } of movements) {
      if (contradictedBy === null) continue;
      await database.kysely.transaction().execute((transaction) =>
        noteContradiction(transaction, {
          ...{ partner: 'bitpanda', transactionId: `${caId} ${transactionId}`, deliveryId: randomUUID() },
          ...{ leg: instrument.startsWith('fiat:') ? 'fiat' : 'asset', found: contradictedBy },
        }),
      );
    }
  }
}

async function verdictsOf(caId: string) {
  const { rows } = await sql<{ userId: string; verdict: string; breaks: unknown; expectedNew: unknown }>`
    SELECT user_id AS "userId", verdict, breaks, expected_new AS "expectedNew", unverified AS unknown, held_events AS held
    FROM transaction_sets
    WHERE corporate_action_id = ${caId} AND verdict IS NOT NULL ORDER BY user_id COLLATE "C"`.execute(database.kysely);
  return rows;
}

test.each(Array.from({ length: ACTIONS }, (_, index) => seed + index))(
  'rounds over what is booked and traded in any order and parts judge as all at once would, seed %i',
  async (own) => {
    const random = randomOf(own);
    const generated = generateFrom(own).view;
    const caId = randomUUID();
    // What a user moves in one corporate action is part of the holding before another.
    const holders = generated.holders.map(({ missingHolding, ...holder }) => ({
      ...holder,
      userId: `${own} ${holder.userId}`,
    }));
    const view = { ...generated, holders: withOneEarly(holders) };
    await prepare(caId, view.holders);
    const movements = random.shuffled(view.holders.flatMap((holder) => movementsOf(caId, holder)));
    let untold = random.shuffled(view.holders.flatMap(tradesOf));
    for (let at = 0; at < movements.length;) {
      const count = random.whole(1, Math.max(1, Math.ceil(movements.length / 4)));
      await book(caId, movements.slice(at, at + count));
      at += count;
      const told = untold.filter(() => random.chance(0.3));
      untold = untold.filter((trade) => !told.includes(trade));
      await tell(told);
      if (random.chance(0.7)) await judgeNow(database.kysely, caId, policies);
    }
    await tell(untold);
    await judgeNow(database.kysely, caId, policies);
    await judgeNow(database.kysely, caId, policies);
    const order = new Map(movements.map(({ booking }, index) => [booking.transactionId, index]));
    const inOrder = view.holders.map((holder) => ({
      ...holder,
      movements: holder.movements
        .map(asTheLedgerSays)
        .sort(
          (a, b) => (order.get(`${caId} ${a.transactionId}`) ?? 0) - (order.get(`${caId} ${b.transactionId}`) ?? 0),
        ),
    }));
    const whole = judgeCorporateAction({ ...view, precisions: policies.precisions, holders: inOrder });
    // Held events are named by the partner's ids, which this test makes its own.
    const expected = [...whole.judgements]
      .sort((a, b) => (a.userId < b.userId ? -1 : 1))
      .map(({ held, ...one }) => ({ ...one, held: held.map((id) => `${caId} ${id}`) }));
    expect(await verdictsOf(caId)).toEqual(expected);
    const row = await database.kysely
      .selectFrom('corporate_actions')
      .select('ratios')
      .where('id', '=', caId)
      .executeTakeFirst();
    // Of a corporate action without any movement there is none.
    expect(row?.ratios ?? []).toEqual(whole.ratios);
  },
);
