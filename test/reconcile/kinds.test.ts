import { randomUUID } from 'node:crypto';

import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import { actionStatusQuery } from '../../workflows/action-contract';
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

test('the flow of a corporate action that was terminated while a set settled goes on, and judges it', async () => {
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
  const action = { partner: 'bitpanda', object: 'corporate-action', id: caId } as const;
  const settles = async (): Promise<void> => {
    const handle = harness.client.workflow.getHandle(workflowIdOf(action));
    const { overview } = await handle.query(actionStatusQuery);
    expect(overview).toMatchObject({ sets: 1, settling: 1 });
  };
  await eventually(settles);
  await terminate(action);
  expect(await reconcile(harness)).toMatchObject({
    code: 1,
    items: [{ workflowId: workflowIdOf(action), finding: 'terminated', mending: 'start', mended: true }],
  });
  await eventually(settles);
  await eventually(async () => expect(await listed(harness, 'Running')).toBe(1));
  expect(await rowOf(harness, key)).toMatchObject({ waiting_for: ['settle'], open: true });
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
