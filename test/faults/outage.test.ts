import { randomUUID } from 'node:crypto';

import type { Reading } from '../../src/domain/reading';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, outcomes, recovered, subjectOf } from '../workflows/harness';
import { withFoldedAlerts } from '../support/folded-alerts';

/** Long enough that twenty orders are placed before the first is due, also on a slow machine. */
const DUE_MS = 4_000;
/** Everything as in production, except that a fill is due soon. */
const POLICIES = createPolicies({ ...DEFAULT_POLICY_SETTINGS, due: { 'tradevest:order': { PLACED: 'PT4S' } } }, 1);

function object(status: string): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted: status === 'FILLED', reason: null };
}

async function alerts(harness: Harness) {
  return (await withFoldedAlerts(harness.database.kysely)).selectFrom('alerts').select(['finding', 'count']).execute();
}

async function findings(harness: Harness, id: string): Promise<readonly string[]> {
  return (await subjectOf(harness, id)).subject?.findings.map(({ finding }) => finding) ?? [];
}

describe('an outage of ours is not a loss of theirs', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness({ policies: POLICIES });
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterEach(() => harness.close());

  async function place(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      harness.objects.set(id, () => object('PLACED'));
      await harness.keep(id, 'PLACED');
    }
    await eventually(async () => expect(await outcomes(harness)).toEqual(ids.map(() => 'applied')));
  }

  test('fills kept while workers and dispatch were down, long past their due times, are neither missed nor recovered', async () => {
    const ids = Array.from({ length: 20 }, () => randomUUID());
    await place(ids);
    await harness.stopDispatch();
    await harness.stopWorkers();
    for (const id of ids) {
      harness.objects.set(id, () => object('FILLED'));
      await harness.keep(id, 'FILLED');
    }
    await new Promise((resolve) => setTimeout(resolve, 2 * DUE_MS));
    harness.reads.length = 0;
    await harness.startWorkers();
    await eventually(() => expect(new Set(harness.reads)).toEqual(new Set(ids)));
    harness.startDispatch();
    await eventually(async () => {
      expect(await outcomes(harness)).toEqual([...ids, ...ids].map(() => 'applied'));
    });
    for (const id of ids) {
      expect(await subjectOf(harness, id)).toMatchObject({ state: 'FILLED', waiting_for: ['SETTLED'], open: true });
      expect(await findings(harness, id)).not.toContain('missed');
    }
    expect(await recovered(harness)).toBe(0);
    expect(await alerts(harness)).toEqual([]);
  });

  test('a fill that was truly lost is missed once, recovered once and alerted once', async () => {
    const id = randomUUID();
    await place([id]);
    harness.objects.set(id, () => object('FILLED'));
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('FILLED'));
    expect(await subjectOf(harness, id)).toMatchObject({ finding: 'missed', waiting_for: ['SETTLED'], open: true });
    expect(await findings(harness, id)).toEqual(['missed']);
    expect(await recovered(harness)).toBe(1);
    expect(await alerts(harness)).toEqual([{ finding: 'missed', count: 1 }]);
  });

  test('a fill that comes after it was recovered by a read is repeated and changes no count', async () => {
    const id = randomUUID();
    await place([id]);
    harness.objects.set(id, () => object('FILLED'));
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('FILLED'));
    await harness.keep(id, 'FILLED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'repeated']));
    expect(await recovered(harness)).toBe(1);
    expect(await alerts(harness)).toEqual([{ finding: 'missed', count: 1 }]);
  });

  test('a partner who is only late is slow, and alerts nobody at the first step', async () => {
    const id = randomUUID();
    await place([id]);
    await eventually(async () => expect((await subjectOf(harness, id)).overdue).toBe(true));
    expect(await findings(harness, id)).toEqual(['slow']);
    expect(await alerts(harness)).toEqual([]);
    expect(await recovered(harness)).toBe(0);
    harness.objects.set(id, () => object('FILLED'));
    await harness.keep(id, 'FILLED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'applied']));
    await eventually(async () =>
      expect(await subjectOf(harness, id)).toMatchObject({ state: 'FILLED', overdue: false }),
    );
    expect(await alerts(harness)).toEqual([]);
  });
});
