import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Agent, request } from 'undici';

import { freePort } from '../../src/development/ports';
import { mapConcurrently } from '../../src/lib/concurrency';
import { eventually } from '../support/eventually';
import { coinifyWebhook, send } from './partner-stub';
import { countOutcomes, openSystem, outcomeOf, type System } from './system';

const ONLY_KEEPS = { RECEIVER_DISPATCH: 'off' };
const TRADES = 150;
const SENDERS = 8;

describe('dispatch as a process of its own', () => {
  let system: System;
  let agent: Agent;
  beforeEach(async () => {
    system = await openSystem();
    agent = new Agent({ connections: SENDERS });
  }, 60_000);
  afterEach(async () => {
    await agent.close();
    await system.close();
  }, 60_000);

  async function isReady(port: number): Promise<void> {
    const { statusCode, body } = await request(`http://127.0.0.1:${String(port)}/health/ready`);
    expect([statusCode, await body.json()]).toEqual([200, { status: 'ready', database: true, temporal: true }]);
  }

  test('a receiver that only keeps leaves a webhook pending until a dispatcher takes it to its outcome', async () => {
    await system.receive(ONLY_KEEPS);
    system.work();
    const kept = await send(system.url, coinifyWebhook(randomUUID(), 'created'), agent);
    if (kept === null) throw new Error('the webhook was not kept');
    await delay(2_000);
    expect(await countOutcomes(system)).toEqual({ pending: 1 });
    const port = await freePort();
    const dispatcher = system.dispatch({ DISPATCH_METRICS_PORT: String(port) });
    await eventually(async () => expect(await outcomeOf(system, kept)).toBe('applied'));
    await isReady(port);
    const { body } = await request(`http://127.0.0.1:${String(port)}/metrics`);
    expect(await body.text()).toMatch(/^partnerflow_deliveries_settled_total\{.*status="delivered".*\} 1$/m);
    const webhook = await request(`http://127.0.0.1:${String(port)}/webhooks/coinify`, { method: 'POST' });
    expect(webhook.statusCode).toBe(404);
    await webhook.body.dump();
    expect(await dispatcher.end()).toBe(0);
    expect(await system.balance()).toMatchObject({ balanced: true, received: 1, applied: 1 });
  }, 120_000);

  test('dispatchers that are killed again and again lose nothing, and each delivery has one effect', async () => {
    await system.receive(ONLY_KEEPS);
    system.work();
    const trades = Array.from({ length: TRADES }, () => randomUUID());
    const sending = mapConcurrently(trades, SENDERS, async (trade) => {
      await send(system.url, coinifyWebhook(trade, 'created'), agent);
      await send(system.url, coinifyWebhook(trade, 'cancelled'), agent);
    });
    system.dispatch();
    for (let kill = 0; kill < 3; kill += 1) {
      const dispatcher = system.dispatch();
      await delay(1_500);
      await dispatcher.kill();
    }
    await sending;
    await eventually(async () => expect(await countOutcomes(system)).toEqual({ applied: 2 * TRADES }), 120_000);
    expect(await system.balance()).toMatchObject({ balanced: true, received: 2 * TRADES, pending: 0, open: 0 });
  }, 240_000);
});
