import { randomUUID } from 'node:crypto';

import { WorkflowUpdateFailedError } from '@temporalio/client';

import { createOperators } from '../../src/operator/actions';
import { actionsOf } from '../../src/store/audit';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, subjectOf } from './harness';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
  await harness.startWorkers();
  harness.startDispatch();
});
afterAll(() => harness.close());

async function placed(): Promise<{ readonly id: string; readonly workflowId: string }> {
  const id = randomUUID();
  harness.objects.set(id, () => ({
    kind: 'object',
    status: 'PLACED',
    executions: [],
    quantityExecuted: null,
    reason: null,
  }));
  await harness.keep(id, 'PLACED');
  await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('PLACED'));
  return { id, workflowId: `tradevest:order:${id}` };
}

async function updateEvents(workflowId: string): Promise<number> {
  const { events } = await harness.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length;
}

describe('an Update sent by hand, from the Temporal Web UI or its command line', () => {
  test('is refused for every kind of nonsense, and nothing of it enters the history', async () => {
    const { id, workflowId } = await placed();
    const handle = harness.client.workflow.getHandle(workflowId);
    const before = (await subjectOf(harness, id)).version;
    const nonsense: readonly (readonly [update: string, request: unknown, field: string])[] = [
      ['refetch', undefined, 'request'],
      ['refetch', { reason: 'no name' }, 'by'],
      ['refetch', { by: 'alice', reason: ' ' }, 'reason'],
      ['refetch', { by: 'alice', reason: 'x'.repeat(501) }, 'reason'],
      ['extend', { by: 'alice', reason: 'x', seconds: '60' }, 'seconds'],
      ['extend', { by: 'alice', reason: 'x', seconds: null }, 'seconds'],
      ['extend', { by: 'alice', reason: 'x', seconds: 1e12 }, 'seconds'],
      ['resolve', { by: 'alice', reason: 'x', result: 'maybe' }, 'result'],
      ['rewrite', 'please', 'request'],
      ['policy', { ladder: 'long' }, 'policy'],
    ];
    for (const [update, request, field] of nonsense) {
      const refused = await handle.executeUpdate(update, { args: [request] }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
      const cause = refused instanceof WorkflowUpdateFailedError ? refused.cause : undefined;
      expect(cause?.message).toContain(`${field}: expected`);
    }
    expect(await updateEvents(workflowId)).toBe(0);
    expect((await subjectOf(harness, id)).version).toBe(before);
    expect(await actionsOf(harness.database.kysely, workflowId)).toEqual([]);
  });

  test('is kept by the flow itself where it is sound, and shown as what came by Temporal', async () => {
    const { workflowId } = await placed();
    const handle = harness.client.workflow.getHandle(workflowId);
    const request = { by: 'alice', reason: 'by hand' };
    await handle.executeUpdate('refetch', { args: [request] });
    await handle.executeUpdate('extend', { args: [{ ...request, seconds: 3600 }] });
    await eventually(async () =>
      expect(await actionsOf(harness.database.kysely, workflowId)).toMatchObject([
        { by: 'alice', action: 'refetch', reason: 'by hand', details: { via: 'temporal' } },
        { by: 'alice', action: 'extend', reason: 'by hand', details: { via: 'temporal', seconds: 3600 } },
      ]),
    );
  });
});

describe('an operator’s request by our own doors', () => {
  test('is done and kept once, however often it is repeated under its key', async () => {
    const { id, workflowId } = await placed();
    const operate = createOperators(harness.client, harness.database.kysely);
    const action = { kind: 'extend', by: 'alice', reason: 'a holiday', seconds: 3600 } as const;
    expect(await operate(workflowId, action, 'one')).toEqual({ kind: 'done' });
    const { due_at: dueAt } = await subjectOf(harness, id);
    expect(await operate(workflowId, action, 'one')).toEqual({ kind: 'done' });
    expect((await subjectOf(harness, id)).due_at).toEqual(dueAt);
    expect(await updateEvents(workflowId)).toBe(1);
    expect(await actionsOf(harness.database.kysely, workflowId)).toMatchObject([
      { by: 'alice', action: 'extend', reason: 'a holiday', details: { seconds: 3600 } },
    ]);
    await operate(workflowId, action, 'another');
    await operate(workflowId, { ...action, by: 'bob' }, 'one');
    expect((await actionsOf(harness.database.kysely, workflowId)).map(({ by }) => by)).toEqual([
      'alice',
      'alice',
      'bob',
    ]);
  });

  test('is kept by the flow also where the answer never came back', async () => {
    const { id, workflowId } = await placed();
    await harness.stopWorkers();
    const handle = harness.client.workflow.getHandle(workflowId);
    const request = { by: 'alice', reason: 'by phone', result: 'done' };
    const sent = handle.executeUpdate('resolve', { args: [request], updateId: 'partnerflow:lost' });
    // Who asked is gone by then: its answer is awaited by nobody.
    sent.catch(() => undefined);
    await harness.startWorkers();
    await eventually(async () => expect(await subjectOf(harness, id)).toMatchObject({ open: false, state: 'PLACED' }));
    expect(await actionsOf(harness.database.kysely, workflowId)).toMatchObject([
      { by: 'alice', action: 'resolve', reason: 'by phone', details: { result: 'done' } },
    ]);
  });
});
