import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { IN_CLEAR } from '../../src/store/encryption';
import { createExpectations } from '../../src/operator/expect';
import type { StateContent } from '../../src/domain/notification';
import { keyStoredAs, type SubjectKey, wholeWorkflowIdOf, workflowIdOf } from '../../src/domain/subject-key';
import { ensureSubjectRows } from '../../src/store/deliveries/claims';
import { loadFlow } from '../../src/store/flows/list';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, outcomes } from '../workflows/harness';

/** The longest that a partner may name: 200 characters of four bytes each, which are 2,400 once encoded. */
const LONGEST: SubjectKey = { partner: 'tradevest', object: 'order', id: '\u{1f600}'.repeat(200) };
/** What 0.2.0 could start: Temporal takes an id of as many bytes on some databases. */
const LONG: SubjectKey = { ...LONGEST, id: 'x'.repeat(245) };
const PLACED: StateContent = {
  ...{ lifecycle: 'order', event: 'TEST', status: 'PLACED', reason: null, executions: [], readHints: {} },
};

let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => harness.close());

test('an object whose id is longer than Temporal takes is followed under a shorter one, and found by both', async () => {
  await harness.startWorkers();
  harness.startDispatch();
  const deliveryId = await harness.tell(LONGEST, PLACED);
  await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
  const workflowId = workflowIdOf(LONGEST);
  for (const asked of [workflowId, wholeWorkflowIdOf(LONGEST)]) {
    const flow = await loadFlow(harness.database.kysely, asked, () => null);
    expect(flow).toMatchObject({ workflowId, objectId: LONGEST.id, state: 'PLACED', notifications: [{ deliveryId }] });
  }
  const { typedSearchAttributes } = await harness.client.workflow.getHandle(workflowId).describe();
  const objectId = defineSearchAttributeKey('ObjectId', SearchAttributeType.KEYWORD);
  expect(typedSearchAttributes.get(objectId)).toMatch(/^\u{1f600}{50}~[0-9a-f]{32}$/u);
});

test('a subject that is stored under its long id keeps it, for dispatch, expectations and operators', async () => {
  const { database, dependencies } = harness;
  const workflowId = wholeWorkflowIdOf(LONG);
  const table = dependencies.partners.lifecycleTableOf(LONG.partner, LONG.object);
  if (table === undefined) throw new Error('orders are followed');
  const address = { key: keyStoredAs(LONG, workflowId), table, policy: dependencies.policies.policyOf(table) };
  await dependencies.flows.startExpecting({ ...address, stored: null }, null);
  await ensureSubjectRows(database.kysely, [{ ...LONG, workflowId, lifecycle: 'order' }]);
  await harness.startWorkers();
  await eventually(async () =>
    expect(await loadFlow(database.kysely, workflowId, () => null)).toMatchObject({ dueAt: expect.any(String) }),
  );
  harness.startDispatch();
  await harness.tell(LONG, PLACED);
  await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
  const rows = await database.kysely.selectFrom('subjects').select(['workflow_id', 'state']).execute();
  expect(rows).toEqual([{ workflow_id: workflowId, state: 'PLACED' }]);
  const expectAgain = createExpectations({
    ...dependencies,
    database: database.kysely,
    references: { encryption: IN_CLEAR, referenceHashKey: null },
  });
  expect(await expectAgain(LONG, 'backend')).toEqual({ kind: 'existing', workflowId });
});

test('a recorded subject that is stored under its long id is written there again', async () => {
  const { database } = harness;
  const prices: SubjectKey = { partner: 'tradevest', object: 'prices', id: 'y'.repeat(245) };
  const workflowId = wholeWorkflowIdOf(prices);
  await ensureSubjectRows(database.kysely, [{ ...prices, workflowId, lifecycle: 'recorded' }]);
  await database.kysely
    .updateTable('subjects')
    .set({ since: new Date(0) })
    .execute();
  harness.startDispatch();
  await harness.tell(prices, { lifecycle: 'recorded', event: 'TEST', status: 'new', facts: {} });
  await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
  const rows = await database.kysely.selectFrom('subjects').select(['workflow_id', 'state']).execute();
  expect(rows).toEqual([{ workflow_id: workflowId, state: 'new' }]);
});
