import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import { checkWaiting } from '../../src/dispatch/waiting-check';
import { createEncryption } from '../../src/store/encryption';
import { newestPlace, subjectWaits } from '../../src/store/deliveries/backlog';
import { retryDelivery } from '../../src/store/deliveries/retry';
import { claimAll } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { grpcError, openStand, type Stand } from './stand';

jest.setTimeout(120_000);

describe('what fails is isolated to its own delivery', () => {
  let stand: Stand;
  let isAway = false;

  beforeEach(async () => {
    isAway = false;
    stand = await openStand({ isKnownAway: () => isAway, isAway: () => Promise.resolve(isAway) });
  });
  afterEach(() => stand.close());

  const until = (...expected: readonly string[]) =>
    eventually(async () => expect((await stand.rows()).map(({ became }) => became)).toEqual(expected));

  async function shift(column: 'failing_since' | 'received_at' | 'next_attempt_at', hours: number): Promise<void> {
    await sql`UPDATE delivery_queue SET ${sql.ref(column)} = ${sql.ref(column)} - ${hours} * interval '1 hour'`.execute(
      stand.database.kysely,
    );
  }

  async function alerts() {
    return (await withFoldedAlerts(stand.database.kysely))
      .selectFrom('alerts')
      .select(['finding', 'count'])
      .orderBy('finding')
      .execute();
  }

  test('an order that Temporal answers with a gRPC code, any of them, is parked with it after its tries; retried once it is taken', async () => {
    const codes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    const ids: string[] = [];
    for (const code of codes) {
      const bad = randomUUID();
      stand.answers.set(bad, () => Promise.reject(grpcError(code)));
      ids.push(await stand.keep(bad));
    }
    await stand.keep(randomUUID());
    stand.start();
    await until(...codes.map(() => 'parked'), 'delivered');
    const causes = (await stand.rows()).map(({ cause }) => cause);
    expect(causes).toEqual([...codes.map((code) => `temporal: gRPC code ${String(code)}`), null]);
    expect(await alerts()).toEqual([{ finding: 'parked', count: codes.length }]);
    stand.answers.clear();
    for (const id of ids) expect(await retryDelivery(stand.database.kysely, id, 'night-shift')).toBe('retried');
    await until(...codes.map(() => 'delivered'), 'delivered');
  });

  test('every try is counted, and its cause is shown while the delivery waits', async () => {
    const bad = randomUUID();
    stand.answers.set(bad, () => Promise.reject(grpcError(8)));
    await stand.keep(bad);
    stand.start({ mostTries: 50 });
    await eventually(async () =>
      expect(await stand.rows()).toEqual([{ became: 'pending', tries: 2, cause: 'temporal: gRPC code 8' }]),
    );
  });

  test('orders that hang in Temporal keep none of the others waiting, however many they are', async () => {
    let end = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      end = resolve;
    });
    const bad = Array.from({ length: 20 }, () => randomUUID());
    for (const id of bad) stand.answers.set(id, () => hanging);
    for (const id of bad) await stand.keep(id);
    for (let count = 0; count < 100; count += 1) await stand.keep(randomUUID());
    stand.start();
    await eventually(() => expect(stand.taken).toHaveLength(100));
    await until(...bad.map(() => 'pending'), ...Array.from({ length: 100 }, () => 'delivered'));
    end();
    await until(...Array.from({ length: 120 }, () => 'delivered'));
  });

  test('while Temporal itself is away nothing is counted and nothing parked, whatever it answers', async () => {
    isAway = true;
    const ids = Array.from({ length: 30 }, () => randomUUID());
    for (const id of ids) {
      stand.answers.set(id, () => Promise.reject(grpcError(14)));
      await stand.keep(id);
    }
    stand.start({ mostTries: 1 });
    await eventually(async () => {
      const { rows } = await sql<{ most: number }>`SELECT max(attempts) AS most FROM kept_deliveries`.execute(
        stand.database.kysely,
      );
      expect(rows[0]?.most).toBeGreaterThan(2);
    });
    expect(await stand.rows()).toEqual(ids.map(() => ({ became: 'pending', tries: 0, cause: null })));
    isAway = false;
    stand.answers.clear();
    await until(...ids.map(() => 'delivered'));
  });

  test('what follows a delivery of its subject waits behind it, and goes on in order once that one is taken', async () => {
    const order = randomUUID();
    let isRefused = true;
    stand.answers.set(order, () => (isRefused ? Promise.reject(grpcError(8)) : Promise.resolve()));
    const first = await stand.keep(order, 'PLACED');
    stand.start({ mostTries: 50 });
    await eventually(async () => expect((await stand.rows())[0]?.tries).toBeGreaterThan(0));
    const rest = [await stand.keep(order, 'FILLED'), await stand.keep(order, 'SETTLED')];
    await stand.keep(randomUUID());
    await until('pending', 'pending', 'pending', 'delivered');
    expect((await stand.rows()).map(({ tries }) => tries > 0)).toEqual([true, false, false, false]);
    isRefused = false;
    await until('delivered', 'delivered', 'delivered', 'delivered');
    const own = stand.taken.filter((line) => line.startsWith(order));
    expect(own).toEqual([first, ...rest].map((id) => `${order} ${id}`));
  });

  test('of two of one subject the earlier goes first, also where the later became due before it', async () => {
    const order = randomUUID();
    const ids = [await stand.keep(order), await stand.keep(order)];
    await sql`
      UPDATE delivery_queue q SET next_attempt_at = now() - interval '1 minute' FROM deliveries d
      WHERE d.position = q.position AND d.id = ${ids[1] ?? ''}`.execute(stand.database.kysely);
    stand.start();
    await until('delivered', 'delivered');
    expect(stand.taken).toEqual(ids.map((id) => `${order} ${id}`));
  });

  test('two dispatchers keep the order of each subject', async () => {
    const orders = Array.from({ length: 10 }, () => randomUUID());
    const kept = new Map<string, string[]>();
    for (let turn = 0; turn < 6; turn += 1) {
      for (const order of orders) kept.set(order, [...(kept.get(order) ?? []), await stand.keep(order)]);
    }
    for (const order of orders) {
      stand.answers.set(order, () => new Promise((resolve) => setTimeout(resolve, Math.random() * 20)));
    }
    stand.start();
    stand.start();
    await until(...Array.from({ length: 60 }, () => 'delivered'));
    for (const order of orders) {
      const own = stand.taken.filter((line) => line.startsWith(order));
      expect(own).toEqual(kept.get(order)?.map((id) => `${order} ${id}`));
    }
  });

  test('a delivery on which our own decoder fails is parked for that, beside others that go through', async () => {
    await stand.keep(randomUUID(), 'OURS');
    await stand.keep(randomUUID());
    stand.start();
    await until('parked', 'delivered');
    expect((await stand.rows())[0]?.cause).toBe('decoder: RangeError');
  });

  test('a delivery that PostgreSQL refuses for what it holds is parked for that, beside others that go through', async () => {
    const bad = await stand.keep(randomUUID());
    for (let count = 0; count < 5; count += 1) await stand.keep(randomUUID());
    await sql`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION USING ERRCODE = '22021'; END $$`.execute(stand.database.kysely);
    await sql`
      CREATE TRIGGER refuse BEFORE UPDATE ON deliveries FOR EACH ROW
      WHEN (NEW.status = 'delivered' AND NEW.id = '${sql.raw(bad)}') EXECUTE FUNCTION refuse()`.execute(
      stand.database.kysely,
    );
    stand.start();
    const others = Array.from({ length: 5 }, () => 'delivered');
    await until('pending', ...others);
    await until('parked', ...others);
    expect((await stand.rows())[0]?.cause).toBe('store: 22021');
  });

  test('an event whose name cannot be written keeps no other from being claimed', async () => {
    await stand.keep(randomUUID(), 'NUL');
    await stand.keep(randomUUID());
    stand.start();
    await until('parked', 'delivered');
  });

  describe('a body under a key that is missing', () => {
    const [lost, other] = ['lost', 'other'].map((id, index) => ({ id, key: Buffer.alloc(32, index + 1) }));
    const withKeys = (...keys: readonly (typeof lost)[]) =>
      createEncryption(keys.flatMap((key) => (key === undefined ? [] : [key])));

    test('is parked after its tries and an hour, and comes back by itself where the key is there again', async () => {
      const order = randomUUID();
      const id = await stand.keep(order, 'PLACED', { encryption: withKeys(lost) });
      const good = await stand.keep(randomUUID(), 'PLACED', { encryption: withKeys(other) });
      const dispatcher = stand.start({ encryption: withKeys(other), mostTries: 2 });
      await eventually(async () => expect((await stand.rows())[0]?.tries).toBeGreaterThan(2));
      await shift('failing_since', 2);
      await until('parked', 'delivered');
      expect((await stand.rows())[0]?.cause).toBe('body-key: no-such-key');
      await dispatcher.stop();
      const still = { ...stand.dependencies, encryption: withKeys(other) };
      expect(await checkWaiting(still)).toBe(0);
      const back = { ...stand.dependencies, encryption: withKeys(other, lost) };
      expect(await checkWaiting(back)).toBe(1);
      stand.start({ encryption: withKeys(other, lost) });
      await until('delivered', 'delivered');
      const audit = await stand.database.kysely
        .selectFrom('operator_actions')
        .select(['by', 'action', 'target'])
        .execute();
      expect(audit).toEqual([{ by: 'system', action: 'retry', target: id }]);
      expect(good).not.toBe(id);
    });

    test('holds up what is missed of its partner for an hour, and then of nobody', async () => {
      await stand.keep(randomUUID(), 'PLACED', { encryption: withKeys(lost) });
      await claimAll(stand.dependencies);
      const another = { partner: 'tradevest', workflowId: `tradevest:order:${randomUUID()}` };
      const elsewhere = { partner: 'coinify', workflowId: `coinify:trade:${randomUUID()}` };
      const upTo = await newestPlace(stand.database.kysely);
      const waits = (subject: typeof another) => subjectWaits(stand.database.kysely, subject, upTo);
      expect([await waits(another), await waits(elsewhere)]).toEqual([true, false]);
      await shift('received_at', 2);
      expect([await waits(another), await waits(elsewhere)]).toEqual([false, false]);
    });
  });

  test('a delivery that waits holds up what is missed of its own subject, however old it is, and of no other', async () => {
    const order = randomUUID();
    stand.answers.set(order, () => Promise.reject(grpcError(8)));
    await stand.keep(order);
    stand.start({ mostTries: 50 });
    await eventually(async () => expect((await stand.rows())[0]?.tries).toBeGreaterThan(0));
    await shift('received_at', 100);
    const upTo = await newestPlace(stand.database.kysely);
    const waits = (id: string) =>
      subjectWaits(stand.database.kysely, { partner: 'tradevest', workflowId: `tradevest:order:${id}` }, upTo);
    expect([await waits(order), await waits(randomUUID())]).toEqual([true, false]);
  });

  test('what has waited for an hour is alerted as stuck, once, and not while Temporal is away', async () => {
    await stand.keep(randomUUID());
    expect(await checkWaiting(stand.dependencies)).toBe(0);
    await shift('next_attempt_at', 2);
    isAway = true;
    expect(await checkWaiting(stand.dependencies)).toBe(0);
    isAway = false;
    expect(await checkWaiting(stand.dependencies)).toBe(1);
    expect(await checkWaiting(stand.dependencies)).toBe(0);
    expect(await alerts()).toEqual([{ finding: 'stuck', count: 1 }]);
  });

  test('the backlog of one partner leaves the others where they were: each is claimed in turn', async () => {
    for (let count = 0; count < 40; count += 1) await stand.keep(randomUUID());
    for (let count = 0; count < 3; count += 1) await stand.keep(randomUUID(), 'PLACED', { partner: 'coinify' });
    const claimed = await claimAll(stand.dependencies, { limit: 8 });
    expect(claimed.map(({ claim }) => claim.partner).sort()).toEqual([
      ...['coinify', 'coinify', 'coinify'],
      ...['tradevest', 'tradevest', 'tradevest', 'tradevest', 'tradevest'],
    ]);
  });
});
