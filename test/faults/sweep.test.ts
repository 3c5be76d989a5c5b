import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent } from 'undici';

import { eventually } from '../support/eventually';
import { send, tradevestWebhook } from './partner-stub';
import { countOutcomes, openSystem, type System } from './system';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-sweep-'));
const agent = new Agent();
let system: System;

beforeAll(async () => {
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify({ sweepEvery: 'PT1S' }));
  system = await openSystem({ environmentOf: () => ({ POLICY_FILE: policy }) });
  await system.receive();
  system.work();
});

afterAll(async () => {
  await agent.close();
  await system.close();
  rmSync(folder, { recursive: true });
});

async function swept() {
  return system.database.kysely
    .selectFrom('deliveries')
    .select(['id', 'event', 'status', 'outcome', 'workflow_id'])
    .where('source', '=', 'sweep')
    .orderBy('position')
    .execute();
}

test('a webhook that is lost for good comes in through the sweep, once; what had arrived stays single; what nobody understands is parked once', async () => {
  const orderId = randomUUID();
  const [placed, filled] = ['PLACED', 'FILLED'].map((status) => ({
    eventType: 'DIGITAL_ASSET_ORDER_NOTIFICATION',
    orderId,
    status,
    notificationType: 'UPDATED',
  }));
  if (placed === undefined || filled === undefined) throw new Error('two entries');
  system.partners.states.set(orderId, 'PLACED');
  await send(system.url, tradevestWebhook(orderId, 'PLACED'), agent);
  await eventually(async () => expect(await countOutcomes(system)).toEqual({ applied: 1 }));

  system.partners.states.set(orderId, 'FILLED');
  system.partners.missed.push(placed, filled, { eventType: 'NEVER_HEARD_OF', anything: 1 });
  await eventually(async () => expect(await countOutcomes(system)).toEqual({ applied: 2, parked: 1 }));
  const [first, second] = await swept();
  expect(first).toMatchObject({ outcome: 'applied', workflow_id: `tradevest:order:${orderId}` });
  expect(second).toMatchObject({ status: 'parked', event: null });

  // The same list is given again and again: nothing more comes of it.
  const described = async () => {
    const handle = system.client.schedule.getHandle(`${system.taskQueue}-sweep-tradevest`);
    return (await handle.describe()).info.numActionsTaken;
  };
  const before = await described();
  await eventually(async () => expect(await described()).toBeGreaterThan(before + 2));
  expect(await swept()).toHaveLength(2);
  expect(await system.balance()).toMatchObject({ received: 3, applied: 2, parked: 1, recovered: 1, balanced: true });
});
