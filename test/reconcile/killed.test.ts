import { sql } from 'kysely';

import { eventually } from '../support/eventually';
import { startPartnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { type Harness, openHarness } from '../workflows/harness';
import { flowOf, listed, place, reconcile } from './outside';

jest.setTimeout(120_000);

const FLOWS = 20;

let harness: Harness;
let ids: readonly string[];
beforeEach(async () => {
  harness = await openHarness();
  await harness.startWorkers();
  harness.startDispatch();
  ids = await place(harness, FLOWS);
  for (const id of ids) await harness.client.workflow.getHandle(flowOf(id)).terminate('tried');
  await eventually(async () => expect(await listed(harness, 'Terminated')).toBe(FLOWS));
});
afterEach(() => harness.close());

/** Kill -9 of a reconciliation that waits for a lock of PostgreSQL, which is held meanwhile. */
async function killedWhileWaiting(lock: ReturnType<typeof sql>): Promise<void> {
  await harness.database.kysely.transaction().execute(async (transaction) => {
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(transaction);
    await lock.execute(transaction);
    const command = startPartnerflow(['reconcile', '--json'], {
      DATABASE_URL: harness.databaseUrl,
      TEMPORAL_ADDRESS: testServers().temporalAddress,
      TEMPORAL_TASK_QUEUE: harness.taskQueue,
    });
    await eventually(async () => {
      const { rows } = await sql`
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(
        harness.database.kysely,
      );
      expect(rows.length).toBeGreaterThan(0);
    }, 60_000);
    await command.kill();
  });
}

/** Flows of which the audit says that a reconciliation began to mend them, or did. */
async function recorded(): Promise<ReadonlySet<string>> {
  const rows = await harness.database.kysely
    .selectFrom('operator_actions')
    .select('target')
    .where('action', '=', 'reconcile')
    .execute();
  return new Set(rows.map(({ target }) => target));
}

/** Flows that run again. */
async function startedAgain(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of ids) {
    const { status } = await harness.client.workflow.getHandle(flowOf(id)).describe();
    if (status.name === 'RUNNING') found.push(flowOf(id));
  }
  return found;
}

test('a reconciliation that is killed before it could record a repair has repaired nothing', async () => {
  await killedWhileWaiting(sql`LOCK TABLE operator_actions IN SHARE MODE`);
  expect(await startedAgain()).toEqual([]);
  expect(await reconcile(harness)).toMatchObject({ summary: { found: FLOWS, mended: FLOWS } });
  expect(await recorded()).toEqual(new Set(ids.map(flowOf)));
});

test('a reconciliation that is killed after a repair, and before it could say so, has recorded that it began', async () => {
  await sql`
    CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.details->>'runId' IS NOT NULL THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF;
      RETURN NEW;
    END $$`.execute(harness.database.kysely);
  await sql`CREATE TRIGGER wait BEFORE INSERT ON operator_actions FOR EACH ROW EXECUTE FUNCTION wait_for_test()`.execute(
    harness.database.kysely,
  );
  await killedWhileWaiting(sql`SELECT pg_advisory_xact_lock(4711)`);
  const started = await startedAgain();
  expect(started.length).toBeGreaterThan(0);
  expect([...(await recorded())]).toEqual(expect.arrayContaining([...started]));
  expect((await reconcile(harness)).code).toBe(1);
  expect(await startedAgain()).toHaveLength(FLOWS);
  expect(await recorded()).toEqual(new Set(ids.map(flowOf)));
  expect(await reconcile(harness)).toMatchObject({ code: 0, items: [] });
});
