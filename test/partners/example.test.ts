import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { pino } from 'pino';
import { request } from 'undici';

import { readConfiguration } from '../../src/config/configuration';
import { PARTNERS } from '../../src/partners';
import { partnersOf } from '../../src/partners/partners';
import { type RunningReceiver, startReceiver } from '../../src/processes/receiver';
import { type RunningWorker, startWorker } from '../../src/processes/worker';
import { openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { bundleWorkflows } from '../../src/tools/bundle-workflows';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { testServers } from '../support/servers';
import { example } from './example';
import { type ExampleSimulator, startExampleSimulator } from './example/simulator';

const PARTNERS_AND_ONE = partnersOf([...PARTNERS.modules, example]);
const ROOT = join(__dirname, '..', '..');
const [API_KEY, API_TOKEN, OPERATOR] = ['key-of-the-example', 'token-of-the-example', 'token-of-alice'];

/** A fourth partner is one folder and one line in a list; everything else is as it runs in production. */
describe('a partner of one’s own', () => {
  let fresh: FreshDatabase;
  let folder: string;
  let partner: ExampleSimulator;
  let receiver: RunningReceiver;
  let worker: RunningWorker;

  beforeAll(async () => {
    // Inside the project, so that the bundler finds packages.
    mkdirSync(join(ROOT, '.partnerflow'), { recursive: true });
    folder = mkdtempSync(join(ROOT, '.partnerflow', 'example-'));
    const workflowBundlePath = join(folder, 'workflow-bundle.js');
    const partnerFolders = PARTNERS_AND_ONE.modules.map((module) => module.folder);
    const entryPath = join(folder, 'entry.js');
    writeFileSync(workflowBundlePath, await bundleWorkflows({ root: ROOT, partnerFolders, entryPath }));
    fresh = await freshDatabase();
    const database = openDatabase({ url: fresh.url, poolSize: 1 });
    await migrate(database.kysely);
    await database.close();
    const receiverUrl = (): string => receiver.url;
    partner = await startExampleSimulator({ receiverUrl, apiKey: API_KEY, apiToken: API_TOKEN });
    const environment = {
      DATABASE_URL: fresh.url,
      TEMPORAL_ADDRESS: testServers().temporalAddress,
      TEMPORAL_TASK_QUEUE: `example-${randomUUID()}`,
      RECEIVER_PORT: '0',
      OPERATIONS_TOKENS: JSON.stringify({ alice: OPERATOR }),
      EXAMPLE_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': [API_KEY] }),
      EXAMPLE_API_URL: partner.url,
      EXAMPLE_API_TOKEN: API_TOKEN,
    };
    const configuration = readConfiguration(environment, 'work', PARTNERS_AND_ONE);
    const logger = pino({ level: 'silent' });
    worker = await startWorker(configuration, logger, new AbortController().signal, workflowBundlePath);
    receiver = await startReceiver(configuration, logger);
  });

  afterAll(async () => {
    await receiver.stop();
    await worker.stop();
    await partner.close();
    await fresh.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function get(path: string): Promise<Record<string, any>> {
    const headers = { authorization: `Bearer ${OPERATOR}` };
    const { body } = await request(`${receiver.url}/operations/${path}`, { headers });
    const text = await body.text();
    return JSON.parse(text);
  }

  test('is followed from its first webhook to an order that is settled, as the read confirms', async () => {
    const orderId = randomUUID();
    const flow = `flows/${encodeURIComponent(`example:order:${orderId}`)}`;
    expect(await partner.advance(orderId)).toBe(200);
    await eventually(async () =>
      expect(await get(flow)).toMatchObject({ state: 'PLACED', open: true, waitingFor: ['EXECUTED', 'SETTLED'] }),
    );
    expect(await partner.advance(orderId)).toBe(200);
    await eventually(async () => expect(await get(flow)).toMatchObject({ state: 'EXECUTED', waitingFor: ['SETTLED'] }));
    expect(await partner.advance(orderId)).toBe(200);
    await eventually(async () => {
      const { notifications, ...settled } = await get(flow);
      expect(settled).toMatchObject({
        partner: 'example',
        lifecycle: 'order',
        state: 'SETTLED',
        open: false,
        end: { state: 'SETTLED', by: 'partner' },
        lastReading: { reading: { kind: 'object', status: 'SETTLED' } },
        findings: [],
      });
      expect(notifications.map(({ outcome }: Record<string, string>) => outcome)).toEqual([
        'applied',
        'applied',
        'applied',
      ]);
    });
  });

  test('is refused with a wrong header, and what it says in a word nobody knows is parked', async () => {
    const send = async (apiKey: string): Promise<number> => {
      const { statusCode, body } = await request(`${receiver.url}/webhooks/example/order-updates`, {
        method: 'POST',
        headers: { 'api-key': apiKey },
        body: JSON.stringify({ eventId: randomUUID(), orderId: randomUUID(), state: 'LOST' }),
      });
      await body.dump();
      return statusCode;
    };
    expect(await send('another')).toBe(401);
    expect(await send(API_KEY)).toBe(200);
    await eventually(async () => {
      const { items } = await get('deliveries?status=parked&partner=example');
      expect(items).toMatchObject([{ event: 'order-updates', problem: { path: 'state', found: 'LOST' } }]);
    });
    expect(await get('rejections')).toMatchObject({ items: [{ partner: 'example' }] });
  });

  test('stands in the balance and in the metrics as the others do', async () => {
    const { body } = await request(`${receiver.url}/metrics`);
    expect(await body.text()).toContain('partnerflow_deliveries_kept_total{partner="example"} 4');
    expect(await get('balance')).toMatchObject({ received: 4, parked: 1, balanced: true });
  });
});
