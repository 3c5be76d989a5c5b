import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IncomingRequest } from '../../src/partners/authentication';
import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { KNOWN_PARTNERS, type KnownPartner, MODULES } from '../support/partners';
import { EVERY_FIXTURE } from '../webhooks/fixture-table';
import { webhookOf } from '../webhooks/fixture-webhook';
import { newSigner } from './bitpanda-requests';
import { type Credential, describePartner, type Fixture, type Meant, type PartnerCases } from './contract';
import { example } from './example';

/** Shorter than in production, or every partner that hangs would be waited for that long. */
jest.mock('../../src/partners/reading', () => ({
  ...jest.requireActual<object>('../../src/partners/reading'),
  READ_TIMEOUT_MS: 1_500,
}));

const ORIGIN = 'https://hooks.example.com';
const ID = '123e4567-e89b-12d3-a456-426614174000';

function post(url: string, headers: Readonly<Record<string, string>>, body: string): IncomingRequest {
  return {
    method: 'POST',
    url,
    rawHeaders: [['Content-Type', 'application/json'], ...Object.entries(headers)],
    body: Buffer.from(body),
    receivedAtMs: Date.now(),
    publicOrigin: ORIGIN,
  };
}

/** The webhooks of a partner's pages with what the table says of them. */
function fixturesOf(partner: KnownPartner): readonly Fixture[] {
  return EVERY_FIXTURE.filter((one) => one.partner === partner).map((fixture) => {
    const { path, body } = webhookOf(fixture, ORIGIN);
    const { file: name, event, workflowId } = fixture;
    return {
      name,
      event,
      workflowId,
      route: path.split('/').at(-1) ?? '',
      body,
    };
  });
}

function printed(partner: KnownPartner, file: string): string {
  return readFileSync(join(__dirname, '..', 'fixtures', partner, `${file}.json`), 'utf8');
}

function byStaticHeader(path: string, { route, body }: Meant, credential: Credential): IncomingRequest {
  return post(`${path}/${route}`, { 'API-Key': credential }, body);
}

function acceptedHeaders(accepted: readonly string[]): string {
  return JSON.stringify({ 'api-key': accepted });
}

const digitalOrder = {
  route: 'digital-asset-order-notification',
  body: printed('tradevest', 'digital-asset-order-notification'),
};

const TRADEVEST: PartnerCases = {
  variables: (accepted, url) => ({
    TRADEVEST_WEBHOOK_HEADERS: acceptedHeaders(accepted),
    TRADEVEST_API_URL: url,
    TRADEVEST_TOKEN_URL: `${url}/token`,
    TRADEVEST_CLIENT_ID: 'client',
    TRADEVEST_CLIENT_SECRET: 'secret',
    TRADEVEST_REQUESTOR_ID: randomUUID(),
  }),
  request: (meant, credential) => byStaticHeader('/webhooks/tradevest', meant, credential),
  credentialHeader: 'api-key',
  right: digitalOrder,
  unknown: {
    event: { ...digitalOrder, route: 'never-heard-of' },
    state: { ...digitalOrder, body: digitalOrder.body.replace('"RECEIVED"', '"NEVER_HEARD_OF"') },
  },
  repeated: null,
  fixtures: fixturesOf('tradevest'),
  read: {
    key: { partner: 'tradevest', object: 'transfer', id: ID },
    readHints: {},
    found: (transferStatus) => ({ status: 200, body: { transfer: { transferStatus } } }),
    state: Object.keys(MODULES.tradevest.lifecycles.find(({ object }) => object === 'transfer')?.states ?? {})[0] ?? '',
    absent: [{ status: 404 }],
    hasTokens: true,
  },
  listed: {
    reply: { status: 200, body: [{ eventType: 'DIGITAL_ASSET_ORDER_NOTIFICATION', orderId: ID, status: 'FILLED' }] },
    route: 'digital-asset-order-notification',
  },
};

const trade = { route: 'coinify', body: printed('coinify', 'trade-completed.enveloped') };

const COINIFY: PartnerCases = {
  variables: (accepted, url) => ({
    COINIFY_WEBHOOK_SECRETS: accepted.join(','),
    COINIFY_API_URL: url,
    COINIFY_TOKEN_URL: `${url}/token`,
  }),
  request: ({ body }, credential) => {
    const signature = createHmac('sha256', credential).update(body).digest('hex');
    return post('/webhooks/coinify', { 'X-Coinify-Webhook-Signature': signature }, body);
  },
  credentialHeader: 'x-coinify-webhook-signature',
  right: trade,
  unknown: {
    event: { ...trade, body: trade.body.replace('"trade.completed"', '"never.heard-of"') },
    state: { ...trade, body: trade.body.replace('"trade.completed"', '"trade.never-heard-of"') },
  },
  repeated: {
    again: { ...trade, body: trade.body.replace(/"time"\s*:\s*"[^"]*"/, '"time":"2030-01-01T00:00:00Z"') },
    otherwise: { ...trade, body: trade.body.replace(/"traderId"\s*:\s*"?\d+"?/, '"traderId":"99"') },
  },
  fixtures: fixturesOf('coinify'),
  read: {
    key: { partner: 'coinify', object: 'trade', id: '1235' },
    readHints: { traderId: '123' },
    found: (state) => ({ status: 200, body: { id: 1235, state } }),
    state: 'completed',
    absent: [{ status: 404 }],
    hasTokens: true,
  },
};

const SIGNERS = { older: newSigner('older'), newer: newSigner('newer'), strange: newSigner('newer') };
const order = { route: 'automated-orders', body: printed('bitpanda', 'automated-order.finished') };

const BITPANDA: PartnerCases = {
  variables: (accepted, url) => ({
    BITPANDA_WEBHOOK_KEYS: JSON.stringify({ keys: accepted.map((one) => SIGNERS[one].key) }),
    BITPANDA_API_URL: url,
    BITPANDA_TOKEN_URL: `${url}/token`,
    BITPANDA_CLIENT_ID: 'client',
    BITPANDA_CLIENT_SECRET: 'secret',
  }),
  request: ({ route, body }, credential) => {
    const path = `/webhooks/bitpanda/${route}`;
    return post(path, signBitpanda({ method: 'POST', url: ORIGIN + path, body, ...SIGNERS[credential] }), body);
  },
  credentialHeader: 'signature',
  credentialIsStructured: true,
  right: order,
  unknown: {
    event: { ...order, route: 'never-heard-of' },
    state: { ...order, body: order.body.replace('"finished"', '"never-heard-of"') },
  },
  repeated: {
    again: { ...order, body: order.body.replace('"2.43667276"', '"2.436672760"') },
    otherwise: { ...order, body: order.body.replace('"2.43667276"', '"3"') },
  },
  fixtures: fixturesOf('bitpanda'),
  read: {
    key: { partner: 'bitpanda', object: 'order', id: ID },
    readHints: { userId: randomUUID() },
    found: (status) => ({ status: 200, body: { data: [{ id: ID, status }] } }),
    state: 'finished',
    absent: [{ status: 404 }, { status: 200, body: { data: [] } }],
    hasTokens: true,
  },
  listed: {
    reply: {
      status: 200,
      body: { data: [{ id: '1', name: 'user.automated-orders', created_at: '2026-01-01T00:00:00Z', payload: {} }] },
    },
    route: 'automated-orders',
  },
  confirms: true,
};

const placed = { route: 'order-updates', body: '{"eventId":"1","orderId":"1","state":"PLACED"}' };

const EXAMPLE: PartnerCases = {
  variables: (accepted, url) => ({
    EXAMPLE_WEBHOOK_HEADERS: acceptedHeaders(accepted),
    EXAMPLE_API_URL: url,
    EXAMPLE_API_TOKEN: 'token',
  }),
  request: (meant, credential) => byStaticHeader('/webhooks/example', meant, credential),
  credentialHeader: 'api-key',
  right: placed,
  unknown: {
    event: { ...placed, route: 'never-heard-of' },
    state: { ...placed, body: placed.body.replace('PLACED', 'NEVER_HEARD_OF') },
  },
  repeated: {
    again: placed,
    otherwise: { ...placed, body: placed.body.replace('PLACED', 'EXECUTED') },
  },
  fixtures: [{ ...placed, name: 'placed', event: 'order-updates', workflowId: 'example:order:1' }],
  read: {
    key: { partner: 'example', object: 'order', id: '1' },
    readHints: {},
    found: (state) => ({ status: 200, body: { state } }),
    state: 'EXECUTED',
    absent: [{ status: 404 }],
    hasTokens: false,
  },
};

const CASES: Readonly<Record<KnownPartner, PartnerCases>> = {
  tradevest: TRADEVEST,
  coinify: COINIFY,
  bitpanda: BITPANDA,
};

for (const partner of KNOWN_PARTNERS) describePartner(MODULES[partner], CASES[partner]);
describePartner(example, EXAMPLE);
