import { decoders, type KnownPartner as Partner } from '../support/partners';
import { TRADEVEST_ORDER_STATUSES } from '../../src/partners/tradevest/lifecycles/order';

function decodeJson(partner: Partner, route: string, value: unknown) {
  return decoders[partner].decode(route, Buffer.from(JSON.stringify(value)), 'a-delivery');
}

const ORDER = {
  orderId: '123E4567-E89B-12D3-A456-426614174000',
  customerProductId: 'x',
  externalId: 'y',
  status: 'FILLED',
  notificationType: 'UPDATED',
};
const TRADITIONAL = 'traditional-asset-order-notification';

describe('what is not understood is parked with its place', () => {
  test('an invented order status is answered with a sentence that says where to add it', () => {
    const decoding = decodeJson('tradevest', TRADITIONAL, { ...ORDER, status: 'NAPPING' });
    expect(decoding).toEqual({
      ok: false,
      event: 'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
      problem: {
        path: 'status',
        expected:
          `one of ${TRADEVEST_ORDER_STATUSES.join(', ')} ` +
          '(the partner documents CANCELLATION_REJECTED, CANCELLATION_ACCEPTED, RECONCILIATION_CORRECTION as unused); ' +
          'a new one is added as one line to src/partners/tradevest/lifecycles/order.ts with a fixture, ' +
          'and `partnerflow retry` then brings the delivery in',
        found: 'NAPPING',
      },
    });
  });

  test.each([
    [
      'a status that the partner documents as unused',
      'tradevest',
      TRADITIONAL,
      { ...ORDER, status: 'CANCELLATION_REJECTED' },
      'status',
      'CANCELLATION_REJECTED',
    ],
    [
      'an id with a control character, by its length alone',
      'tradevest',
      TRADITIONAL,
      { ...ORDER, orderId: 'Erika\nMustermann' },
      'orderId',
      'string of 16 characters',
    ],
    ['a missing id', 'tradevest', TRADITIONAL, { status: 'FILLED' }, 'orderId', 'missing'],
    ['an endpoint nobody knows', 'tradevest', 'no-such-notification', ORDER, 'endpoint', 'no-such-notification'],
    [
      'an event nobody knows',
      'coinify',
      'coinify',
      { id: '1', event: 'trade.dreamt', context: {} },
      'event',
      'trade.dreamt',
    ],
    [
      'an amount that is no decimal',
      'coinify',
      'coinify',
      {
        id: '1',
        event: 'trade.created',
        context: {
          id: '1',
          traderId: '2',
          transferIn: { medium: 'card', amount: { amount: 'much', currency: 'EUR' } },
          transferOut: { medium: 'x', amount: { amount: 1, currency: 'BTC' } },
        },
      },
      'context.transferIn.amount.amount',
      'string of 4 characters',
    ],
    [
      'an id with a control character',
      'coinify',
      'coinify',
      { id: '1', event: 'trade.cancelled', context: { id: 'a\u0000b', traderId: '2' } },
      'context.id',
      'string of 3 characters',
    ],
  ] as const)('%s', (_what, partner, route, value, path, found) => {
    const decoding = decodeJson(partner, route, value);
    expect(decoding.ok ? null : { path: decoding.problem.path, found: decoding.problem.found }).toEqual({
      path,
      found,
    });
  });

  test.each([
    ['an empty body', Buffer.alloc(0)],
    ['bytes that are no JSON', Buffer.from('{"orderId": ')],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe])],
    ['JSON nested without end', Buffer.from('['.repeat(100_000))],
    ['a JSON list', Buffer.from('[]')],
  ])('%s is a problem of the body', (_what, body) => {
    for (const decoding of [
      decoders.tradevest.decode(TRADITIONAL, body, 'a-delivery'),
      decoders.coinify.decode('coinify', body, 'a-delivery'),
    ]) {
      expect(decoding.ok ? null : decoding.problem).toMatchObject({ path: 'body', expected: 'a JSON object' });
    }
  });

  test.each(['legal-entity-notification', 'savings-plans-notification', 'corporate-action-notification'])(
    'a type that is known only by its name is parked under it (%s)',
    (route) => {
      const decoding = decodeJson('tradevest', route, {});
      expect(decoding).toMatchObject({ ok: false, event: route.toUpperCase().replaceAll('-', '_') });
    },
  );
});

describe('what bodies mean', () => {
  test('an order’s id is one subject whatever its case, and has no duplicate key', () => {
    const decoding = decodeJson('tradevest', TRADITIONAL, ORDER);
    expect(decoding.ok && decoding.decoded).toMatchObject({
      subject: { id: ORDER.orderId.toLowerCase() },
      duplicateKey: null,
    });
  });

  test('a body without a status is a refused update with its reason', () => {
    const decoding = decodeJson('tradevest', TRADITIONAL, {
      ...ORDER,
      status: undefined,
      validationError: { errorType: 'UNKNOWN_ERROR', description: 'of Erika' },
    });
    expect(decoding).toMatchObject({ ok: true, decoded: { content: { status: null, reason: 'UNKNOWN_ERROR' } } });
    expect(JSON.stringify(decoding)).not.toContain('Erika');
  });

  test.each(['Erika Mustermann did not sign', 'x'.repeat(101), ''])(
    'a reason that is no machine-readable word stays in the delivery, which is understood all the same (%#)',
    (errorType) => {
      const decoding = decodeJson('tradevest', TRADITIONAL, { ...ORDER, validationError: { errorType } });
      expect(decoding).toMatchObject({ ok: true, decoded: { content: { status: 'FILLED', reason: null } } });
    },
  );

  test('fields that nobody uses refuse nothing, whatever they hold', () => {
    const decodings = [
      decodeJson('coinify', 'coinify', {
        id: 'e',
        time: null,
        event: 'trade.cancelled',
        context: { id: '1', traderId: '2', residenceCountry: 5, partnerContext: [] },
      }),
      decodeJson('coinify', 'coinify', {
        id: 'e',
        event: 'trade.created',
        context: {
          id: '1',
          traderId: '2',
          transferIn: { medium: null, amount: { amount: 1, currency: 'EUR', isApproximate: 'maybe' } },
          transferOut: { amount: { amount: '1.0', currency: 'BTC' }, details: 'none' },
        },
      }),
      decodeJson('tradevest', TRADITIONAL, { ...ORDER, externalId: 7, validationError: { description: 7 } }),
    ];
    expect(decodings.map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  test('the event is known also where the rest of the envelope is not understood', () => {
    const decoding = decodeJson('coinify', 'coinify', { event: 'trade.completed' });
    expect(decoding).toMatchObject({ ok: false, event: 'trade.completed', problem: { path: 'id', found: 'missing' } });
  });

  test('executed amounts keep every digit', () => {
    const body = Buffer.from(
      `{"orderId":"${ORDER.orderId}","status":"FILLED","executionData":{"quantity":0.12345678901234567890,"executionPrice":1e3,"executionAmount":100.00}}`,
    );
    const decoding = decoders.tradevest.decode('digital-asset-order-notification', body, 'a-delivery');
    expect(decoding).toMatchObject({
      ok: true,
      decoded: { content: { executions: [{ quantity: '0.1234567890123456789', price: '1000', amount: '100' }] } },
    });
  });

  test('one event id says the same when only the spelling of its amounts differs, and something else when an amount does', () => {
    const body = (amount: string): Buffer =>
      Buffer.from(
        `{"id":"e1","event":"trade.completed","context":{"id":"1","traderId":"2","transferIn":{"medium":"card","amount":{"amount":${amount},"currency":"EUR"}},"transferOut":{"medium":"blockchain","amount":{"amount":1,"currency":"BTC"}}}}`,
      );
    const meaning = (amount: string): unknown => {
      const decoding = decoders.coinify.decode('coinify', body(amount), 'a-delivery');
      return decoding.ok ? decoding.decoded.duplicateKey : decoding.problem;
    };
    expect(meaning('100.00')).toEqual(meaning('100'));
    expect(meaning('100.00')).toMatchObject({ key: 'e1' });
    expect(meaning('100.01')).not.toEqual(meaning('100'));
  });

  test.each([
    ['trade', { id: '9' }],
    ['trader', { traderId: '9' }],
    ['amount paid', { transferIn: { amount: { amount: 9, currency: 'EUR' } } }],
    ['currency paid', { transferIn: { amount: { amount: 1, currency: 'DKK' } } }],
    ['amount paid out', { transferOut: { amount: { amount: 9, currency: 'BTC' } } }],
    ['currency paid out', { transferOut: { amount: { amount: 2, currency: 'ETH' } } }],
  ])('one event id with another %s says something else', (_what, change) => {
    const context = {
      id: '1',
      traderId: '2',
      transferIn: { amount: { amount: 1, currency: 'EUR' } },
      transferOut: { amount: { amount: 2, currency: 'BTC' } },
    };
    const meaning = (given: object): string | undefined => {
      const decoding = decodeJson('coinify', 'coinify', { id: 'e', event: 'trade.completed', context: given });
      return decoding.ok ? decoding.decoded.duplicateKey?.meaning : undefined;
    };
    expect(meaning({ ...context })).toMatch(/^[0-9a-f]{64}$/);
    expect(meaning({ ...context, ...change })).not.toBe(meaning(context));
  });
});
