import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import { startHousekeeping } from '../../src/processes/housekeeping';
import { recordAction } from '../../src/store/audit';
import { type Database, openDatabase } from '../../src/store/database';
import { registerKeys } from '../../src/store/deliveries/event-keys';
import { migrate } from '../../src/store/migrate';
import { foldAlerts, raiseAlerts } from '../../src/store/outbox/alerts';
import { removeRecords } from '../../src/store/record-retention';
import { foldCounts } from '../../src/store/stats/fold';
import { readStoreGauges } from '../../src/store/stats/gauges';
import { createLogger } from '../../src/telemetry/logger';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

let fresh: FreshDatabase;
let database: Database;
beforeEach(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 4, queryTimeoutMs: 20_000 });
  await migrate(database.kysely);
  await fill();
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

/** A record of each kind from a hundred days ago, and one of today. */
async function fill(): Promise<void> {
  const { kysely } = database;
  for (const age of [100, 0]) {
    const key = { deliveryId: randomUUID(), partner: 'coinify', key: `key of ${String(age)}`, meaning: 'x' };
    await registerKeys(kysely, [key]);
    await sql`UPDATE event_keys SET seen_at = now() - ${age} * interval '1 day' WHERE event_key = ${key.key}`.execute(
      kysely,
    );
    const action = { by: 'alice', action: 'retry', target: String(age), reason: null, details: {} };
    await recordAction(kysely, action);
    await sql`UPDATE operator_actions SET at = now() - ${age} * interval '1 day' WHERE target = ${action.target}`.execute(
      kysely,
    );
    await raiseAlerts(kysely, [{ partner: 'coinify', finding: 'slow', example: 'x' }], 60_000 + age);
    await foldAlerts(kysely);
    await sql`
      UPDATE alerts SET window_start = window_start - ${age} * interval '1 day', window_end = window_end - ${age} * interval '1 day'
      WHERE window_end > now() - interval '1 hour'`.execute(kysely);
  }
}

async function left() {
  const { rows } = await sql<{ keys: string; alerts: string; audit: string }>`
    SELECT (SELECT count(*) FROM event_keys) AS keys, (SELECT count(*) FROM alerts) AS alerts,
      (SELECT count(*) FROM operator_actions) AS audit`.execute(database.kysely);
  return rows[0];
}

test('records past their term are removed, each kind only if it has one; alerts stay counted', async () => {
  expect(await removeRecords(database.kysely, {})).toEqual({ keys: 0, alerts: 0, audit: 0 });
  expect(await left()).toEqual({ keys: '2', alerts: '2', audit: '2' });
  expect(await removeRecords(database.kysely, { keys: 99, alerts: 99 })).toEqual({ keys: 1, alerts: 1, audit: 0 });
  expect(await left()).toEqual({ keys: '1', alerts: '1', audit: '2' });
  await foldCounts(database.kysely);
  expect((await readStoreGauges(database.kysely)).alerts).toEqual([
    { measure: 'alerts', partner: 'coinify', kind: 'slow', count: 2 },
  ]);
});

test('a receiver removes them from its start', async () => {
  const housekeeping = startHousekeeping({
    ...{ database: database.kysely, partners: [], retentionDays: {}, recordDays: { keys: 30, alerts: 1, audit: 30 } },
    messageDays: 90,
    ...{ everyMs: 60_000, retryMs: 100, logger: createLogger('silent', 'receiver') },
  });
  await eventually(async () => expect(await left()).toEqual({ keys: '1', alerts: '1', audit: '1' }));
  await housekeeping.stop();
});
