import { randomUUID } from 'node:crypto';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { createOperators } from '../../src/operator/actions';
import { actionsOf } from '../../src/store/audit';
import { eventually } from '../support/eventually';
import { object } from './contents';
import { type Harness, openHarness, outcomes, subjectOf } from './harness';
import { startServerOfShortHistories, SUGGESTED_AT } from './short-histories';

const DEFAULTS = createPolicies(DEFAULT_POLICY_SETTINGS, 1);

/** A read that does not agree is repeated at once, so often that a flow never comes to wait. */
const POLICIES = {
  ...DEFAULTS,
  policyOf: (...[table]: Parameters<typeof DEFAULTS.policyOf>) => ({
    ...DEFAULTS.policyOf(table),
    agreementWaitsMs: Array.from({ length: 400 }, () => 0),
  }),
};

describe('a flow that always has something to do', () => {
  let temporal: Awaited<ReturnType<typeof startServerOfShortHistories>>;
  let harness: Harness;
  beforeAll(async () => {
    temporal = await startServerOfShortHistories();
    harness = await openHarness({ address: temporal.address, policies: POLICIES });
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterAll(async () => {
    await harness.close();
    await temporal.stop();
  });

  test('goes on in a new run when its history is long, and loses nothing on the way', async () => {
    const id = randomUUID();
    const workflowId = `tradevest:order:${id}`;
    harness.objects.set(id, () => object('FILLED', { quantityExecuted: true }));
    await harness.keep(id, 'SETTLED');
    await eventually(() => expect(harness.reads.length).toBeGreaterThan(40));
    const operate = createOperators(harness.client, harness.database.kysely);
    await operate(workflowId, { kind: 'refetch', by: 'night-shift', reason: 'by phone' });
    await eventually(() => expect(harness.reads.length).toBeGreaterThan(120));
    harness.objects.set(id, () => object('SETTLED'));
    await eventually(async () => expect((await subjectOf(harness, id)).open).toBe(false));
    expect(await outcomes(harness)).toEqual(['applied']);
    expect(await actionsOf(harness.database.kysely, workflowId)).toMatchObject([{ action: 'refetch' }]);
    await expectShortRuns(workflowId);
  });

  test('that operators act on without a pause goes on in new runs, and does each act once', async () => {
    const id = randomUUID();
    const workflowId = `tradevest:order:${id}`;
    harness.objects.set(id, () => object('FILLED', { quantityExecuted: true }));
    await harness.keep(id, 'FILLED');
    await eventually(async () => expect((await subjectOf(harness, id)).open).toBe(true));
    const operate = createOperators(harness.client, harness.database.kysely);
    const asked = Array.from({ length: 160 }, (_, index) => 86_400 + index);
    const waiting = [...asked];
    const results: unknown[] = [];
    const act = async (): Promise<void> => {
      for (let seconds = waiting.shift(); seconds !== undefined; seconds = waiting.shift())
        results.push(await operate(workflowId, { kind: 'extend', seconds, by: 'night-shift', reason: 'by phone' }));
    };
    await Promise.all(Array.from({ length: 6 }, act));
    expect(results).toEqual(asked.map(() => ({ kind: 'done' })));
    const kept = await actionsOf(harness.database.kysely, workflowId);
    expect(new Set(kept.map(({ details }) => JSON.stringify(details)))).toEqual(
      new Set(asked.map((seconds) => JSON.stringify({ seconds }))),
    );
    await expectShortRuns(workflowId);
  });

  async function expectShortRuns(workflowId: string): Promise<void> {
    await eventually(async () => {
      const lengths: number[] = [];
      for await (const run of harness.client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
        lengths.push(run.historyLength);
      expect(lengths.length).toBeGreaterThan(3);
      expect(Math.max(...lengths)).toBeLessThan(2 * SUGGESTED_AT);
    });
  }
});
