import { eventually } from '../support/eventually';
import { type Harness, openHarness, outcomes } from '../workflows/harness';
import { age, allTold, balance, flowOf, listed, object, place, reconcile, reset } from './outside';

describe('fifty flows, terminated, cancelled and reset by hand', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness();
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterEach(() => harness.close());

  test('each is named, every delivery has an outcome in the end, and the balance holds again', async () => {
    const ids = await place(harness, 50);
    await harness.stopWorkers();
    // Half of them are told something that nobody is going to hear.
    const told = ids.filter((_, index) => index % 2 === 0);
    for (const id of told) harness.objects.set(id, () => object('FILLED'));
    for (const id of told) await harness.keep(id, 'FILLED');
    await eventually(async () =>
      expect(await outcomes(harness)).toEqual([...ids.map(() => 'applied'), ...told.map(() => 'delivered')]),
    );
    for (const [index, id] of ids.entries()) {
      const handle = harness.client.workflow.getHandle(flowOf(id));
      if (index < 17) await handle.terminate('tried');
      else if (index < 34) await handle.cancel();
      else await reset(harness, flowOf(id), index % 4 === 0);
    }
    await harness.startWorkers();
    await eventually(async () => expect(await listed(harness, 'Canceled')).toBe(17));
    await eventually(async () => expect(await listed(harness, 'Terminated')).toBe(33));
    await age(harness);
    expect(await balance(harness)).toMatchObject({ balanced: false });

    const before = await reconcile(harness, '--dry-run');
    expect(before.code).toBe(1);
    expect(before.items.map(({ workflowId }) => workflowId).sort()).toEqual(ids.map(flowOf).sort());
    expect(before.items.every(({ mended }) => mended === null)).toBe(true);
    expect(await balance(harness)).toMatchObject({ balanced: false });

    const during = (async () => {
      for (const id of ids.filter((_, index) => index % 5 === 0)) {
        harness.objects.set(id, () => object('FILLED'));
        await harness.keep(id, 'FILLED');
      }
    })();
    const { code, items, summary } = await reconcile(harness);
    await during;
    expect(code).toBe(1);
    expect(summary).toMatchObject({ found: 50, mended: 50, unanswered: 0 });
    const finding = new Map(items.map((item) => [item.workflowId, item.finding]));
    expect(ids.map((id) => finding.get(flowOf(id)))).toEqual(
      ids.map((_, index) => (index < 17 ? 'terminated' : index < 34 ? 'canceled' : 'reset')),
    );
    await allTold(harness);
    await age(harness);
    expect(await balance(harness)).toMatchObject({ balanced: true, openWithoutFlow: 0, open: 0 });
    const rows = await harness.database.kysely.selectFrom('subjects').select(['object_id', 'state', 'open']).execute();
    const filled = new Set(ids.filter((_, index) => index % 2 === 0 || index % 5 === 0));
    expect(new Map(rows.map((row) => [row.object_id, row.state]))).toEqual(
      new Map(ids.map((id) => [id, filled.has(id) ? 'FILLED' : 'PLACED'])),
    );
    await eventually(async () => expect(await listed(harness, 'Running')).toBe(50));
    expect(await reconcile(harness)).toEqual({
      code: 0,
      items: [],
      next: null,
      summary: { found: 0, mended: 0, unanswered: 0, missing: 0 },
    });
  }, 120_000);
});
