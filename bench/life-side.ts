import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Pool } from 'pg';
import { Pool as HttpPool, request } from 'undici';

import { dataFolder } from '../src/development/folders';
import { freePort } from '../src/development/ports';
import { startPostgres } from '../src/development/postgres';
import { startTemporal } from '../src/development/temporal';
import { startService } from '../src/development/topology/service-process';
import { type ProcessorTime, processorTimeBelow } from './processor-time';
import { tradeBody } from './trades';

const KEY = 'bench';
const KINDS = ['temporal', 'postgres', 'cli.js receive', 'cli.js work'];
/** Lives of each kind, how many of both begin in a second, and the time between two webhooks of one. */
const LIVES = 40;
const LIVES_PER_SECOND = 8;
const BETWEEN_MS = 500;

/** Webhook of one of our partners. */
interface Webhook {
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One life: the flow that is waited for, and its three webhooks. */
interface Life {
  readonly workflowId: string;
  readonly webhooks: readonly Webhook[];
}

function orderLife(): Life {
  const orderId = randomUUID();
  const webhooks = ['PLACED', 'FILLED', 'SETTLED'].map((status) => ({
    path: '/webhooks/tradevest/digital-asset-order-notification',
    body: JSON.stringify({ orderId, status, notificationType: 'UPDATED' }),
    headers: { 'api-key': KEY },
  }));
  return { workflowId: `tradevest:order:${orderId}`, webhooks };
}

function tradeLife(): Life {
  const tradeId = randomUUID();
  const webhooks = ['created', 'transfer-in-completed', 'completed'].map((state) => {
    const body = tradeBody(tradeId, state);
    const signature = createHmac('sha256', KEY).update(body).digest('hex');
    return { path: '/webhooks/coinify', body, headers: { 'x-coinify-webhook-signature': signature } };
  });
  return { workflowId: `coinify:trade:${tradeId}`, webhooks };
}

/** What was sent last of each object, which is what its read shows: a partner that is neither ahead nor behind. */
const REST_STATES: Readonly<Record<string, string>> = {
  created: 'awaiting_transfer_in',
  'transfer-in-completed': 'processing',
  completed: 'completed',
};

/** Partner that answers reads; in this process, whose own time is not counted. */
async function startPartner(shown: ReadonlyMap<string, string>): Promise<string> {
  const server = createServer((request, response) => {
    const id = (request.url ?? '').split('/').at(-1) ?? '';
    const status = shown.get(id);
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (request.method === 'POST') return response.end(JSON.stringify({ access_token: 'bench', expires_in: 3_600 }));
    if (status === undefined) response.statusCode = 404;
    return response.end(JSON.stringify({ status, state: REST_STATES[status ?? ''] ?? status }));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${port}`;
}

/** Services of a checkout, with servers of their own. */
async function startServices(cli: string, partnerUrl: string) {
  const folder = dataFolder(`bench-life-${process.pid}`);
  const postgres = await startPostgres({ folder: join(folder, 'data') });
  const temporal = await startTemporal({ withUi: false });
  const ports = { receiver: String(await freePort()), worker: String(await freePort()) };
  const environment = {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    LOG_LEVEL: 'error',
    RECEIVER_PORT: ports.receiver,
    WORKER_METRICS_PORT: ports.worker,
    OPERATIONS_TOKENS: JSON.stringify({ bench: randomUUID() }),
    COINIFY_WEBHOOK_SECRETS: KEY,
    COINIFY_API_URL: partnerUrl,
    COINIFY_ACCESS_TOKEN: 'bench',
    TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': [KEY] }),
    TRADEVEST_API_URL: partnerUrl,
    TRADEVEST_TOKEN_URL: `${partnerUrl}/token`,
    TRADEVEST_CLIENT_ID: 'bench',
    TRADEVEST_CLIENT_SECRET: 'bench',
    TRADEVEST_REQUESTOR_ID: 'bench',
  };
  const start = (word: string, port: string | null) =>
    startService({
      name: word,
      arguments: [word],
      environment,
      healthUrl: port === null ? null : `http://127.0.0.1:${port}/health/ready`,
      stopGraceMs: 20_000,
      cli,
    });
  const code = await start('setup', null).ended;
  if (code !== 0) throw new Error(`setup of ${cli} ended with ${String(code)}`);
  const services = [start('receive', ports.receiver), start('work', ports.worker)];
  await Promise.all(services.map((service) => service.healthy()));
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  return {
    url: `http://127.0.0.1:${ports.receiver}`,
    pool,
    metricsUrl: temporal.metricsUrl,
    async stop() {
      await pool.end();
      await Promise.all(services.map((service) => service.stop()));
      await temporal.stop();
      await postgres.stop();
    },
  };
}

async function send(http: HttpPool, { path, body, headers }: Webhook): Promise<void> {
  const answer = await http.request({
    ...{ method: 'POST', path, body },
    headers: { 'content-type': 'application/json', ...headers },
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
}

/** Time after which the server's metrics hold all that was done. */
const REPORTED_AFTER_MS = 2_500;

/** Number of Actions that the server would bill so far. */
async function billedActions(metricsUrl: string): Promise<number> {
  await delay(REPORTED_AFTER_MS);
  const { body } = await request(metricsUrl);
  const lines = (await body.text()).split('\n').filter((line) => line.startsWith('action{'));
  return lines
    .filter((line) => line.includes('namespace="default"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const ENDED_WITHIN_MS = 60_000;

async function untilEnded(pool: Pool, lives: readonly Life[]): Promise<void> {
  const ids = lives.map(({ workflowId }) => workflowId);
  for (const endMs = performance.now() + ENDED_WITHIN_MS; ; await delay(200)) {
    const { rows } = await pool.query<{ id: string; state: string | null }>(
      `SELECT given.id, subjects.state FROM unnest($1::text[]) AS given (id)
       LEFT JOIN subjects ON subjects.workflow_id = given.id WHERE subjects.open IS DISTINCT FROM false`,
      [ids],
    );
    if (rows.length === 0) return;
    if (performance.now() < endMs) continue;
    const examples = rows.slice(0, 3).map(({ id, state }) => `${id} (${state ?? 'nothing written'})`);
    throw new Error(`${rows.length} of ${ids.length} lives did not end in time, such as ${examples.join(', ')}`);
  }
}

/** Serves a checkout: at each message of its parent, measures the processor time of one life, until the parent goes. */
async function serveLives(cli: string): Promise<void> {
  const shown = new Map<string, string>();
  const services = await startServices(cli, await startPartner(shown));
  const http = new HttpPool(services.url, { connections: 16, pipelining: 1 });
  const live = async ({ workflowId, webhooks }: Life): Promise<void> => {
    const states = workflowId.startsWith('coinify') ? Object.keys(REST_STATES) : ['PLACED', 'FILLED', 'SETTLED'];
    for (const [index, webhook] of webhooks.entries()) {
      shown.set(workflowId.split(':').at(-1) ?? '', states[index] ?? '');
      await send(http, webhook);
      await delay(BETWEEN_MS);
    }
  };
  const measure = async (count: number): Promise<ProcessorTime> => {
    const lives = Array.from({ length: count }, () => [orderLife(), tradeLife()]).flat();
    const before = processorTimeBelow(process.pid, KINDS);
    const living: Promise<void>[] = [];
    for (const life of lives) {
      living.push(live(life));
      await delay(1_000 / LIVES_PER_SECOND);
    }
    await Promise.all(living);
    await untilEnded(services.pool, lives);
    const after = processorTimeBelow(process.pid, KINDS);
    return Object.fromEntries(KINDS.map((kind) => [kind, ((after[kind] ?? 0) - (before[kind] ?? 0)) / lives.length]));
  };
  const tell = async (count: number): Promise<void> => {
    const actionsBefore = await billedActions(services.metricsUrl);
    const used = await measure(count);
    const actions = (await billedActions(services.metricsUrl)) - actionsBefore;
    const words = Object.entries(used).map(([kind, ms]) => `${kind} ${ms.toFixed(1)}`);
    process.stderr.write(
      `  ${cli.startsWith(join(__dirname, '..', '..')) ? 'ours' : 'theirs'}: ${words.join(', ')} ms and ${(actions / (2 * count)).toFixed(1)} Actions a life\n`,
    );
    process.send?.({ measured: Object.values(used).reduce((sum, ms) => sum + ms, 0) });
  };
  process.on('message', () => void tell(LIVES));
  process.once('disconnect', () => void services.stop().finally(() => process.exit(0)));
  await tell(10);
}

void serveLives(process.argv[2] ?? '');
