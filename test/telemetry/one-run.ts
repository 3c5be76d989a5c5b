import { randomUUID } from 'node:crypto';

import { Agent, request } from 'undici';

import { freePort } from '../../src/development/ports';
import { createFlowStarter } from '../../src/temporal/flow-client';
import { lifecycleTableOf } from '../support/partners';
import { workflowIdOf } from '../../src/domain/subject-key';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { coinifyWebhook, send, tradevestWebhook, type Webhook } from '../faults/partner-stub';
import { openSystem, outcomeOf, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { type Collector, startCollector } from './collector';

/** What stands in bodies, headers, credentials and answers of the partners in this run, and nowhere else. */
export const PLANTED = 'Wilhelmine-Planted';
/** A trace that a partner claims to be in. */
export const PARTNERS_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const COLLECTOR_TOKEN = 'token-of-the-collector';

/** A receiver and a worker in processes of their own, all that was sent to them, and all that they said. */
export interface OneRun {
  readonly system: System;
  readonly collector: Collector;
  readonly lines: readonly string[];
  readonly agent: Agent;
  /** Ids of deliveries by what was sent. */
  readonly deliveries: Readonly<Record<'placed' | 'filled' | 'parked' | 'repeated' | 'untraceable', string>>;
  readonly orderId: string;
  /** What each process prints under `/metrics` now. */
  metrics(): Promise<Readonly<Record<'receiver' | 'worker' | 'sdk', string>>>;
  /** `kill -9` of the receiver, and a new one. */
  restartReceiver(): Promise<void>;
  close(): Promise<void>;
}

async function textOf(url: string): Promise<string> {
  const { statusCode, body } = await request(url);
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${url} answers ${String(statusCode)}`);
  return text;
}

function withPlanted(webhook: Webhook, more: Readonly<Record<string, string>> = {}): Webhook {
  const content = JSON.parse(webhook.body);
  const body = JSON.stringify({ ...content, holder: { name: PLANTED, iban: `DE00${PLANTED}` }, ...more });
  const headers = {
    ...webhook.headers,
    'user-agent': PLANTED,
    traceparent: `00-${PARTNERS_TRACE}-00f067aa0ba902b7-01`,
  };
  return { ...webhook, headers, body };
}

async function kept(system: System, webhook: Webhook, agent: Agent): Promise<string> {
  const id = await send(system.url, webhook, agent);
  if (id === null) throw new Error('a delivery was not kept');
  return id;
}

/** A flow that began before anything was traced, and waits for its first notification. */
async function beginUntraced({ client, taskQueue }: System, orderId: string): Promise<void> {
  const table = lifecycleTableOf('tradevest', 'order');
  if (table === undefined) throw new Error('no orders');
  const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);
  const flows = createFlowStarter(client, taskQueue, 3_000);
  const key = { partner: 'tradevest', object: 'order', id: orderId } as const;
  await flows.startExpecting({ key, table, policy: policies.policyOf(table), stored: null }, null);
}

/** A workflow of a type that no worker knows: its tasks fail, again and again, until somebody ends it. */
async function failTasks({ client, taskQueue }: System): Promise<() => Promise<void>> {
  const handle = await client.workflow.start('unheardOf', { taskQueue, workflowId: `unheard-of-${randomUUID()}` });
  return async () => {
    await handle.terminate();
  };
}

async function refuseOne(system: System, agent: Agent): Promise<void> {
  const path = `/webhooks/tradevest/digital-asset-order-notification?holder=${PLANTED}`;
  for (const target of [path, path.replace(/\?.*/, '')]) {
    const headers = { 'api-key': `${PLANTED}-key` };
    const answer = await request(`${system.url}${target}`, {
      method: 'POST',
      headers,
      body: PLANTED,
      dispatcher: agent,
    });
    await answer.body.dump();
  }
}

async function sendAll(system: System, agent: Agent, orderId: string): Promise<OneRun['deliveries']> {
  const { states } = system.partners;
  await beginUntraced(system, orderId);
  states.set(orderId, 'PLACED');
  const placed = await kept(system, withPlanted(tradevestWebhook(orderId, 'PLACED')), agent);
  await eventually(async () => expect(await outcomeOf(system, placed)).toBe('applied'));
  // The first read is not understood: the activity fails, is tried again, and succeeds.
  states.set(orderId, PLANTED);
  const filled = await kept(system, withPlanted(tradevestWebhook(orderId, 'FILLED')), agent);
  await eventually(async () => expect(await outcomeOf(system, filled)).toBe('applied'));
  const tradeId = '4711';
  states.set(tradeId, 'awaiting_transfer_in');
  const created = coinifyWebhook(tradeId, 'created');
  await kept(system, created, agent);
  const repeated = await kept(system, created, agent);
  const parked = await kept(system, withPlanted(tradevestWebhook(randomUUID(), PLANTED)), agent);
  const notJson = { ...tradevestWebhook(orderId, 'FILLED'), body: `{"name": ${PLANTED}` };
  const untraceable = await kept(system, notJson, agent);
  await refuseOne(system, agent);
  return { placed, filled, parked, repeated, untraceable };
}

async function settled({ database }: System): Promise<void> {
  const pending = await database.kysely
    .selectFrom('deliveries')
    .select('id')
    .where((where) =>
      where.or([
        where('status', '=', 'pending'),
        where.and([where('status', '=', 'delivered'), where('outcome', 'is', null)]),
      ]),
    )
    .execute();
  expect(pending).toEqual([]);
}

export async function startOneRun(): Promise<OneRun> {
  const [collector, workerPort, sdkPort] = await Promise.all([startCollector(), freePort(), freePort()]);
  const lines: string[] = [];
  const system = await openSystem({
    onLine: (line) => lines.push(line),
    environmentOf: () => ({
      LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${COLLECTOR_TOKEN}`,
      WORKER_METRICS_PORT: String(workerPort),
      WORKER_SDK_METRICS_PORT: String(sdkPort),
    }),
  });
  const agent = new Agent({ connections: 4 });
  let receiver = await system.receive();
  system.work();
  const orderId = randomUUID();
  const deliveries = await sendAll(system, agent, orderId);
  const stopFailing = await failTasks(system);
  await eventually(() => settled(system));
  return {
    system,
    collector,
    lines,
    agent,
    deliveries,
    orderId,
    metrics: async () => {
      const [receiver, worker, sdk] = await Promise.all([
        textOf(`${system.url}/metrics`),
        textOf(`http://127.0.0.1:${String(workerPort)}/metrics`),
        textOf(`http://127.0.0.1:${String(sdkPort)}/metrics`),
      ]);
      return { receiver, worker, sdk };
    },
    restartReceiver: async () => {
      await receiver.kill();
      receiver = await system.receive();
    },
    close: async () => {
      await stopFailing();
      await agent.close();
      await system.close();
      await collector.close();
    },
  };
}

export const workflowIdOfOrder = (id: string): string => workflowIdOf({ partner: 'tradevest', object: 'order', id });
export const COLLECTOR_CREDENTIALS = `Bearer ${COLLECTOR_TOKEN}`;
