import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import { mapConcurrently } from '../../src/lib/concurrency';
import { billedActions } from '../support/billed-actions';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { type MovementSystem, openMovementSystem, paramsOf } from './movements';

jest.setTimeout(400_000);

const NAMESPACE = 'costs';

let temporal: RunningTemporal;
let system: MovementSystem;

beforeAll(async () => {
  temporal = await startTemporal({ withUi: false });
  const connection = await connectionOf(temporal.address);
  await setUpOn(connection, NAMESPACE);
  await connection.close();
  system = await openMovementSystem('PT2S', { temporalAddress: temporal.address, namespace: NAMESPACE });
  await system.receive();
  system.work();
  // The worker makes its schedules once it runs, which costs as well; on a busy machine long after the first webhook.
  for (const partner of ['tradevest', 'bitpanda']) {
    const schedule = system.client.schedule.getHandle(`${system.taskQueue}-sweep-${partner}`);
    await eventually(() => schedule.describe(), 60_000);
  }
});

afterAll(async () => {
  await system.close();
  await temporal.stop();
});

const actions = (): Promise<number> => billedActions(temporal, NAMESPACE);

/** What it costs to have a set booked leg by leg, judged complete, and at rest. */
async function costOf(legs: readonly (readonly [asset: number, amount: string])[]): Promise<number> {
  const [caId, userId] = [randomUUID(), randomUUID()];
  const before = await actions();
  for (const [asset, amount] of legs) {
    expect(await system.becameOf(await system.post(paramsOf({ caId, userId, asset, amount })))).toBe('applied');
    await delay(500);
  }
  await eventually(async () => expect((await system.setOf(caId, userId)).verdict).toBe('complete'));
  const handle = system.client.workflow.getHandle(`bitpanda:corporate-action:${caId}`);
  await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'));
  return (await actions()) - before;
}

test('a spin-off of three webhooks costs at most eight billed actions', async () => {
  const cost = await costOf([
    [1, '-10'],
    [1, '10'],
    [2, '5'],
  ]);
  expect(cost).toBeGreaterThanOrEqual(2);
  expect(cost).toBeLessThanOrEqual(8);
});

test('a spin-off into four companies, six webhooks, costs at most fourteen', async () => {
  const cost = await costOf([
    [1, '-10'],
    [1, '10'],
    [2, '5'],
    [3, '2'],
    [4, '1'],
    [5, '0.5'],
  ]);
  expect(cost).toBeGreaterThanOrEqual(2);
  expect(cost).toBeLessThanOrEqual(14);
});

test('repetitions of its webhooks cost nothing', async () => {
  const [caId, userId] = [randomUUID(), randomUUID()];
  const params = paramsOf({ caId, userId, asset: 1, amount: '12', type: 'stock_split' });
  expect(await system.becameOf(await system.post(params))).toBe('applied');
  const handle = system.client.workflow.getHandle(`bitpanda:corporate-action:${caId}`);
  await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'));
  const before = await actions();
  for (let time = 1; time <= 5; time += 1) {
    expect(await system.becameOf(await system.post(params))).toBe('duplicate');
  }
  expect((await actions()) - before).toBe(0);
});

test('a spin-off of five hundred holders, three webhooks each, costs at most sixty in all', async () => {
  const caId = randomUUID();
  const before = await actions();
  const legs = Array.from({ length: 500 }, () => randomUUID()).flatMap((userId, index) => {
    const quantity = 2 * (index + 1);
    return [
      paramsOf({ caId, userId, amount: `-${quantity}` }),
      paramsOf({ caId, userId, amount: `${quantity}` }),
      paramsOf({ caId, userId, asset: 1479, amount: `${index + 1}` }),
    ];
  });
  await mapConcurrently(legs, 12, (params) => system.post(params));
  const { kysely } = system.database;
  await eventually(async () => {
    const sets = kysely.selectFrom('transaction_sets').where('corporate_action_id', '=', caId);
    const complete = await sets.where('verdict', '=', 'complete').select('user_id').execute();
    expect(complete).toHaveLength(500);
  }, 240_000);
  const handle = system.client.workflow.getHandle(`bitpanda:corporate-action:${caId}`);
  await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'));
  const cost = (await actions()) - before;
  const { events } = await handle.fetchHistory();
  const kinds = new Map<string, number>();
  for (const event of events ?? []) {
    const { eventType, activityTaskScheduledEventAttributes: scheduled } = event;
    const name = `${String(eventType)} ${scheduled?.activityType?.name ?? ''}`;
    kinds.set(name, (kinds.get(name) ?? 0) + 1);
  }
  console.log(`500 holders cost ${cost} actions`, [...kinds]);
  expect(cost).toBeLessThanOrEqual(60);
});
