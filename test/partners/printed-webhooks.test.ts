import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { workflowIdOf } from '../../src/domain/subject-key';
import { decoders, type KnownPartner as Partner } from '../support/partners';

const FOLDER = join(__dirname, '..', 'fixtures');
const ID = '123e4567-e89b-12d3-a456-426614174000';
const ORDER = 'tradevest:order:00000000-0000-4000-8000-000000000004';
const PRINTED = '2025-05-23T00:32:56.709Z';
const DIGITAL = 'DIGITAL_ASSET_ORDER_NOTIFICATION';
const TRADITIONAL = 'TRADITIONAL_ASSET_ORDER_NOTIFICATION';
const IDENTIFICATION = 'IDENTIFICATION_VERIFICATION_NOTIFICATION';
const EXISTS = 'ALREADY_EXISTS_ERROR';
const POOR = 'INSUFFICIENT_BALANCE';

/** File, event, workflow id, lifecycle, status, reason, the partner's time; what has a time has a duplicate key. */
type Row = readonly [string, string, string, string, string | null, string | null, string | null];

/** Written from the partner's pages by hand. */
const TRADEVEST: readonly Row[] = [
  [
    'customer-notification',
    'CUSTOMER_NOTIFICATION',
    `tradevest:customer:${ID}`,
    'onboarding',
    'CREATED',
    EXISTS,
    PRINTED,
  ],
  [
    'customer-notification.update-rejected.assumed',
    'CUSTOMER_NOTIFICATION',
    'tradevest:customer:00000000-0000-4000-8000-000000000001',
    'onboarding',
    null,
    'UNKNOWN_ERROR',
    null,
  ],
  [
    'natural-person-notification',
    'NATURAL_PERSON_NOTIFICATION',
    `tradevest:natural-person:${ID}`,
    'onboarding',
    'CREATED',
    EXISTS,
    PRINTED,
  ],
  [
    'identification-verification-notification',
    IDENTIFICATION,
    `tradevest:identification:${ID}`,
    'onboarding',
    'RECEIVED',
    EXISTS,
    PRINTED,
  ],
  [
    'identification-verification-notification.approved.synthetic',
    IDENTIFICATION,
    'tradevest:identification:00000000-0000-4000-8000-000000000002',
    'onboarding',
    'APPROVED',
    null,
    '2025-11-19T14:06:35.008247Z',
  ],
  [
    'onboarding-notification',
    'ONBOARDING_NOTIFICATION',
    `tradevest:onboarding:${ID}`,
    'onboarding',
    'CREATED',
    'CUSTOMER_STATUS_VERIFICATION',
    PRINTED,
  ],
  ['proxy-notification', 'PROXY_NOTIFICATION', `tradevest:proxy:${ID}`, 'onboarding', 'CREATED', EXISTS, PRINTED],
  [
    'beneficial-owner-notification',
    'BENEFICIAL_OWNER_NOTIFICATION',
    `tradevest:beneficial-owner:${ID}`,
    'onboarding',
    'CREATED',
    EXISTS,
    PRINTED,
  ],
  [
    'customer-product-notification',
    'CUSTOMER_PRODUCT_NOTIFICATION',
    `tradevest:product:${ID}`,
    'onboarding',
    'PENDING',
    'PRODUCT_NOT_ACTIVE',
    PRINTED,
  ],
  ['user-notification', 'USER_NOTIFICATION', 'tradevest:user:text', 'onboarding', 'RECEIVED', EXISTS, PRINTED],
  [
    'offboarding-notification',
    'OFFBOARDING_NOTIFICATION',
    `tradevest:offboarding:${ID}`,
    'onboarding',
    'CREATED',
    EXISTS,
    PRINTED,
  ],
  ['transfer-notification', 'TRANSFER_NOTIFICATION', `tradevest:transfer:${ID}`, 'transfer', 'RECEIVED', POOR, PRINTED],
  [
    'document-notification',
    'DOCUMENT_NOTIFICATION',
    `tradevest:document:${ID}`,
    'document',
    'RECEIVED',
    'UNKNOWN_ERROR',
    PRINTED,
  ],
  [
    'partner-document-notification',
    'PARTNER_DOCUMENT_NOTIFICATION',
    `tradevest:partner-document:${ID}`,
    'document',
    null,
    null,
    PRINTED,
  ],
  [
    'legal-entity-search-notification',
    'LEGAL_ENTITY_SEARCH_NOTIFICATION',
    `tradevest:search:${ID}`,
    'document',
    'WAITING_FOR_DATA',
    null,
    PRINTED,
  ],
  [
    'strategy-notification',
    'STRATEGY_NOTIFICATION',
    `tradevest:strategy:${ID}:${ID}`,
    'document',
    'EXECUTING',
    EXISTS,
    PRINTED,
  ],
  [
    'labels-update-notification',
    'LABELS_UPDATE_NOTIFICATION',
    'tradevest:labels:a-delivery',
    'document',
    'CREATED',
    'CUSTOMERS_NOT_FOUND_ERROR',
    null,
  ],
  ['digital-asset-order-notification', DIGITAL, `tradevest:order:${ID}`, 'order', 'RECEIVED', POOR, null],
  ['traditional-asset-order-notification', TRADITIONAL, `tradevest:order:${ID}`, 'order', 'RECEIVED', POOR, null],
  ['traditional-asset-order-notification.invalid.synthetic', TRADITIONAL, ORDER, 'order', 'INVALID', POOR, null],
  ['traditional-asset-order-notification.placed.assumed', TRADITIONAL, ORDER, 'order', 'PLACED', null, null],
  [
    'traditional-asset-order-notification.partially-filled.assumed',
    TRADITIONAL,
    ORDER,
    'order',
    'PARTIALLY_FILLED',
    null,
    null,
  ],
  ['traditional-asset-order-notification.filled.assumed', TRADITIONAL, ORDER, 'order', 'FILLED', null, null],
  ['traditional-asset-order-notification.settled.assumed', TRADITIONAL, ORDER, 'order', 'SETTLED', null, null],
  ['traditional-asset-order-notification.canceled.assumed', TRADITIONAL, ORDER, 'order', 'CANCELED', null, null],
  ['traditional-asset-order-notification.expired.assumed', TRADITIONAL, ORDER, 'order', 'EXPIRED', null, null],
  [
    'traditional-asset-order-notification.rejected.assumed',
    TRADITIONAL,
    ORDER,
    'order',
    'REJECTED',
    'UNKNOWN_ERROR',
    null,
  ],
];

/** The event’s name, workflow id, lifecycle, status, reason, time. */
const COINIFY: readonly (readonly [string, string, string, string, string | null, string | null])[] = [
  ['trade.created', 'coinify:trade:1235', 'order', 'created', null, null],
  ['trade.transfer-in-completed', 'coinify:trade:1235', 'order', 'transfer-in-completed', null, null],
  ['trade.completed', 'coinify:trade:1235', 'order', 'completed', null, null],
  ['trade.cancelled', 'coinify:trade:1235', 'order', 'cancelled', null, null],
  ['trade.expired', 'coinify:trade:1235', 'order', 'expired', null, null],
  ['trade.rejected', 'coinify:trade:1235', 'order', 'rejected', null, null],
  [
    'identification-attempt.approved',
    'coinify:identification:26286',
    'onboarding',
    'approved',
    null,
    '2024-01-02T03:04:05.671Z',
  ],
  [
    'identification-attempt.rejected',
    'coinify:identification:1',
    'onboarding',
    'rejected',
    'DENIED',
    '2024-01-02T03:04:05.672Z',
  ],
];

function fixture(partner: Partner, file: string): Buffer {
  return readFileSync(join(FOLDER, partner, file));
}

function decoded(partner: Partner, route: string, body: Buffer) {
  const decoding = decoders[partner].decode(route, body, 'a-delivery');
  if (!decoding.ok) throw new Error(JSON.stringify(decoding.problem));
  const { event, subject, duplicateKey, content } = decoding.decoded;
  if (!('status' in content)) throw new Error(content.lifecycle);
  const { reason, changedAt } = content.lifecycle === 'recorded' ? { reason: null, changedAt: null } : content;
  return {
    event,
    workflowId: workflowIdOf(subject),
    lifecycle: content.lifecycle,
    status: content.status,
    reason,
    changedAt: changedAt ?? null,
    key: duplicateKey?.key ?? null,
  };
}

describe('the webhooks printed by Tradevest', () => {
  test.each(TRADEVEST)('%s', (file, event, workflowId, lifecycle, status, reason, changedAt) => {
    const route = file.split('.')[0] ?? '';
    const { key, ...rest } = decoded('tradevest', route, fixture('tradevest', `${file}.json`));
    expect(rest).toEqual({ event, workflowId, lifecycle, status, reason, changedAt });
    expect(key).toEqual(changedAt === null ? null : expect.stringMatching(new RegExp(`^${route}:[0-9a-f]{64}$`)));
  });

  test('re-token-prices is only written down, under one id, with exact prices', () => {
    const decoding = decoders.tradevest.decode('re-token-prices', fixture('tradevest', 're-token-prices.json'), 'x');
    expect(decoding).toMatchObject({
      ok: true,
      decoded: {
        event: 'RE_TOKEN_PRICES',
        subject: { object: 'prices', id: 'latest' },
        duplicateKey: null,
        content: { lifecycle: 'recorded', status: null, facts: { regularToken: '1', premiumToken: '1' } },
      },
    });
  });

  test('are twenty-eight, and each of them stands above', () => {
    expect(new Set([...TRADEVEST.map(([file]) => file), 're-token-prices']).size).toBe(28);
  });

  // A status that is added with its fixture is held by this alone: the table above needs no new row.
  test.each(readdirSync(join(FOLDER, 'tradevest')))('%s is understood as the status it prints', (file) => {
    const body = fixture('tradevest', file);
    const printed: unknown = JSON.parse(body.toString('utf8'));
    const route = file.split('.')[0] ?? '';
    const status = Object(printed)[route.startsWith('labels') ? 'notificationType' : 'status'] ?? null;
    expect(decoded('tradevest', route, body)).toMatchObject({ status });
  });
});

describe('the webhooks printed by Coinify', () => {
  test.each(COINIFY)('%s in its envelope', (event, workflowId, lifecycle, status, reason, changedAt) => {
    const file = event.replace('.', '-');
    const body = fixture('coinify', `${file}.enveloped.json`);
    const envelope: unknown = JSON.parse(body.toString('utf8'));
    const { key, ...rest } = decoded('coinify', 'coinify', body);
    expect(rest).toEqual({ event, workflowId, lifecycle, status, reason, changedAt });
    expect(key).toBe(Object(envelope).id);
  });

  test.each(COINIFY)('%s by its context in another envelope', (event, workflowId, _lifecycle, status) => {
    const text = fixture('coinify', `${event.replace('.', '-')}.context.json`).toString('utf8');
    const context: unknown = JSON.parse(text);
    const body = Buffer.from(JSON.stringify({ id: 'e', time: '2026-01-01T00:00:00Z', event, context }));
    expect(decoded('coinify', 'coinify', body)).toMatchObject({ event, workflowId, status, key: 'e' });
    expect(decoders.coinify.decode('coinify', Buffer.from(text), 'a-delivery')).toMatchObject({
      ok: false,
      event: null,
      problem: { path: 'event', found: 'missing' },
    });
  });

  test.each(['otc-trade-completed.json', 'otc-trade-completed.realistic-times.json'])(
    'an OTC trade also with the placeholder times of the partner’s page (%s)',
    (file) => {
      expect(decoded('coinify', 'coinify', fixture('coinify', file))).toMatchObject({
        event: 'otc-trade.completed',
        workflowId: 'coinify:otc-trade:1234',
        lifecycle: 'order',
        status: 'completed',
      });
    },
  );
});
