import { randomUUID } from 'node:crypto';

import { createOperators } from '../../src/operator/actions';
import type { Reading } from '../../src/domain/reading';
import { statusQuery } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, outcomes, subjectOf } from './harness';

function object(status: string, quantityExecuted: boolean | null = null): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted, reason: null };
}

describe('an order’s flow on real servers', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness();
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterEach(() => harness.close());

  test('placed, filled and settled: every outcome is applied, and the row shows the end on the partner’s word', async () => {
    const id = randomUUID();
    harness.objects.set(id, () => object('FILLED', true));
    await harness.keep(id, 'PLACED');
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('PLACED'));
    await harness.keep(id, 'FILLED');
    await eventually(async () => {
      const row = await subjectOf(harness, id);
      expect(row).toMatchObject({ state: 'FILLED', waiting_for: ['SETTLED'], open: true });
      // The read of the fill must not see the next state.
      expect(row.last_reading).not.toBeNull();
    });
    harness.objects.set(id, () => object('SETTLED', true));
    await harness.keep(id, 'SETTLED');
    await eventually(async () => {
      const row = await subjectOf(harness, id);
      expect(row).toMatchObject({ state: 'SETTLED', open: false, closed_for_good: true });
      expect(row.subject?.end).toMatchObject({ state: 'SETTLED', by: 'partner' });
      expect(await outcomes(harness)).toEqual(['applied', 'applied', 'applied']);
    });
  });

  test('an outcome is written within the task that folds it; the end, which is told outside, only once the history holds it', async () => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('PLACED'));
    await harness.keep(id, 'REJECTED');
    await eventually(async () => expect((await subjectOf(harness, id)).open).toBe(false));
    const handle = harness.client.workflow.getHandle(`tradevest:order:${id}`);
    await handle.result();
    const { events = [] } = await handle.fetchHistory();
    const written = (events ?? []).flatMap((event) => [
      ...(event.markerRecordedEventAttributes?.markerName === 'core_local_activity' ? ['within the task'] : []),
      ...(event.activityTaskScheduledEventAttributes?.activityType?.name === 'writeSubject' ? ['by an activity'] : []),
    ]);
    expect(written).toEqual(['within the task', 'by an activity']);
  });

  test('what comes after the end is late by the store, without waking a workflow', async () => {
    const id = randomUUID();
    await harness.keep(id, 'REJECTED');
    await eventually(async () => expect((await subjectOf(harness, id)).open).toBe(false));
    await harness.keep(id, 'PLACED');
    await harness.keep(id, 'FILLED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'late', 'late']));
    expect(await subjectOf(harness, id)).toMatchObject({ state: 'REJECTED', open: false, finding: 'contradiction' });
  });

  test('what an operator asks of a flow that has ended and cannot write it yet is answered as by an ended one', async () => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
    const operate = createOperators(harness.client, harness.database.kysely);
    await harness.database.kysely.transaction().execute(async (transaction) => {
      await transaction.selectFrom('subjects').select('state').forUpdate().execute();
      // An order that its partner rejects is read before it ends: an operator ends it at once.
      const end = { kind: 'resolve', result: 'failed', by: 'night-shift', reason: 'by phone' } as const;
      void operate(`tradevest:order:${id}`, end);
      const handle = harness.client.workflow.getHandle(`tradevest:order:${id}`);
      await eventually(async () => expect((await handle.query(statusQuery)).end).not.toBeNull());
      const request = { kind: 'refetch', by: 'night-shift', reason: 'by phone' } as const;
      expect(await operate(`tradevest:order:${id}`, request)).toEqual({ kind: 'ended' });
    });
    await eventually(async () => expect((await subjectOf(harness, id)).open).toBe(false));
  });

  test('300 signals that arrive while flows finish each have an outcome', async () => {
    const ids = Array.from({ length: 30 }, () => randomUUID());
    for (const id of ids) harness.objects.set(id, () => object('SETTLED', true));
    await Promise.all(
      ids.map(async (id) => {
        for (let index = 0; index < 10; index += 1) {
          await harness.keep(id, index === 4 ? 'SETTLED' : 'FILLED');
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
        }
      }),
    );
    await eventually(async () => {
      const all = await outcomes(harness);
      expect(all).toHaveLength(300);
      expect(all.filter((outcome) => outcome === null || outcome === 'pending' || outcome === 'delivered')).toEqual([]);
    }, 50_000);
    // An outcome is written before a read that its end waits for has answered.
    await eventually(async () => {
      const rows = await harness.database.kysely.selectFrom('subjects').select(['state', 'open']).execute();
      expect(rows).toEqual(ids.map(() => ({ state: 'SETTLED', open: false })));
    });
  });

  test('a flow terminated by hand: its deliveries are abandoned, the next notification starts it from the stored state', async () => {
    const id = randomUUID();
    harness.objects.set(id, () => object('FILLED', true));
    await harness.keep(id, 'PLACED');
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('PLACED'));
    await harness.stopWorkers();
    await harness.keep(id, 'PARTIALLY_FILLED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'delivered']));
    await harness.client.workflow.getHandle(`tradevest:order:${id}`).terminate('tried');
    await harness.startWorkers();
    await harness.keep(id, 'FILLED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'abandoned', 'applied']));
    const row = await subjectOf(harness, id);
    expect(row).toMatchObject({ state: 'FILLED', open: true });
    expect(row.subject?.statesSeen).toEqual(['PLACED', 'FILLED']);
  });
});
