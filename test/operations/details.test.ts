import { execFile } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { temporal } from '@temporalio/proto';
import { Agent, request } from 'undici';

import { COINIFY_SECRET, send, TRADEVEST_KEY, type Webhook } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { ownNamespace } from '../support/set-up-temporal';

jest.setTimeout(180_000);

const TOKEN = 'token-of-the-details';
const REFERENCE = 'loan of Zyxandra Quellenhofer-Wispelwey';
const BODY_KEYS = JSON.stringify({ first: randomBytes(32).toString('base64') });
const HASH_KEY = randomBytes(32).toString('base64');

/** A webhook of Tradevest about an object. */
function tradevest(route: string, fields: object): Webhook {
  const body = JSON.stringify({ notificationType: 'UPDATED', ...fields });
  return { path: `/webhooks/tradevest/${route}`, headers: { 'api-key': TRADEVEST_KEY }, body };
}

/** A webhook of Coinify about a trade. */
function coinify(event: string, context: object): Webhook {
  const body = JSON.stringify({ id: randomUUID(), time: '2026-03-01T10:00:00.000Z', event, context });
  const signature = createHmac('sha256', COINIFY_SECRET).update(body).digest('hex');
  return { path: '/webhooks/coinify', headers: { 'x-coinify-webhook-signature': signature }, body };
}

describe('what a partner says beside the state', () => {
  let system: System;
  const agent = new Agent();
  const post = (webhook: Webhook) => send(system.url, webhook, agent);
  beforeAll(async () => {
    system = await openSystem({
      namespace: await ownNamespace(),
      environmentOf: () => ({
        OPERATIONS_TOKENS: JSON.stringify({ alice: TOKEN }),
        BODY_ENCRYPTION_KEYS: BODY_KEYS,
        REFERENCE_HASH_KEY: HASH_KEY,
      }),
    });
    await system.receive();
    system.work();
  });
  afterAll(async () => {
    await agent.close();
    await system.close();
  });

  async function get(path: string) {
    const { statusCode, body } = await request(`${system.url}/operations/${path}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const answer: Record<string, unknown> = JSON.parse(await body.text());
    return { statusCode, answer };
  }

  const flowOf = async (workflowId: string) => (await get(`flows/${encodeURIComponent(workflowId)}`)).answer;

  const untilShown = (workflowId: string, expected: object) =>
    eventually(async () => expect(await flowOf(workflowId)).toMatchObject(expected), 60_000);

  const order = 'digital-asset-order-notification';

  test('an order shows our reference, its side and amounts; the reference stands nowhere else in clear', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    const customerProductId = randomUUID();
    const executionData = { quantity: 2, executionPrice: '10.50', executionAmount: '21.00' };
    system.partners.states.set(orderId, 'FILLED');
    system.partners.fields.set(orderId, { tradeSide: 'BUY', fee: '0.50', currency: 'EUR', executionData });
    await post(tradevest(order, { orderId, status: 'PLACED', externalId: REFERENCE, customerProductId }));
    await post(tradevest(order, { orderId, status: 'FILLED', executionData }));
    await untilShown(workflowId, {
      state: 'FILLED',
      reference: REFERENCE,
      side: 'BUY',
      amounts: [{ what: 'fee', amount: '0.5', unit: 'EUR' }],
      facts: { customerProductId },
      sandbox: null,
    });

    const handle = system.client.workflow.getHandle(workflowId);
    const history = temporal.api.history.v1.History.encode(await handle.fetchHistory()).finish();
    expect(Buffer.from(history).includes('Zyxandra')).toBe(false);
    for (const table of ['subject_details', 'subjects', 'deliveries', 'outbox']) {
      const { rows } = await system.database.pool.query(`SELECT t::text AS row FROM ${table} t`);
      const text = rows.map(({ row }) => String(row)).join('\n');
      expect([table, text.includes('Zyxandra')]).toEqual([table, false]);
      expect([table, text.includes(Buffer.from('Zyxandra').toString('hex'))]).toEqual([table, false]);
    }
  });

  test('the whole answer of the last read is shown to whoever asks, who is recorded', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    system.partners.states.set(orderId, 'FILLED');
    system.partners.fields.set(orderId, { holder: 'Zyxandra' });
    const object = `flows/${encodeURIComponent(workflowId)}/object`;
    expect((await get(object)).statusCode).toBe(404);
    await post(tradevest(order, { orderId, status: 'FILLED' }));
    const shown = await eventually(async () => {
      const { statusCode, answer } = await get(object);
      expect(statusCode).toBe(200);
      return answer;
    });
    expect(JSON.parse(Buffer.from(String(shown.bodyBase64), 'base64').toString('utf8'))).toEqual({
      status: 'FILLED',
      documentId: orderId,
      holder: 'Zyxandra',
    });
    expect(await flowOf(workflowId)).toMatchObject({
      operatorActions: [{ by: 'alice', action: 'show-object', reason: null }],
    });
    const cli = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
    const env = { PATH: process.env.PATH, DATABASE_URL: system.databaseUrl, BODY_ENCRYPTION_KEYS: BODY_KEYS };
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'object', workflowId, '--json'], { env });
    expect(JSON.parse(stdout)).toEqual(shown);
  });

  test('an order that is rejected without a reason is read for it before it ends', async () => {
    const orderId = randomUUID();
    system.partners.states.set(orderId, 'REJECTED');
    system.partners.fields.set(orderId, { message: 'EXCHANGE_CLOSED' });
    await post(tradevest(order, { orderId, status: 'REJECTED' }));
    await untilShown(`tradevest:order:${orderId}`, {
      state: 'REJECTED',
      open: false,
      reason: 'EXCHANGE_CLOSED',
      end: { state: 'REJECTED', by: 'partner' },
      findings: [],
    });
  });

  test('an order that is rejected ends also where the partner shows none', async () => {
    const orderId = randomUUID();
    await post(tradevest(order, { orderId, status: 'REJECTED', validationError: { errorType: 'UNKNOWN_ERROR' } }));
    await untilShown(`tradevest:order:${orderId}`, { open: false, reason: 'UNKNOWN_ERROR', findings: [] });
  });

  test.each([
    ['document', 'document-notification', 'documentId', 'CREATED', false],
    ['document', 'document-notification', 'documentId', 'PENDING', true],
    ['document', 'document-notification', 'documentId', 'INVALID', false],
    ['beneficial-owner', 'beneficial-owner-notification', 'beneficialOwnerId', 'ACTIVE', false],
    ['proxy', 'proxy-notification', 'proxyId', 'CREATED', false],
    ['customer', 'customer-notification', 'customerId', 'PENDING', true],
    ['product', 'customer-product-notification', 'customerProductId', 'ACTIVE', false],
  ])(
    'a %s that is new to us is read, though its webhook (%s, %s) says %s',
    async (object, route, field, status, open) => {
      const id = randomUUID();
      const workflowId = `tradevest:${object}:${id}`;
      system.partners.states.set(id, status);
      system.partners.fields.set(id, { externalId: REFERENCE, modifiedOn: '2026-03-01T10:00:00Z' });
      await post(tradevest(route, { [field]: id, status }));
      await untilShown(workflowId, { state: status, open, lastReading: { reading: { status } }, reference: REFERENCE });
    },
  );

  test('a trade of Coinify shows both sides, its trader, and what we handed over as JSON', async () => {
    const context = {
      ...{ id: '77', traderId: '26286', partnerContext: { refId: 12, clientId: 'Zyxandra' } },
      transferIn: { amount: { amount: 103, currency: 'EUR' }, totalFee: { amount: 3, currency: 'EUR' } },
      transferOut: { amount: { amount: 0.099, currency: 'BTC' } },
    };
    await post(coinify('trade.created', context));
    await untilShown('coinify:trade:77', {
      userId: '26286',
      reference: '{"clientId":"Zyxandra","refId":12}',
      amounts: [
        { what: 'in', amount: '103', unit: 'EUR' },
        { what: 'in-fee', amount: '3', unit: 'EUR' },
        { what: 'out', amount: '0.099', unit: 'BTC' },
      ],
    });
  });
});
