import { randomUUID } from 'node:crypto';

import { WorkflowNotFoundError } from '@temporalio/client';

import { eventually } from '../support/eventually';
import { partnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { type MovementSystem, openMovementSystem, paramsOf } from './movements';

jest.setTimeout(120_000);

let system: MovementSystem;

/** A database of 0.2.0, in which holders' flows follow sets: nothing is activated. */
beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.database.kysely.deleteFrom('activations').execute();
  await system.receive();
  system.work();
});

afterAll(() => system.close());

/** A complete set in the ratio of one to two. */
const complete = (caId: string, userId: string, old: number) => [
  paramsOf({ caId, userId, amount: `-${old}` }),
  paramsOf({ caId, userId, amount: `${old}` }),
  paramsOf({ caId, userId, asset: 1479, amount: `${old / 2}` }),
];

async function postAll(events: readonly object[]): Promise<void> {
  for (const event of events) expect(await system.becameOf(await system.post(event))).toBe('applied');
}

async function standsAs(caId: string, userId: string, verdict: string, followedBy: 'holder' | 'action'): Promise<void> {
  await eventually(async () => {
    const set = await system.database.kysely
      .selectFrom('transaction_sets')
      .select(['verdict', 'followed_by'])
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    expect(set).toEqual({ verdict, followed_by: followedBy });
    expect((await system.flowOf(caId, userId)).waitingFor).not.toContain('settle');
  });
}

/** Numbers of runs of a workflow. */
async function runsOf(workflowId: string): Promise<number> {
  const { count } = await system.client.workflow.count(`WorkflowId = "${workflowId}"`);
  return count;
}

/** The switch as whoever deploys turns it, once all processes are new. */
async function activated(): Promise<void> {
  const environment = { DATABASE_URL: system.databaseUrl, TEMPORAL_ADDRESS: testServers().temporalAddress };
  const { code, out } = await partnerflow(['setup', '--activate', 'corporate-actions'], environment);
  expect(out).toContain('Activated: corporate-actions.');
  expect(code).toBe(0);
}

const idOf = (...parts: readonly string[]): string => ['bitpanda', 'corporate-action', ...parts].join(':');

test('holders’ flows of the release before and the flow of their corporate action give one verdict each, by the one who follows', async () => {
  const caId = randomUUID();
  const [rested, open, fresh, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const [out = {}, back = {}, received = {}] = complete(caId, open, 8);
  await postAll([...complete(caId, rested, 10), out, back]);
  await standsAs(caId, rested, 'complete', 'holder');
  await standsAs(caId, open, 'unverified', 'holder');
  await eventually(async () => expect(await system.flowOf(caId, rested)).toMatchObject({ open: false }));
  expect(await runsOf(idOf(caId))).toBe(0);

  await activated();
  await postAll([...complete(caId, fresh, 20), ...complete(caId, other, 30)]);
  await standsAs(caId, fresh, 'complete', 'action');
  await standsAs(caId, other, 'complete', 'action');
  await expect(system.client.workflow.getHandle(idOf(caId, fresh)).describe()).rejects.toThrow(WorkflowNotFoundError);
  // The votes of both are proof of a ratio, by which the set of an open flow has lost its new share.
  await standsAs(caId, open, 'break', 'holder');

  await postAll([received]);
  await standsAs(caId, open, 'complete', 'holder');
  await eventually(async () => expect(await system.flowOf(caId, open)).toMatchObject({ open: false }));
  const runs = await runsOf(idOf(caId, rested));
  await postAll([paramsOf({ caId, userId: rested, asset: 1479, amount: '5' })]);
  await standsAs(caId, rested, 'break', 'action');
  await postAll([paramsOf({ caId, userId: open, asset: 1479, amount: '4' })]);
  await standsAs(caId, open, 'break', 'action');
  expect(await runsOf(idOf(caId, rested))).toBe(runs);
  expect(await runsOf(idOf(caId))).toBeGreaterThan(0);
});

test('a flow of a holder that is signalled for a set that another one follows ends without a verdict', async () => {
  const [caId, userId] = [randomUUID(), randomUUID()];
  await postAll(complete(caId, userId, 10).slice(0, 2));
  await standsAs(caId, userId, 'unverified', 'action');
  const { row, subject } = await rowsOf(userId);
  const input = {
    ...{ key: { partner: 'bitpanda', object: 'corporate-action', id: `${caId}:${userId}` }, stored: null },
    ...{ policy: await policyInForce(), expectedBy: null, foldedDeliveries: [] },
  };
  const movement = { kind: 'movement', type: 'spin_off' };
  const arrival = { deliveryId: randomUUID(), receivedAt: new Date().toISOString(), contradictsEarlier: false };
  const handle = await system.client.workflow.signalWithStart('corporateAction', {
    ...{ workflowId: idOf(caId, userId), taskQueue: system.taskQueue, args: [input], signal: 'notification' },
    signalArgs: [{ lifecycle: 'corporateAction', event: 'test', news: movement, ...arrival }],
  });
  await handle.result();
  expect(await rowsOf(userId)).toEqual({ row, subject });
});

test('turned in the middle of a corporate action the switch loses no set: each is judged by one who follows it', async () => {
  await system.database.kysely.deleteFrom('activations').execute();
  const caId = randomUUID();
  const users = Array.from({ length: 24 }, (): string => randomUUID());
  const sets = users.map((userId) => complete(caId, userId, 10));
  const book = async (events: readonly (object | undefined)[]): Promise<void> => {
    for (const event of events) if (event !== undefined) await system.post(event);
  };
  // Of a third all has come before, of a third a part, and of a third nothing.
  await Promise.all(sets.slice(0, 8).map(book));
  await Promise.all(sets.slice(8, 16).map((events) => book(events.slice(0, 1))));
  await Promise.all([
    activated(),
    activated(),
    ...sets.slice(8, 16).map((events) => book(events.slice(1))),
    ...sets.slice(16).map(book),
  ]);
  const followers = async () => {
    const rows = await system.database.kysely
      .selectFrom('transaction_sets')
      .select(['user_id', 'verdict', 'followed_by'])
      .where('corporate_action_id', '=', caId)
      .execute();
    return rows;
  };
  await eventually(async () => {
    expect((await followers()).map(({ verdict }) => verdict)).toEqual(users.map(() => 'complete'));
    const flows = await system.database.kysely
      .selectFrom('subjects')
      .select(['object_id', 'open', 'waiting_for', 'followed_in'])
      .where('object_id', 'like', `${caId}:%`)
      .execute();
    expect(flows.filter(({ open, waiting_for: waits }) => open || waits.length > 0)).toEqual([]);
    expect(flows).toHaveLength(users.length);
  }, 60_000);
  for (const { user_id: userId, followed_by: follower } of await followers())
    expect(await runsOf(idOf(caId, userId))).toBeGreaterThanOrEqual(follower === 'holder' ? 1 : 0);
  const [late = ''] = users;
  await postAll([paramsOf({ caId, userId: late, asset: 1479, amount: '5' })]);
  await standsAs(caId, late, 'break', 'action');
});

async function rowsOf(userId: string) {
  const { kysely } = system.database;
  const row = await kysely
    .selectFrom('transaction_sets')
    .select(['verdict', 'version', 'judged_at'])
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  const subject = await kysely
    .selectFrom('subjects')
    .select(['version', 'open', 'waiting_for'])
    .where('object_id', 'like', `%${userId}`)
    .executeTakeFirstOrThrow();
  return { row, subject };
}

function policyInForce(): Promise<object> {
  const wait = { ms: 1_000 };
  const dueByState = { settle: { ms: 500 }, answer: { ms: 86_400_000 }, obligation: { ms: 86_400_000 } };
  const ladder = [{ alert: true, waitMs: 1_000 }];
  return Promise.resolve({
    ...{ dueByState, firstDue: wait, ladder, thenEveryMs: 1_000, agreementWaitsMs: [], holidays: [], scale: 1 },
  });
}
