import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';

import { temporal } from '@temporalio/proto';
import { request } from 'undici';

import { freePort } from '../../src/development/ports';
import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { COINIFY_SECRET, TRADEVEST_KEY, tradevestWebhook, type Webhook } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { testServers } from '../support/servers';
import { BITPANDA_KEY, bitpandaEnvironment } from '../webhooks/bitpanda-partner';
import { EVERY_FIXTURE, type ExpectedFixture } from '../webhooks/fixture-table';
import { CANARIES, hitsIn, IBAN, MAIL, NAME, PERSON, STREET } from './canaries';
import { newKey } from './whole-receiver';

jest.setTimeout(180_000);

const TOKEN = 'token-of-the-canary-test';
const FIXTURES = join(__dirname, '..', 'fixtures');

/** A server of the test that answers everything, with a person in each answer. */
async function listening(answer: (url: string, method: string) => { status: number; body: object }) {
  const heard: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    void textOf(incoming).then((text) => {
      heard.push(JSON.stringify(incoming.headers) + text);
      const { status, body } = answer(incoming.url ?? '', incoming.method ?? '');
      outgoing.writeHead(status, { 'content-type': 'application/json', 'x-customer': NAME }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, heard, server };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads by every kind of answer: understood, of another kind, refused, failing; each names the person. */
function partnerAnswer(url: string, method: string): { status: number; body: object } {
  if (url.endsWith('/token'))
    return { status: 200, body: { access_token: 'token', refresh_token: 'once', expires_in: 3_600, ...PERSON } };
  if (url === '/webhooks-missing')
    return {
      status: 200,
      body: [
        { eventType: 'DIGITAL_ASSET_ORDER_NOTIFICATION', orderId: randomUUID(), status: 'PLACED', ...PERSON },
        { eventType: NAME, ...PERSON },
        { eventType: PERSON, ...PERSON },
      ],
    };
  if (method === 'PATCH') return { status: 422, body: { message: NAME, ...PERSON } };
  if (url.startsWith('/v1/events')) {
    const payload = { id: randomUUID(), type: 'daily', ...PERSON };
    const listed = { id: randomUUID(), name: 'reports', created_at: new Date().toISOString(), payload };
    const unnamed = { ...listed, id: randomUUID(), name: NAME };
    return { status: 200, body: { data: url.includes('page=1') ? [listed, unnamed] : [], ...PERSON } };
  }
  if (url.includes('?id=')) return { status: 200, body: { data: [{ id: 'x', status: 'pending', ...PERSON }] } };
  if (url.startsWith('/digital/orders/')) return { status: 200, body: { status: 'PLACED', ...PERSON } };
  if (url.startsWith('/trading/')) return { status: 500, body: { error: NAME, ...PERSON } };
  if (url.startsWith('/trades/')) return { status: 200, body: { id: 1, state: NAME, ...PERSON } };
  if (url.startsWith('/entities/')) return { status: 400, body: { error: `no ${NAME} at ${STREET}`, ...PERSON } };
  return { status: 404, body: { message: `${NAME} is not known`, ...PERSON } };
}

const PLANTED = JSON.stringify({ customer: PERSON, note: `${NAME}, ${IBAN}` }).slice(1, -1);
/** Fields in which partners write sentences. */
const FREE_TEXT = /"(description|errorType|fail_reason|rejectReason)": ?"[^"]*"/g;

/** References of our own that partners give back; Coinify's is an object, which has the person in it as every other. */
const OWN_REFERENCE = /"(externalId)": ?"[^"]*"/g;

/** A body of the partners' pages with a person in every object of it, and in every free text. */
function withPerson(text: string): string {
  return text
    .replace(OWN_REFERENCE, (_all, field: string) => `"${field}": "opened by ${NAME}, ${IBAN}"`)
    .replace(FREE_TEXT, (_all, field: string) => `"${field}": "refused for ${NAME}, ${MAIL}"`)
    .replace(/\{(\s*")/g, (_all, start: string) => `{${PLANTED},${start}`);
}

const HEADERS = { cookie: `session=${MAIL}`, 'x-customer-name': NAME, 'user-agent': `of ${NAME}` };

function signed(partner: ExpectedFixture['partner'], route: string, body: string, origin: string): Webhook {
  switch (partner) {
    case 'tradevest':
      return { path: `/webhooks/tradevest/${route}`, headers: { ...HEADERS, 'api-key': TRADEVEST_KEY }, body };
    case 'coinify': {
      const signature = createHmac('sha256', COINIFY_SECRET).update(body).digest('hex');
      return { path: '/webhooks/coinify', headers: { ...HEADERS, 'x-coinify-webhook-signature': signature }, body };
    }
    case 'bitpanda': {
      const path = `/webhooks/bitpanda/${route}?customer=${encodeURIComponent(MAIL)}`;
      const headers = signBitpanda({ method: 'POST', url: `${origin}${path}`, body, ...BITPANDA_KEY });
      return { path, headers: { ...HEADERS, ...headers }, body };
    }
  }
}

function fixtureWebhook({ partner, file, event }: ExpectedFixture, origin: string): Webhook {
  const text = withPerson(readFileSync(join(FIXTURES, partner, `${file}.json`), 'utf8'));
  const time = '2024-01-02T03:04:05.678Z';
  const enveloped = file.endsWith('.context')
    ? `{"id":"${randomUUID()}","time":"${time}","event":"${event}","context":${text}}`
    : text;
  const route = partner === 'tradevest' ? (file.split('.')[0] ?? '') : event;
  return signed(partner, route, enveloped, origin);
}

/** Authentic, and nothing anybody understands: all of these are parked. */
function strange(origin: string): readonly Webhook[] {
  const bodies = [
    `${NAME} lives at ${STREET}`,
    JSON.stringify([PERSON]),
    JSON.stringify({ orderId: PERSON, status: 'PLACED' }),
    JSON.stringify({ orderId: randomUUID(), status: PERSON, notificationType: NAME }),
    JSON.stringify({ id: randomUUID(), time: NAME, event: PERSON, context: PERSON }),
    JSON.stringify({ id: randomUUID(), time: 'x', event: 'trade.created', context: { id: NAME, traderId: PERSON } }),
    JSON.stringify({ id: randomUUID(), time: 'x', event: NAME, context: PERSON }),
    JSON.stringify({ orderId: randomUUID(), status: `${NAME} in words` }),
    JSON.stringify({ params: { id: PERSON, amount: NAME, user_pid: MAIL } }),
    `{"${NAME}": {"${MAIL}": 1`,
  ];
  return bodies.flatMap((body) => [
    signed('tradevest', 'digital-asset-order-notification', body, origin),
    signed('tradevest', 'onboarding-notification', body, origin),
    signed('coinify', 'coinify', body, origin),
    signed('bitpanda', 'crypto-transfers', body, origin),
    signed('bitpanda', 'corporate-actions', body, origin),
    signed('bitpanda', 'not-known', body, origin),
  ]);
}

/** Refused, with the person in the body and in the credential itself. */
function forged(origin: string): readonly Webhook[] {
  const body = JSON.stringify(PERSON);
  const bitpanda = signed('bitpanda', 'reports', body, origin);
  return [
    { path: '/webhooks/tradevest/x', headers: { ...HEADERS, 'api-key': `${NAME} ${IBAN}` }, body },
    { path: '/webhooks/coinify', headers: { ...HEADERS, 'x-coinify-webhook-signature': NAME }, body },
    { path: '/webhooks/coinify', headers: { ...HEADERS, 'x-coinify-webhook-signature': 'a'.repeat(64) }, body },
    { ...bitpanda, headers: { ...bitpanda.headers, 'signature-input': `sig1=();keyid="${NAME}"` } },
    { ...bitpanda, body: `${body} ` },
    { path: `/webhooks/nobody?name=${encodeURIComponent(NAME)}`, headers: HEADERS, body },
  ];
}

describe('personal data in webhooks, reads, headers and refused requests', () => {
  let system: System;
  let partner: Awaited<ReturnType<typeof listening>>;
  let alertTarget: Awaited<ReturnType<typeof listening>>;
  const namespace = `canary-${randomUUID().slice(0, 8)}`;
  const output: string[] = [];
  const answers: string[] = [];
  let metricsPort: number;

  async function post({ path, headers, body }: Webhook): Promise<number> {
    const answer = await request(`${system.url}${path}`, { method: 'POST', headers, body });
    answers.push(JSON.stringify(answer.headers) + (await answer.body.text()));
    return answer.statusCode;
  }

  async function get(url: string): Promise<string> {
    const answer = await request(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    return answer.body.text();
  }

  beforeAll(async () => {
    const connection = await connectionOf(testServers().temporalAddress);
    await setUpOn(connection, namespace);
    await connection.close();
    [partner, alertTarget, metricsPort] = await Promise.all([
      listening(partnerAnswer),
      listening(() => ({ status: 204, body: {} })),
      freePort(),
    ]);
    system = await openSystem({
      namespace,
      onLine: (line) => output.push(line),
      environmentOf: () => ({
        ...bitpandaEnvironment(partner.url),
        TRADEVEST_API_URL: partner.url,
        TRADEVEST_TOKEN_URL: `${partner.url}/token`,
        COINIFY_API_URL: partner.url,
        COINIFY_TOKEN_URL: `${partner.url}/token`,
        OPERATIONS_TOKENS: JSON.stringify({ alice: TOKEN }),
        BODY_ENCRYPTION_KEYS: JSON.stringify({ first: newKey() }),
        REFERENCE_HASH_KEY: newKey(),
        ALERT_WEBHOOK_URL: alertTarget.url,
        ALERT_WEBHOOK_SECRET: 'a secret of the test',
        SAVINGS_PLAN_DECISION_URL: `${alertTarget.url}/decide`,
        WORKER_METRICS_PORT: String(metricsPort),
        LOG_LEVEL: 'trace',
        // Everything owed is overdue at once, so that everything is read, found and alerted.
        DEADLINE_SCALE: '0.00001',
      }),
    });
    await system.receive();
    system.work();
  });
  afterAll(async () => {
    await system.close();
    for (const { server } of [partner, alertTarget]) {
      server.closeAllConnections();
      server.close();
    }
  });

  const leakQueue = (): string => `${system.taskQueue}-leak`;

  async function historyBytes(): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    // Other tests have flows on the same server, more than could be fetched in time.
    const query = `TaskQueue IN ("${system.taskQueue}", "${leakQueue()}")`;
    for await (const { workflowId, runId } of system.client.workflow.list({ query })) {
      const history = await system.client.workflow.getHandle(workflowId, runId).fetchHistory();
      parts.push(temporal.api.history.v1.History.encode(history).finish());
    }
    return Buffer.concat(parts);
  }

  /** Every column of every row of every table, as text; bytes are shown as hex. */
  async function wholeDatabase(): Promise<readonly string[]> {
    const tables = await system.database.pool.query(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await system.database.pool.query(`SELECT t::text AS row FROM ${String(name)} t`);
      texts.push(...rows.map(({ row }) => `table ${String(name)}: ${String(row)}`));
    }
    return texts;
  }

  async function everything(): Promise<readonly string[]> {
    return [
      ...hitsIn('history', await historyBytes()),
      ...(await wholeDatabase()).flatMap((row) => hitsIn(row.split(':')[0] ?? '', row)),
      ...hitsIn('log', output.join('')),
      ...hitsIn('answer to a partner', answers.join('\n')),
      ...hitsIn('metrics of the receiver', await get(`${system.url}/metrics`)),
      ...hitsIn('metrics of the worker', await get(`http://127.0.0.1:${metricsPort}/metrics`)),
      ...hitsIn('outgoing webhook', alertTarget.heard.join('\n')),
    ];
  }

  test('stands in no history, log, metric, answer, alert or table; and a leak planted in each is found', async () => {
    for (const fixture of EVERY_FIXTURE) expect(await post(fixtureWebhook(fixture, system.url))).toBe(200);
    for (const webhook of strange(system.url)) expect(await post(webhook)).toBe(200);
    for (const webhook of forged(system.url)) expect([401, 404]).toContain(await post(webhook));
    const paths = [`deliveries?partner=${encodeURIComponent(NAME)}`, `flows/${encodeURIComponent(MAIL)}`];
    for (const path of [
      ...paths,
      `search?q=${encodeURIComponent(NAME)}`,
      `messages?subject=${encodeURIComponent(MAIL)}`,
    ])
      await get(`${system.url}/operations/${path}`);
    // What our own backend says of an order, and what it says of one that is not there.
    for (const object of ['order', NAME]) {
      const said = { partner: 'tradevest', object, id: randomUUID(), reference: `paid by ${NAME}, ${IBAN}` };
      await request(`${system.url}/operations/expectations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(said),
      });
    }
    await eventually(async () => {
      const { rows } = await system.database.pool.query(
        `SELECT count(*) FILTER (WHERE status = 'pending') AS pending, count(*) FILTER (WHERE status = 'parked') AS parked,
           (SELECT count(*) FROM subjects WHERE overdue) AS overdue, count(*) FILTER (WHERE source = 'sweep') AS swept,
           (SELECT count(DISTINCT finding) FROM alerts WHERE sent_at IS NOT NULL) AS alerted,
           (SELECT count(*) FROM subject_details WHERE reference IS NOT NULL) AS references,
           (SELECT count(*) FROM messages) AS messages FROM deliveries`,
      );
      const counts = Object.fromEntries(Object.entries(rows[0]).map(([name, count]) => [name, Number(count)]));
      expect(counts.pending).toBe(0);
      expect(counts.parked).toBeGreaterThan(20);
      expect(counts.overdue).toBeGreaterThan(3);
      expect(counts.swept).toBeGreaterThan(0);
      expect(counts.alerted).toBeGreaterThan(1);
      expect(counts.references).toBeGreaterThan(1);
      expect(counts.messages).toBeGreaterThan(10);
    }, 60_000);
    const history = await historyBytes();
    expect(history.length).toBeGreaterThan(100_000);
    expect(output.join('').length).toBeGreaterThan(1_000);
    expect(partner.heard.length).toBeGreaterThan(5);
    expect(await everything()).toEqual([]);

    // The search itself: one body kept in clear, one line logged, one history, in whatever spelling.
    await system.database.pool.query(
      `UPDATE delivery_bodies SET body = $1 WHERE id = (SELECT id FROM delivery_bodies LIMIT 1)`,
      [Buffer.from(JSON.stringify(PERSON))],
    );
    output.push(JSON.stringify({ msg: 'kept', body: Buffer.from(`{"a":"${NAME}"}`).toString('base64') }));
    await system.client.workflow.start('order', {
      workflowId: leakQueue(),
      taskQueue: leakQueue(),
      args: [{ name: MAIL, bytes: Buffer.from(`  ${STREET}`).toString('hex') }],
    });
    await eventually(async () => expect(hitsIn('history', await historyBytes()).length).toBeGreaterThan(0));
    const hits = await everything();
    for (const canary of CANARIES) expect(hits).toContain(`table delivery_bodies: ${canary}`);
    expect(hits).toContain(`log: ${NAME}`);
    expect(hits).toContain(`history: ${MAIL}`);
    expect(hits).toContain(`history: ${STREET}`);
    await system.client.workflow.getHandle(leakQueue()).terminate();
  });

  test('webhooks of the system’s own harmless kind go on being kept', async () => {
    expect(await post(tradevestWebhook(randomUUID(), 'PLACED'))).toBe(200);
  });
});
