import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';
import pino from 'pino';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { dispatchBatch } from '../../src/dispatch/batch';
import { PARTNERS } from '../../src/partners';
import { type Database, openDatabase } from '../../src/store/database';
import { IN_CLEAR } from '../../src/store/encryption';
import { migrate } from '../../src/store/migrate';
import { readBalances } from '../../src/store/stats/balance';
import { addRecovered } from '../../src/store/stats/counters';
import { paramsOf } from '../corporate-actions/movements';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';
import { claimAll, flowsThat, ONE_SLOT } from '../support/dispatch';
import { untilOneWaits } from '../support/until-one-waits';

jest.setTimeout(60_000);

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 6, queryTimeoutMs: 20_000 });
  await migrate(database.kysely);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

async function keep(route: string, source: 'webhook' | 'sweep'): Promise<string> {
  const params = paramsOf({ caId: randomUUID(), userId: randomUUID(), amount: '1' });
  const body = Buffer.from(JSON.stringify({ params }));
  return keepDelivery(database.kysely, { partner: 'bitpanda', route, source, body });
}

test('a batch that counts a recovered movement and a flow that counts one of its own never wait for each other', async () => {
  await keep('corporate-actions', 'sweep');
  const shared = await keep('no-such-route', 'webhook');
  const dependencies = {
    ...{ database: database.kysely, partners: PARTNERS, encryption: IN_CLEAR, slots: ONE_SLOT, mostTries: 3 },
    policies: createPolicies(DEFAULT_POLICY_SETTINGS, 1),
    logger: pino({ level: 'silent' }),
    flows: flowsThat(),
  };
  const claims = await claimAll(dependencies);
  let batch: Promise<unknown> = Promise.resolve();
  await database.kysely.transaction().execute(async (flow) => {
    await sql`UPDATE deliveries SET attempts = attempts WHERE id = ${shared}`.execute(flow);
    batch = dispatchBatch(dependencies, claims);
    batch.catch(() => undefined);
    await untilOneWaits(database.kysely);
    await addRecovered(flow, 'bitpanda', 1);
  });
  await batch;
  const { all } = await readBalances(database.kysely, () => Promise.resolve([]), []);
  expect(all.recovered).toBe(2);
});
