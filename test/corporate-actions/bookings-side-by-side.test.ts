import { randomUUID } from 'node:crypto';

import { sql, type Transaction } from 'kysely';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import type { Booking } from '../../src/domain/booking';
import { type Booked, bookAll } from '../../src/ledger/book';
import type { ReadyEntry } from '../../src/ledger/decided';
import { PARTNERS } from '../../src/partners';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import type { Claim } from '../../src/store/deliveries/due';
import type { Tables } from '../../src/store/schema/tables';
import { randomOf } from '../domain/corporate-actions/random';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { untilOneWaits } from '../support/until-one-waits';

jest.setTimeout(120_000);

const WORKERS = 8;

let fresh: FreshDatabase;
let database: Database;
const rules = { policies: createPolicies(DEFAULT_POLICY_SETTINGS, 1), partners: PARTNERS };

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: WORKERS + 2, queryTimeoutMs: 60_000 });
  await migrate(database.kysely);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

/** A movement that is ready to be booked, of a corporate action where one is named. */
function movement(
  userId: string,
  changes: Partial<Booking> & { readonly alias?: readonly [string, string] } = {},
): ReadyEntry {
  const { alias, ...booking } = changes;
  const [integer, uuid] = alias ?? [];
  const corporateActionId = booking.corporateActionId ?? null;
  const leg = {
    ...{ leg: 'asset', instrument: integer ?? 'asset:1', amount: '1', direction: null, assetGroup: null },
    ...{ isObligation: false, fee: null, value: null },
    alias: integer === undefined || uuid === undefined ? null : { integer, uuid },
  };
  const claim: Claim = {
    ...{ id: randomUUID(), position: '1', partner: 'bitpanda', route: 'corporate-actions', receivedAt: new Date() },
    verdict: 'authentic',
    isAccepted: false,
    source: 'webhook',
    ...{ bodyBytes: 1, attempts: 1, refusals: 0, failingForMs: 0, traceparent: null, leaseToken: randomUUID() },
  };
  const subject = { partner: 'bitpanda', object: 'corporate-action', id: `${corporateActionId ?? 'none'}:${userId}` };
  const whole = {
    ...{ transactionId: randomUUID(), userId, corporateActionId, type: 'spin_off', legs: [leg], mayGrow: false },
    creditedAt: '2026-03-01T00:00:00Z',
    ...booking,
  };
  return {
    entry: { claim, event: 'corporate-actions', subject, booking: whole, record: null, isFollowedAsAWhole: true },
    runId: null,
  };
}

function book(ready: readonly ReadyEntry[]): Promise<Booked> {
  return database.kysely.transaction().execute((transaction) => bookAll(transaction, ready, rules));
}

/** Books, and leaves its transaction open while other work is done. */
async function bookedBeside(ready: readonly ReadyEntry[], beside: (open: Transaction<Tables>) => Promise<void>) {
  await database.kysely.transaction().execute(async (transaction) => {
    await bookAll(transaction, ready, rules);
    await beside(transaction);
  });
}

const outcomesOf = ({ decisions }: Booked) =>
  decisions.map((one) => (one.status === 'delivered' ? one.outcome : one.status));

test('a booking of one user waits for no booking of another one', async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  await bookedBeside([movement(first, { corporateActionId: randomUUID() })], async () => {
    // Ends while the other transaction is open: it would wait for it until its time is over.
    expect(outcomesOf(await book([movement(second, { corporateActionId: randomUUID() })]))).toEqual(['applied']);
    expect(outcomesOf(await book([movement(second)]))).toEqual(['applied']);
  });
});

test('two bookings of one user go one after the other', async () => {
  const user = randomUUID();
  const crossing: Promise<Booked>[] = [];
  await bookedBeside([movement(user)], async () => {
    crossing.push(book([movement(user)]));
    await untilOneWaits(database.kysely);
  });
  expect((await Promise.all(crossing)).map(outcomesOf)).toEqual([['applied']]);
});

test('of two meanings of one event in the same moment one is first, and the other contradicts it', async () => {
  for (let round = 0; round < 20; round += 1) {
    const transactionId = randomUUID();
    const meanings = [randomUUID(), randomUUID()].map((user) => book([movement(user, { transactionId })]));
    const outcomes = (await Promise.all(meanings)).flatMap(outcomesOf);
    expect([...outcomes].sort()).toEqual(['applied', 'illegal']);
  }
});

test('of two aliases that contradict each other in the same moment one is told', async () => {
  for (let round = 0; round < 20; round += 1) {
    const integer = `asset:${String(5_000 + round)}`;
    const taught = [randomUUID(), randomUUID()].map((uuid) =>
      book([movement(randomUUID(), { alias: [integer, `asset:${uuid}`] })]),
    );
    const causes = (await Promise.all(taught)).flatMap((one) => one.causes);
    expect(causes.map(({ finding, example }) => [finding, example])).toEqual([
      ['contradicting-alias', `bitpanda:${integer}`],
    ]);
  }
});

test('many bookings of several users, each in another order, all end, and book each movement once', async () => {
  const seed = Number(process.env.BOOKING_SEED ?? Date.now() % 100_000);
  const random = randomOf(seed);
  const users = Array.from({ length: 6 }, () => randomUUID());
  const actions = Array.from({ length: 4 }, () => randomUUID());
  const instruments = Array.from(
    { length: 30 },
    (_, index) => [`asset:${String(9_000 + index)}`, `asset:${randomUUID()}`] as const,
  );
  const events = Array.from({ length: 40 }, (): string => randomUUID());
  const eventOf = (transactionId: string): ReadyEntry => {
    const index = events.indexOf(transactionId);
    const user = users[index % users.length] ?? '';
    const corporateActionId = actions[index % actions.length] ?? null;
    const alias = instruments[index % instruments.length];
    return movement(user, { transactionId, corporateActionId, ...(alias === undefined ? {} : { alias }) });
  };
  const worker = async (): Promise<void> => {
    for (let batch = 0; batch < 15; batch += 1)
      await book(random.shuffled(events.filter(() => random.chance(0.5))).map(eventOf));
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  await book(events.map(eventOf));
  const { rows } = await sql<{ transactionId: string; count: number }>`
    SELECT transaction_id AS "transactionId", count(*)::int AS count FROM movements
    WHERE transaction_id = ANY (${events}::text[]) GROUP BY transaction_id`.execute(database.kysely);
  expect({ seed, booked: rows.map(({ count }) => count) }).toEqual({ seed, booked: events.map(() => 1) });
});
