import { randomUUID } from 'node:crypto';

import { createExpectations } from '../../src/operator/expect';
import { IN_CLEAR } from '../../src/store/encryption';
import { flowItemOf, loadFlow } from '../../src/store/flows/list';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, rowOf } from './harness';

const HOUR_MS = 3_600_000;

describe('an expectation just made', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.close());

  const expecting = (id: string, dueWithinSeconds?: number) =>
    createExpectations({
      ...harness.dependencies,
      database: harness.database.kysely,
      references: { encryption: IN_CLEAR, referenceHashKey: null },
    })(
      { partner: 'tradevest', object: 'order', id, ...(dueWithinSeconds === undefined ? {} : { dueWithinSeconds }) },
      'backend',
    );
  const shown = (id: string) => loadFlow(harness.database.kysely, `tradevest:order:${id}`, () => null);

  test.each([
    ['in the time given', 7_200, 2 * HOUR_MS],
    ['by the policy', undefined, HOUR_MS],
  ])('shows what it waits for and by when, %s, while no worker runs', async (_name, seconds, dueMs) => {
    const id = randomUUID();
    expect(await expecting(id, seconds)).toMatchObject({ kind: 'registered' });
    const { waitingFor, since, dueAt, overdue, open } = (await shown(id)) ?? {};
    expect({ waitingFor, overdue, open }).toEqual({ waitingFor: ['notification'], overdue: false, open: true });
    expect(Date.parse(dueAt ?? '') - Date.parse(since ?? '')).toBe(dueMs);
  });

  test('is due by the flow’s own clock once a worker has taken it, whatever the clock of who registered it', async () => {
    const id = randomUUID();
    const real = Date.now.bind(Date);
    const behind = jest.spyOn(Date, 'now').mockImplementation(() => real() - 600_000);
    // The deadline of a gRPC call is told to the server as a length of time, but is kept by this clock.
    await expecting(id, 7_200).finally(() => behind.mockRestore());
    await harness.startWorkers();
    await eventually(async () => {
      const row = await rowOf(harness, { partner: 'tradevest', object: 'order', id });
      expect(row.version).toBeGreaterThan(0);
      const { since, dueAt } = flowItemOf(row, () => null);
      expect(Date.parse(dueAt ?? '') - Date.parse(since ?? '')).toBe(2 * HOUR_MS);
    });
  });

  test('registered again before a worker took it, it shows what it showed', async () => {
    const id = randomUUID();
    await expecting(id, 7_200);
    const first = await shown(id);
    expect(await expecting(id, 60)).toMatchObject({ kind: 'existing' });
    expect(await shown(id)).toMatchObject({ dueAt: first?.dueAt, since: first?.since });
  });
});
