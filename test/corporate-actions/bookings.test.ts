import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { sql, type Transaction } from 'kysely';
import pino from 'pino';

import { dispatchBatch } from '../../src/dispatch/batch';
import type { BookedKind } from '../../src/domain/booking';
import { PARTNERS } from '../../src/partners';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { actionsOf } from '../../src/store/audit';
import { raiseAlerts } from '../../src/store/outbox/alerts';
import { type Database, openDatabase } from '../../src/store/database';
import { judgeSetsWithin } from '../../src/store/corporate-actions/judge';
import { migrate } from '../../src/store/migrate';
import { giveKind } from '../../src/store/ledger/kinds';
import { listPositions } from '../../src/store/ledger/positions';
import { IN_CLEAR } from '../../src/store/encryption';
import { reverseMovements } from '../../src/store/ledger/reversals';
import type { Tables } from '../../src/store/schema/tables';
import { loadFlow } from '../../src/store/flows/list';
import { claimAll, flowsThat, ONE_SLOT } from '../support/dispatch';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { judgeNow } from '../support/judge-now';
import { keepDelivery } from '../support/keep-delivery';
import { withFoldedAlerts } from '../support/folded-alerts';
import { wordGiven } from '../support/word-given';
import { paramsOf, printed } from './movements';

jest.setTimeout(120_000);

let fresh: FreshDatabase;
let database: Database;
const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 4 });
  await migrate(database.kysely);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

async function keep(route: string, params: object): Promise<string> {
  const body = Buffer.from(JSON.stringify({ params }));
  return keepDelivery(database.kysely, { partner: 'bitpanda', route, body });
}

/** Dispatches all that is pending, so many at a time. */
async function dispatchAll(limit: number): Promise<void> {
  const logger = pino({ level: 'silent' });
  const dependencies = {
    database: database.kysely,
    partners: PARTNERS,
    flows: flowsThat(),
    policies,
    logger,
    slots: ONE_SLOT,
    mostTries: 3,
    encryption: IN_CLEAR,
  };
  for (;;) {
    const claims = await claimAll(dependencies, { limit });
    if (claims.length === 0) return;
    await dispatchBatch(dependencies, claims);
  }
}

async function becameOf(id: string): Promise<string> {
  const row = await database.kysely
    .selectFrom('deliveries')
    .select(['status', 'outcome'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.outcome ?? row.status;
}

/** Posts one after the other; what became of each, right away. */
async function notifyAll(events: readonly (readonly [route: string, params: object])[]): Promise<readonly string[]> {
  const became: string[] = [];
  for (const [route, params] of events) {
    const id = await keep(route, params);
    await dispatchAll(10);
    became.push(await becameOf(id));
  }
  return became;
}

async function positionsOf(user: string): Promise<Readonly<Record<string, string>>> {
  const { items } = await listPositions(database.kysely, { user }, { limit: 100, after: null });
  return Object.fromEntries(items.map(({ instrument, amount }) => [instrument, amount]));
}

const V1 = 'non-user-initiated-transactions';
const VERSIONS = [V1, `${V1}-v2`, `${V1}-v3`] as const;

/** A printed transaction in a version, with ids of its own; asset ids are the same pair in every one. */
function transaction(version: 1 | 2 | 3, kind: string, changes: object): readonly [string, object] {
  const params = printed(`non-user-initiated-transaction-v${String(version)}.${kind}`);
  return [VERSIONS[version - 1] ?? V1, { ...params, ...changes }];
}

describe('one transaction told by three versions', () => {
  test.each([
    [1, 2, 3],
    [3, 2, 1],
    [2, 1, 3],
  ] as const)('is booked once, whichever comes first: %i, %i, %i', async (...order) => {
    const [id, user_id] = [randomUUID(), randomUUID()];
    const uuid = randomUUID();
    const number = 1_000 + Math.floor(Math.random() * 1e9);
    const told = order.map((version) =>
      transaction(version, 'staking-reward', { id, user_id, asset_id: version === 3 ? uuid : number }),
    );
    expect(await notifyAll(told)).toEqual(['applied', 'duplicate', 'duplicate']);
    expect(await positionsOf(user_id)).toEqual({ [`asset:${uuid}`]: '0.10160299' });
    const row = await database.kysely
      .selectFrom('movements')
      .select('fee')
      .where('transaction_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row.fee).toBe('0.05297462');
  });

  test('whose first version cannot say what it moves is parked, and a duplicate once a richer one is booked', async () => {
    const [id, user_id] = [randomUUID(), randomUUID()];
    const poor = await keep(...transaction(1, 'deduction', { id, user_id }));
    await dispatchAll(10);
    expect(await becameOf(poor)).toBe('parked');
    expect(await notifyAll([transaction(2, 'deduction', { id, user_id })])).toEqual(['applied']);
    await dispatchAll(10);
    expect(await becameOf(poor)).toBe('duplicate');
    expect(Object.values(await positionsOf(user_id))).toEqual(['-1']);
  });

  test('whose type alone says that it is an asset is parked where its id is known as one of money', async () => {
    const [id, user_id, other] = [randomUUID(), randomUUID(), randomUUID()];
    const number = 1_000 + Math.floor(Math.random() * 1e9);
    const fee = transaction(1, 'metal-storage-fee', { id, user_id, asset_id: number });
    const refund = transaction(1, 'tax-refund', { id: randomUUID(), user_id: other, asset_id: number });
    expect(await notifyAll([refund, fee])).toEqual(['applied', 'parked']);
    expect(await positionsOf(user_id)).toEqual({});
    const unknown = transaction(1, 'metal-storage-fee', { id: randomUUID(), user_id, asset_id: number + 1 });
    expect(await notifyAll([unknown])).toEqual(['applied']);
  });

  test('with another amount is illegal, and changes no position', async () => {
    const [id, user_id] = [randomUUID(), randomUUID()];
    const told = [
      transaction(2, 'giveaway', { id, user_id }),
      transaction(2, 'giveaway', { id, user_id, asset_amount: '7' }),
      transaction(2, 'giveaway', { id, user_id }),
      transaction(2, 'giveaway', { id, user_id, asset_amount: '7.0' }),
      transaction(2, 'giveaway', { id, user_id, asset_amount: '8' }),
    ];
    expect(await notifyAll(told)).toEqual(['applied', 'illegal', 'duplicate', 'duplicate', 'illegal']);
    expect(Object.values(await positionsOf(user_id))).toEqual(['0.9622527']);
  });
});

describe('a transaction that does not say what it moves', () => {
  const give = (deliveryId: string, kind: BookedKind) =>
    giveKind(database.kysely, { deliveryId, kind, by: 'night-shift', reason: 'as the partner says' });

  async function parked(
    changes: object = {},
  ): Promise<{ readonly id: string; readonly user: string; readonly told: string }> {
    const [told, user] = [randomUUID(), randomUUID()];
    const id = await keep(...transaction(1, 'deduction', { id: told, user_id: user, ...changes }));
    await dispatchAll(10);
    expect(await becameOf(id)).toBe('parked');
    return { id, user, told };
  }

  test.each([
    ['asset', { 'asset:4712': '-1' }],
    ['fiat', { 'fiat:4712': '-1' }],
  ] as const)('is booked as %s where an operator says so, once, and recorded', async (kind, positions) => {
    const { id, user, told } = await parked({ asset_id: 4_712 });
    const again = await keep(...transaction(1, 'deduction', { id: told, user_id: user, asset_id: 4_712 }));
    await dispatchAll(10);
    expect(await give(id, kind)).toBe('given');
    await dispatchAll(10);
    expect([await becameOf(id), await becameOf(again)]).toEqual(['applied', 'duplicate']);
    expect(await positionsOf(user)).toEqual(positions);
    expect(await give(id, kind)).toBe('not-parked');
    expect(await actionsOf(database.kysely, id)).toMatchObject([
      { by: 'night-shift', action: 'book', reason: 'as the partner says', details: { as: kind } },
    ]);
    const later = transaction(1, 'deduction', { id: told, user_id: user, asset_id: 4_712 });
    expect(await notifyAll([later])).toEqual(['duplicate']);
  });

  test('and is booked as an asset contradicts a later version that says money', async () => {
    const { id, user, told } = await parked({ asset_id: 4_713 });
    await give(id, 'asset');
    await dispatchAll(10);
    const says = (kind: string) =>
      transaction(2, 'deduction', { id: told, user_id: user, asset_id: 4_713, type_defined_for: kind });
    expect(await notifyAll([says('asset')])).toEqual(['duplicate']);
    const money = { asset_id: null, asset_amount: null, fiat_id: 4_713, fiat_amount: '1', type_defined_for: 'fiat' };
    expect(await notifyAll([transaction(2, 'deduction', { id: told, user_id: user, ...money })])).toEqual(['illegal']);
    expect(await positionsOf(user)).toEqual({ 'asset:4713': '-1' });
  });

  test('is told apart from what is parked for something else, or not at all', async () => {
    const broken = await keep(V1, { id: randomUUID() });
    await dispatchAll(10);
    expect([await becameOf(broken), await give(broken, 'asset')]).toEqual(['parked', 'stated']);
    expect(await give(randomUUID(), 'asset')).toBe('unknown');
    expect(await give('no id', 'asset')).toBe('unknown');
  });
});

test('the flow of a transaction shows what it moved, with the fee and the value that are kept beside it', async () => {
  const [id, user_id, asset_id] = [randomUUID(), randomUUID(), randomUUID()];
  await notifyAll([transaction(3, 'giveaway', { id, user_id, asset_id, asset_fee: '0.050', fiat_amount: '3.10' })]);
  const flow = await loadFlow(database.kysely, `bitpanda:transaction:${id}`, () => null);
  expect(flow?.movements).toMatchObject([
    { transactionId: id, userId: user_id, instrument: `asset:${asset_id}`, amount: '0.9622527', fee: '0.05' },
  ]);
  expect(flow?.movements[0]?.value?.amount).toBe('3.1');
});

test('a refund of tax moves money in every version, and its value beside an asset moves nothing', async () => {
  const [first, second, user_id] = [randomUUID(), randomUUID(), randomUUID()];
  await notifyAll([
    transaction(1, 'tax-refund', { id: first, user_id }),
    transaction(2, 'giveaway', { id: second, user_id, asset_id: 4_711 }),
  ]);
  expect(await positionsOf(user_id)).toEqual({ 'fiat:1': '22.88', 'asset:4711': '0.9622527' });
});

describe('a crypto action', () => {
  const body = (id: string, user_id: string, legs: readonly object[]) => ({
    ...printed('crypto-action.merger-crypto-two-transactions'),
    id,
    user_id,
    transactions: legs,
  });
  const leg = (id: string, direction: string, amount: string, asset: string, number: number) => ({
    ...{ id, direction, asset_amount: amount, asset_id: asset, asset_int: number, type_defined_for: 'asset' },
  });

  test('that comes again with one leg more books that leg, and teaches both kinds of ids', async () => {
    const [id, user] = [randomUUID(), randomUUID()];
    const [out, received, other] = [randomUUID(), randomUUID(), randomUUID()];
    const number = 1_000 + Math.floor(Math.random() * 1e9);
    const first = leg(id, 'outgoing', '3.5', out, number);
    const second = leg(other, 'incoming', '1.5', received, number + 1);
    const told = [body(id, user, [first]), body(id, user, [first, second]), body(id, user, [second])];
    expect(await notifyAll(told.map((params) => ['crypto-actions', params] as const))).toEqual([
      'applied',
      'applied',
      'duplicate',
    ]);
    expect(await positionsOf(user)).toEqual({ [`asset:${out}`]: '-3.5', [`asset:${received}`]: '1.5' });
    await notifyAll([transaction(2, 'staking-reward', { id: randomUUID(), user_id: user, asset_id: number })]);
    expect(await positionsOf(user)).toMatchObject({ [`asset:${out}`]: '-3.39839701' });
  });

  test('that contradicts what is known of an id takes the alias from both, and is alerted', async () => {
    const [user, one, another] = [randomUUID(), randomUUID(), randomUUID()];
    const number = 1_000 + Math.floor(Math.random() * 1e9);
    await notifyAll([transaction(2, 'staking-reward', { id: randomUUID(), user_id: user, asset_id: number })]);
    const teach = async (uuid: string): Promise<void> => {
      const id = randomUUID();
      await notifyAll([['crypto-actions', body(id, randomUUID(), [leg(id, 'outgoing', '1', uuid, number)])]]);
    };
    await teach(one);
    expect(Object.keys(await positionsOf(user))).toEqual([`asset:${one}`]);
    await teach(another);
    expect(Object.keys(await positionsOf(user))).toEqual([`asset:${String(number)}`]);
    const alerts = await (
      await withFoldedAlerts(database.kysely)
    )
      .selectFrom('alerts')
      .select(['finding', 'examples'])
      .execute();
    const told = alerts.filter(({ finding }) => finding === 'contradicting-alias').flatMap(({ examples }) => examples);
    expect(told).toContain(`bitpanda:asset:${String(number)}`);
  });
});

/** A spin-off's three events in both kinds of ids, of one holder of an action. */
function eventsOf(caId: string, userId: string, old: readonly [number, string], received: readonly [number, string]) {
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  const both = (id: string, [number, uuid]: readonly [number, string], amount: string) =>
    [number, uuid].map((asset) => paramsOf({ id, caId, userId, asset, amount }));
  return [both(first, old, '-10'), both(second, old, '10'), both(third, received, '5')];
}

test('whatever part of a set comes, in whatever order, kind of ids and number: the same positions, the same verdict', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(2), fc.nat(1)), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 5 }),
      async (told, atOnce) => {
        const number = 1_000 + Math.floor(Math.random() * 1e9);
        const [old, received] = [
          [number, randomUUID()],
          [number + 1, randomUUID()],
        ] as const;
        const [caId, userId, other] = [randomUUID(), randomUUID(), randomUUID()];
        const events = eventsOf(caId, userId, old, received);
        // Another holder's complete set, in both kinds of ids, makes them known.
        for (const params of eventsOf(caId, other, old, received).flat()) await keep('corporate-actions', params);
        await dispatchAll(50);
        for (const [leg, kind] of told) await keep('corporate-actions', events[leg]?.[kind] ?? {});
        await dispatchAll(atOnce);
        const legs = new Set(told.map(([leg]) => leg));
        const sum = (legs.has(0) ? -10 : 0) + (legs.has(1) ? 10 : 0);
        const expected = {
          ...(sum === 0 ? {} : { [`asset:${old[1]}`]: String(sum) }),
          ...(legs.has(2) ? { [`asset:${received[1]}`]: '5' } : {}),
        };
        expect(await positionsOf(userId)).toEqual(expected);
        await judgeNow(database.kysely, caId, policies);
        const set = await database.kysely
          .selectFrom('transaction_sets')
          .select('verdict')
          .where('user_id', '=', userId)
          .executeTakeFirstOrThrow();
        const [hasOut, hasBack, hasNew] = [legs.has(0), legs.has(1), legs.has(2)];
        // One other holder is no proof of a ratio: two movements, or the new share alone, cannot be verified.
        const whole = hasOut && hasBack ? (hasNew ? 'complete' : 'unverified') : 'break';
        expect(set.verdict).toBe(!hasOut && !hasBack ? 'unverified' : whole);
      },
    ),
    { numRuns: 40 },
  );
});

describe('a verdict rests on more than its own movements', () => {
  beforeAll(() => wordGiven(database.kysely));

  const verdictOf = async (caId: string, userId: string) =>
    database.kysely
      .selectFrom('transaction_sets')
      .select(['verdict', 'before'])
      .where('corporate_action_id', '=', caId)
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();

  /** Two complete sets in the ratio of one to two. */
  const proofOf = (caId: string, old: string, received: string) =>
    ['10', '20'].flatMap((quantity) => {
      const userId = randomUUID();
      const share = String(Number(quantity) / 2);
      return [
        paramsOf({ caId, userId, asset: old, amount: `-${quantity}` }),
        paramsOf({ caId, userId, asset: old, amount: quantity }),
        paramsOf({ caId, userId, asset: received, amount: share }),
      ];
    });

  async function settleAll(caId: string, events: readonly object[]): Promise<void> {
    await notifyAll(events.map((params) => ['corporate-actions', params] as const));
    await judgeNow(database.kysely, caId, policies);
  }

  test('on what was held before, also where that is told only after it was judged, or taken back', async () => {
    const [caId = '', userId = '', old = '', received = '', id = ''] = [1, 2, 3, 4, 5].map(() => randomUUID());
    await database.kysely
      .insertInto('openings')
      .values({ partner: 'bitpanda', user_id: userId, instrument: `asset:${old}`, amount: '0', as_of: '2024-01-01' })
      .execute();
    await settleAll(caId, [...proofOf(caId, old, received), paramsOf({ caId, userId, asset: received, amount: '2' })]);
    expect(await verdictOf(caId, userId)).toEqual({ verdict: 'old-share-sold', before: '0' });
    const bought = { id, user_id: userId, asset_id: old, asset_amount: '4', created_at: '2024-05-01T00:00:00Z' };
    expect(await notifyAll([transaction(3, 'giveaway', bought)])).toEqual(['applied']);
    await judgeNow(database.kysely, caId, policies);
    expect(await verdictOf(caId, userId)).toEqual({ verdict: 'break', before: '4' });
    const request = { partner: 'bitpanda', transactionId: id, by: 'night-shift', reason: 'not his' } as const;
    const reversal = await reverseMovements(database.kysely, request);
    expect(reversal?.corporateActionIds).toEqual([caId]);
  });

  test('on what instruments are called: one told under the other kind of id is verified once both are known as one', async () => {
    const [caId = '', userId = '', old = '', received = ''] = [1, 2, 3, 4].map(() => randomUUID());
    const number = 1_000 + Math.floor(Math.random() * 1e9);
    await settleAll(caId, [
      ...proofOf(caId, old, received),
      paramsOf({ caId, userId, asset: number, amount: '-4' }),
      paramsOf({ caId, userId, asset: number, amount: '4' }),
      paramsOf({ caId, userId, asset: received, amount: '2' }),
    ]);
    expect(await verdictOf(caId, userId)).toMatchObject({ verdict: 'unverified' });
    const leg = { direction: 'outgoing', asset_amount: '1', type_defined_for: 'asset' };
    const [id, legId] = [randomUUID(), randomUUID()];
    const action = {
      ...printed('crypto-action.merger-crypto-two-transactions'),
      id,
      transactions: [{ ...leg, id: legId, asset_id: old, asset_int: number }],
    };
    expect(await notifyAll([['crypto-actions', action]])).toEqual(['applied']);
    await judgeNow(database.kysely, caId, policies);
    expect(await verdictOf(caId, userId)).toMatchObject({ verdict: 'complete' });
  });

  /** A worker that judges a corporate action, holding what judging holds, while dispatch books all there is. */
  async function whileJudged(caId: string, resume: (worker: Transaction<Tables>) => Promise<unknown>): Promise<void> {
    await database.kysely.transaction().execute(async (worker) => {
      const name = `corporate-action:bitpanda:${caId}`;
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(worker);
      await dispatchAll(50);
      await resume(worker);
    });
  }

  /** A holder of whom an opening is known, and what it is to be told that he held more. */
  async function holderOf(old: string, amount: string) {
    const userId = randomUUID();
    await database.kysely
      .insertInto('openings')
      .values({ partner: 'bitpanda', user_id: userId, instrument: `asset:${old}`, amount, as_of: '2024-01-01' })
      .execute();
    const bought = { user_id: userId, asset_id: old, asset_amount: '4', created_at: '2024-05-01T00:00:00Z' };
    const [route, params] = transaction(3, 'giveaway', { id: randomUUID(), ...bought });
    return { userId, tellMore: () => keep(route, params) };
  }

  test('and dispatch, which judges none of them, does not wait for one that a worker judges', async () => {
    const [first = '', second = ''] = [randomUUID(), randomUUID()].sort();
    const old = randomUUID();
    const { userId, tellMore } = await holderOf(old, '0');
    for (const caId of [first, second]) {
      const received = randomUUID();
      await settleAll(caId, [
        ...proofOf(caId, old, received),
        paramsOf({ caId, userId, asset: received, amount: '2' }),
      ]);
    }
    const id = await tellMore();
    const example = `bitpanda:corporate-action:${second}`;
    const cause = { partner: 'bitpanda', finding: 'break', example } as const;
    // An alert names its first few causes, and the tests before have filled it in some runs.
    await sql`DELETE FROM alerts`.execute(await withFoldedAlerts(database.kysely));
    await whileJudged(second, (worker) => raiseAlerts(worker, [cause], policies.alertWindowMs));
    expect(await becameOf(id)).toBe('applied');
    for (const caId of [first, second]) await judgeNow(database.kysely, caId, policies);
    expect(await verdictOf(second, userId)).toMatchObject({ verdict: 'break' });
    expect(await verdictOf(first, userId)).toMatchObject({ verdict: 'break' });
    const { rows } = await sql`
      SELECT FROM alerts WHERE finding = 'break' AND examples @> ${[`bitpanda:corporate-action:${first}`]}::text[]`.execute(
      await withFoldedAlerts(database.kysely),
    );
    expect(rows).toHaveLength(1);
  });

  test('and dispatch books a new set of a corporate action while a worker judges it', async () => {
    const [caId, old, received] = [randomUUID(), randomUUID(), randomUUID()];
    const proof = proofOf(caId, old, received);
    await settleAll(caId, proof);
    const { userId, tellMore } = await holderOf(old, '6');
    const id = await tellMore();
    await keep('corporate-actions', paramsOf({ caId, userId, asset: received, amount: '2' }));
    await whileJudged(caId, (worker) => judgeSetsWithin(worker, { partner: 'bitpanda', id: caId }, [], policies));
    expect(await becameOf(id)).toBe('applied');
    await judgeNow(database.kysely, caId, policies);
    expect(await verdictOf(caId, userId)).toEqual({ verdict: 'break', before: '10' });
  });
});
