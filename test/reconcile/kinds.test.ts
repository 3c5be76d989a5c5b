import { randomUUID } from 'node:crypto';

import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import { statusQuery } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { freshKey, says } from '../workflows/contents';
import { type Harness, openHarness, outcomes, rowOf } from '../workflows/harness';
import { allTold, listed, reconcile } from './outside';

let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
  await harness.startWorkers();
  harness.startDispatch();
});
afterEach(() => harness.close());

async function terminate(key: SubjectKey): Promise<void> {
  await harness.client.workflow.getHandle(workflowIdOf(key)).terminate('tried');
  await eventually(async () => expect(await listed(harness, 'Terminated')).toBe(1));
}

async function waitsFor(key: SubjectKey): Promise<readonly string[]> {
  return (await harness.client.workflow.getHandle(workflowIdOf(key)).query(statusQuery)).waitingFor;
}

test('a set of a corporate action that was terminated while it settled settles again', async () => {
  const user = randomUUID();
  const key = { partner: 'bitpanda', object: 'corporate-action', id: `ca-${randomUUID()}:${user}` } as const;
  const [caId = ''] = key.id.split(':');
  const leg = { leg: 'asset', instrument: 'asset:1', amount: '-5', direction: null, assetGroup: 'stock' } as const;
  const booking = {
    transactionId: randomUUID(),
    userId: user,
    corporateActionId: caId,
    type: 'spin_off',
    creditedAt: '2026-01-01T00:00:00.000000Z',
    legs: [{ ...leg, isObligation: false, fee: null, value: null, alias: null }],
    mayGrow: false,
  } as const;
  await harness.tell(key, { lifecycle: 'corporateAction', event: 'TEST', booking });
  await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
  await eventually(async () => expect(await waitsFor(key)).toEqual(['settle']));
  await terminate(key);
  expect(await reconcile(harness)).toMatchObject({
    code: 1,
    items: [{ workflowId: workflowIdOf(key), finding: 'terminated', mending: 'start', mended: true }],
  });
  await eventually(async () => expect(await waitsFor(key)).toEqual(['settle']));
  await eventually(async () => expect(await listed(harness, 'Running')).toBe(1));
  expect(await reconcile(harness)).toMatchObject({ code: 0, items: [] });
});

test('a resting subject whose flow was terminated before it heard what woke it hears it again', async () => {
  const key = freshKey('tradevest', 'customer');
  await harness.tell(key, says('onboarding', 'CREATED'));
  await eventually(async () => expect(await rowOf(harness, key)).toMatchObject({ state: 'CREATED', open: false }));
  await harness.stopWorkers();
  await harness.tell(key, says('onboarding', 'PENDING'));
  await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'delivered']));
  await terminate(key);
  await harness.startWorkers();
  expect(await reconcile(harness)).toMatchObject({
    code: 1,
    items: [{ workflowId: workflowIdOf(key), finding: 'terminated', mending: 'deliveries', deliveries: { again: 1 } }],
  });
  await allTold(harness);
  expect(await outcomes(harness)).toEqual(['applied', 'applied']);
  await eventually(async () => expect(await rowOf(harness, key)).toMatchObject({ state: 'PENDING', open: true }));
  await eventually(async () => expect(await listed(harness, 'Running')).toBe(1));
  expect(await reconcile(harness)).toMatchObject({ code: 0, items: [] });
});
