import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { Agent, request } from 'undici';

import { startTopology, type Topology, type TopologyService } from '../../src/development/topology/topology';
import { createRunningCheck } from '../../src/operator/actions';
import { PARTNERS } from '../../src/partners';
import { mapConcurrently } from '../../src/lib/concurrency';
import { readBalance } from '../../src/store/stats/balance';
import { type Database, openDatabase } from '../../src/store/database';
import {
  coinifyWebhook,
  type PartnerStub,
  send,
  startPartnerStub,
  tradevestWebhook,
  variablesOf,
} from '../faults/partner-stub';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { testServers } from '../support/servers';

const PATIENCE_MS = 180_000;
const COMPOSE = resolve('docker-compose.yml');

let fresh: FreshDatabase;
let database: Database;
let partners: PartnerStub;
let topology: Topology;
const agent = new Agent({ connections: 8 });
const taskQueue = `test-${randomUUID()}`;
const operationsToken = randomUUID();
const orders = Array.from({ length: 12 }, () => randomUUID());
const trades = Array.from({ length: 8 }, () => randomUUID());

beforeAll(async () => {
  [fresh, partners] = await Promise.all([freshDatabase(), startPartnerStub()]);
  database = openDatabase({ url: fresh.url, poolSize: 3 });
  topology = await startTopology({
    composePath: COMPOSE,
    cli: resolve('dist/src/cli.js'),
    databaseUrl: fresh.url,
    temporalAddress: testServers().temporalAddress,
    variables: {
      TEMPORAL_TASK_QUEUE: taskQueue,
      LOG_LEVEL: 'warn',
      OPERATIONS_TOKENS: JSON.stringify({ tests: operationsToken }),
      ...variablesOf(partners),
    },
  });
}, PATIENCE_MS);

afterAll(async () => {
  await topology.stop();
  const connection = await Connection.connect({ address: testServers().temporalAddress });
  const client = new Client({ connection });
  // Schedules outlive the workers that made them, and would go on asking a partner that is gone.
  for (const partner of PARTNERS.names)
    await client.schedule
      .getHandle(`${taskQueue}-sweep-${partner}`)
      .delete()
      .catch(() => undefined);
  await Promise.all([connection.close(), agent.close(), database.close(), partners.close()]);
  await fresh.drop();
}, PATIENCE_MS);

function service(name: string): TopologyService {
  const found = topology.services.get(name);
  if (found === undefined) throw new Error(`the compose file has no ${name}`);
  return found;
}

function receiverUrl(name: string): string {
  return new URL(service(name).healthUrl ?? '').origin;
}

async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { statusCode, body } = await request(url, { headers });
  await body.dump();
  return statusCode;
}

/** Each partner says the next thing of each object, half of it at either address. */
async function tell(urls: readonly string[], order: string, trade: string, shown: string): Promise<void> {
  const webhooks = [
    ...orders.map((id) => ({ id, shows: order, webhook: tradevestWebhook(id, order) })),
    ...trades.map((id) => ({ id, shows: shown, webhook: coinifyWebhook(id, trade) })),
  ];
  let turn = 0;
  await mapConcurrently(webhooks, 8, async ({ id, shows, webhook }) => {
    partners.states.set(id, shows);
    const url = urls[(turn += 1) % urls.length] ?? '';
    expect(await send(url, webhook, agent)).not.toBeNull();
  });
}

/** How many flows are in which state, and whether any is open. */
async function states(): Promise<Record<string, number>> {
  const rows = await database.kysely.selectFrom('subjects').select(['state', 'open']).execute();
  const counts: Record<string, number> = {};
  for (const { state, open } of rows) {
    const word = `${state ?? 'none'}${open ? ' open' : ''}`;
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

describe('the services of docker-compose.yml, each as a process', () => {
  test('are two receivers and two workers, healthy at addresses of their own, after setup has ended', async () => {
    expect([...topology.services.keys()].sort()).toEqual(['receiver-1', 'receiver-2', 'worker-1', 'worker-2']);
    const urls = [...topology.services.values()].map(({ healthUrl }) => healthUrl);
    expect(new Set(urls).size).toBe(4);
    for (const url of urls) expect(await statusOf(url ?? '')).toBe(200);
    const sdkPort = service('worker-1').environment.WORKER_SDK_METRICS_PORT ?? '';
    expect(await statusOf(`http://127.0.0.1:${sdkPort}/metrics`)).toBe(200);
  });

  test('serve operators at their own port alone, and know no secret they do not need', async () => {
    const { environment } = service('receiver-1');
    const bearer = { authorization: `Bearer ${operationsToken}` };
    const operations = `http://127.0.0.1:${environment.OPERATIONS_PORT ?? ''}/operations/balance`;
    expect(await statusOf(operations, bearer)).toBe(200);
    expect(await statusOf(`${receiverUrl('receiver-1')}/operations/balance`, bearer)).toBe(404);
    expect(Object.keys(environment).filter((name) => /CLIENT_SECRET|ACCESS_TOKEN/.test(name))).toEqual([]);
    expect(Object.keys(service('worker-1').environment).filter((name) => /WEBHOOK|OPERATIONS/.test(name))).toEqual([]);
  });

  test(
    'bring every flow to its end although a receiver and a worker are killed half-way',
    async () => {
      await tell([receiverUrl('receiver-1'), receiverUrl('receiver-2')], 'PLACED', 'created', 'awaiting_transfer_in');
      await eventually(
        async () => expect(await states()).toEqual({ 'PLACED open': 12, 'created open': 8 }),
        PATIENCE_MS,
      );
      await tell(
        [receiverUrl('receiver-1'), receiverUrl('receiver-2')],
        'FILLED',
        'transfer-in-completed',
        'processing',
      );
      await Promise.all([service('receiver-1').kill(), service('worker-1').kill()]);
      await eventually(
        async () => expect(await states()).toEqual({ 'FILLED open': 12, 'transfer-in-completed open': 8 }),
        PATIENCE_MS,
      );
      await tell([receiverUrl('receiver-2')], 'SETTLED', 'completed', 'completed');
      await eventually(async () => expect(await states()).toEqual({ SETTLED: 12, completed: 8 }), PATIENCE_MS);
      const connection = await Connection.connect({ address: testServers().temporalAddress });
      try {
        const check = createRunningCheck(new Client({ connection }));
        const balance = await readBalance(database.kysely, check);
        expect(balance).toMatchObject({ received: 60, delivered: 60, open: 0, abandoned: 0, balanced: true });
      } finally {
        await connection.close();
      }
    },
    2 * PATIENCE_MS,
  );

  test(
    'stop by SIGTERM with exit code 0, within the grace time of the compose file',
    async () => {
      const codes = await topology.stop();
      expect([codes.get('receiver-2'), codes.get('worker-2')]).toEqual([0, 0]);
    },
    PATIENCE_MS,
  );
});
