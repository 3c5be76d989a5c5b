import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent } from 'undici';

import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import { workflowIdOf } from '../../src/domain/subject-key';
import { billedActions } from '../support/billed-actions';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { coinifyWebhook, send, tradevestWebhook, type Webhook } from './partner-stub';
import { countOutcomes, openSystem, outcomeOf, type System } from './system';

const NAMESPACE = 'actions';

describe('what one order costs in billed actions', () => {
  let temporal: RunningTemporal;
  let system: System;
  let agent: Agent;
  const folder = mkdtempSync(join(tmpdir(), 'partnerflow-actions-'));
  beforeAll(async () => {
    temporal = await startTemporal({ withUi: false });
    const connection = await connectionOf(temporal.address);
    await setUpOn(connection, NAMESPACE);
    await connection.close();
    // Schedules are billed too: one that fires in the middle of a count would be counted.
    const policy = join(folder, 'policy.json');
    writeFileSync(policy, JSON.stringify({ sweepEvery: 'P3650D' }));
    const environmentOf = () => ({ POLICY_FILE: policy });
    system = await openSystem({ temporalAddress: temporal.address, namespace: NAMESPACE, environmentOf });
    agent = new Agent();
    await system.receive();
    system.work();
    // The worker makes its schedule once it runs, which is billed as well; on a busy machine long after the first webhook.
    const schedule = system.client.schedule.getHandle(`${system.taskQueue}-sweep-tradevest`);
    await eventually(() => schedule.describe(), 60_000);
  }, 120_000);
  afterAll(async () => {
    await agent.close();
    await system.close();
    await temporal.stop();
    rmSync(folder, { recursive: true });
  });

  const actions = (): Promise<number> => billedActions(temporal, NAMESPACE);

  async function keep(webhook: Webhook): Promise<string> {
    const deliveryId = await send(system.url, webhook, agent);
    if (deliveryId === null) throw new Error('the receiver did not keep a delivery');
    return deliveryId;
  }

  /** Each webhook is sent when what the one before said is written, and read. */
  async function costOf(workflowId: string, moves: readonly (() => Webhook)[]): Promise<number> {
    const before = await actions();
    const handle = system.client.workflow.getHandle(workflowId);
    for (const move of moves) {
      const deliveryId = await keep(move());
      await eventually(async () => expect(await outcomeOf(system, deliveryId)).toBe('applied'));
      // A read that is still under way would see the next move before its webhook comes. Describing is not billed.
      await eventually(async () => expect((await handle.describe()).raw.pendingActivities?.length).toBe(0));
    }
    await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'));
    return (await actions()) - before;
  }

  test('placed, filled and settled cost at most eight', async () => {
    const id = randomUUID();
    const moves = ['PLACED', 'FILLED', 'SETTLED'].map((status) => () => {
      system.partners.states.set(id, status);
      return tradevestWebhook(id, status);
    });
    const cost = await costOf(workflowIdOf({ partner: 'tradevest', object: 'order', id }), moves);
    expect(cost).toBeGreaterThanOrEqual(moves.length);
    expect(cost).toBeLessThanOrEqual(8);
  });

  test('a trade that is created, paid and completed costs at most eight', async () => {
    const id = randomUUID();
    const moves = ['created', 'transfer-in-completed', 'completed'].map((state) => () => {
      system.partners.states.set(id, 'completed');
      return coinifyWebhook(id, state);
    });
    const cost = await costOf(workflowIdOf({ partner: 'coinify', object: 'trade', id }), moves);
    expect(cost).toBeGreaterThanOrEqual(moves.length);
    expect(cost).toBeLessThanOrEqual(8);
  });

  test('a repeated webhook with an event id costs nothing', async () => {
    const webhook = coinifyWebhook(randomUUID(), 'created');
    const first = await keep(webhook);
    await eventually(async () => expect(await outcomeOf(system, first)).toBe('applied'));
    const before = await actions();
    for (let time = 1; time <= 5; time += 1) await keep(webhook);
    await eventually(async () => expect(await countOutcomes(system)).toMatchObject({ duplicate: 5 }));
    expect((await actions()) - before).toBe(0);
  });
});
