import { sql } from 'kysely';

import { eventually } from '../support/eventually';
import { type Harness, openHarness, outcomes, subjectOf } from '../workflows/harness';
import { age, allTold, balance, flowOf, listed, object, place, reconcile, run } from './outside';

/** The orders' rows and deliveries as they stand now, to be set back to: what a restored database holds. */
async function backUp({ database }: Harness): Promise<() => Promise<void>> {
  await sql`CREATE TABLE old_subjects AS SELECT * FROM subjects`.execute(database.kysely);
  await sql`CREATE TABLE old_deliveries AS SELECT * FROM deliveries`.execute(database.kysely);
  return async () => {
    const columns = sql.raw(
      'workflow_id, lifecycle, partner, object, object_id, state, waiting_for, since, due_at, open, version, write_id, subject, as_of',
    );
    await sql`DELETE FROM subjects`.execute(database.kysely);
    await sql`INSERT INTO subjects (${columns}) SELECT ${columns} FROM old_subjects`.execute(database.kysely);
    await sql`DELETE FROM deliveries WHERE id NOT IN (SELECT id FROM old_deliveries)`.execute(database.kysely);
    await sql`UPDATE deliveries d SET status = o.status, outcome = o.outcome FROM old_deliveries o WHERE o.id = d.id`.execute(
      database.kysely,
    );
  };
}

describe('a database and a Temporal that are not of the same moment', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness();
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterEach(() => harness.close());

  async function fill(id: string): Promise<void> {
    harness.objects.set(id, () => object('FILLED'));
    await harness.keep(id, 'FILLED');
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('FILLED'));
  }

  test('a flow whose row is gone writes it again', async () => {
    const [id = ''] = await place(harness, 1);
    await harness.database.kysely.deleteFrom('subjects').execute();
    await harness.client.workflow.getHandle(flowOf(id)).describe();
    // A flow that has only just started may still get its row: the command leaves it alone for 10 s.
    const { code, items } = await eventually(async () => {
      const found = await reconcile(harness);
      expect(found.items).toHaveLength(1);
      return found;
    }, 25_000);
    expect(code).toBe(1);
    expect(items).toMatchObject([{ workflowId: flowOf(id), finding: 'no-row', mending: 'rewrite', mended: true }]);
    expect(await subjectOf(harness, id)).toMatchObject({ state: 'PLACED', open: true, waiting_for: expect.anything() });
    expect(await reconcile(harness)).toMatchObject({ code: 0, items: [] });
  });

  test('a database set back: flows write what they know over older rows, what has ended is read again, what is gone is counted', async () => {
    const [running = '', ended = '', unwritten = ''] = await place(harness, 3);
    const restore = await backUp(harness);
    await fill(running);
    await fill(unwritten);
    await harness.keep(ended, 'REJECTED');
    await eventually(async () => expect((await subjectOf(harness, ended)).open).toBe(false));
    await eventually(async () => expect(await listed(harness, 'Running')).toBe(2));
    await harness.stopDispatch();
    await restore();
    harness.startDispatch();
    harness.objects.set(ended, () => object('REJECTED'));

    const first = await reconcile(harness);
    expect(first.items).toMatchObject([
      { workflowId: flowOf(ended), finding: 'completed', mending: 'start', mended: true },
    ]);
    await eventually(async () =>
      expect(await subjectOf(harness, ended)).toMatchObject({ state: 'REJECTED', open: false }),
    );
    const second = await reconcile(harness, '--every-flow');
    expect(second.items.map(({ workflowId }) => workflowId).sort()).toEqual(
      [flowOf(running), flowOf(unwritten)].sort(),
    );
    for (const item of second.items) expect(item).toMatchObject({ finding: 'row-behind', mended: true, unknown: 1 });
    expect(await subjectOf(harness, running)).toMatchObject({ state: 'FILLED', waiting_for: ['SETTLED'] });
    expect(await reconcile(harness, '--every-flow')).toMatchObject({ code: 0, items: [] });
    // It goes on from there: nothing of what it knew was lost with the database.
    harness.objects.set(running, () => object('SETTLED'));
    await harness.keep(running, 'SETTLED');
    await eventually(async () => expect((await subjectOf(harness, running)).state).toBe('SETTLED'));
  });

  test('an outcome that went with the database is written anew, and an acknowledged delivery without a row is counted', async () => {
    const [id = ''] = await place(harness, 1);
    await sql`UPDATE deliveries SET outcome = NULL`.execute(harness.database.kysely);
    await age(harness);
    expect(await reconcile(harness)).toMatchObject({
      code: 1,
      items: [{ workflowId: flowOf(id), finding: 'deliveries-lost', deliveries: { repeated: 1 } }],
    });
    expect(await outcomes(harness)).toEqual(['repeated']);
    await balance(harness);
    await sql`UPDATE counters SET value = value + 2 WHERE name = 'received'`.execute(harness.database.kysely);
    const { code, out } = await run(harness, 'reconcile');
    expect(code).toBe(1);
    expect(out).toContain('2 acknowledged deliveries have no row any more.');
  });

  test('flows that Temporal has forgotten are started from their rows; without a body a delivery is abandoned and the object read', async () => {
    const [known = '', bodiless = ''] = await place(harness, 2);
    await harness.stopWorkers();
    harness.objects.set(bodiless, () => object('FILLED'));
    await harness.keep(bodiless, 'FILLED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'applied', 'delivered']));
    await sql`DELETE FROM delivery_bodies`.execute(harness.database.kysely);
    for (const id of [known, bodiless]) {
      await harness.client.workflowService.deleteWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: flowOf(id) },
      });
    }
    await eventually(async () => expect(await listed(harness, 'Running')).toBe(0));
    await harness.startWorkers();
    const { items } = await eventually(async () => {
      const found = await reconcile(harness, '--dry-run');
      expect(found.items.map(({ finding }) => finding)).toEqual(['gone', 'gone']);
      return reconcile(harness);
    });
    expect(items.map(({ mended }) => mended)).toEqual([true, true]);
    await allTold(harness);
    expect(await outcomes(harness)).toEqual(['applied', 'applied', 'abandoned']);
    await eventually(async () => expect((await subjectOf(harness, bodiless)).state).toBe('FILLED'));
    await eventually(async () => expect(await listed(harness, 'Running')).toBe(2));
    expect(await reconcile(harness)).toMatchObject({ code: 0, items: [] });
  });

  test('what no worker answers for is left alone and said', async () => {
    await harness.stopWorkers();
    await harness.keep('moving', 'PLACED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['delivered']));
    await age(harness);
    await eventually(async () => expect(await listed(harness, 'Running')).toBe(1));
    const { code, err } = await run(harness, 'reconcile');
    expect(code).toBe(3);
    expect(err).toContain('1 flow could not be asked, no worker answered');
    expect(await outcomes(harness)).toEqual(['delivered']);
    await harness.startWorkers();
    await allTold(harness);
    expect(await reconcile(harness)).toMatchObject({ code: 0, items: [] });
  });
});
