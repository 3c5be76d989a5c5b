import { randomUUID } from 'node:crypto';

import { type Database, openDatabase } from '../../src/store/database';
import { registerKeys } from '../../src/store/deliveries/event-keys';
import { migrate } from '../../src/store/migrate';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 8 });
  await migrate(database.kysely);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

test('of two meanings of one event id that arrive in the same moment exactly one is the first', async () => {
  const [first, second] = ['100', '200'].map((meaning) => {
    return { deliveryId: randomUUID(), partner: 'coinify' as const, key: 'same moment', meaning };
  });
  if (first === undefined || second === undefined) throw new Error('no keys');
  let isSecondDone = false;
  let secondChecks: ReturnType<typeof registerKeys> = Promise.resolve(new Map());
  const firstChecks = await database.kysely.transaction().execute(async (transaction) => {
    const checks = await registerKeys(transaction, [first]);
    secondChecks = registerKeys(database.kysely, [second]).finally(() => {
      isSecondDone = true;
    });
    // The first is registered, and not committed: whoever did not wait now would see nothing of it.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isSecondDone).toBe(false);
    return checks;
  });
  expect(firstChecks.get(first.deliveryId)?.contradictsEarlier).toBe(false);
  expect((await secondChecks).get(second.deliveryId)?.contradictsEarlier).toBe(true);
});

test('an event id of one partner says nothing of the same id of another', async () => {
  const said = (['coinify', 'bitpanda'] as const).map((partner) => {
    return { deliveryId: randomUUID(), partner, key: 'shared', meaning: partner };
  });
  const checks = await registerKeys(database.kysely, said);
  expect([...checks.values()].map(({ contradictsEarlier }) => contradictsEarlier)).toEqual([false, false]);
});
