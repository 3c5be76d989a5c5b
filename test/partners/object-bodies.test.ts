import fc from 'fast-check';

import type { StateContent } from '../../src/domain/notification';
import { decoders, type KnownPartner as Partner } from '../support/partners';
import { coinifyEvents } from '../../src/partners/coinify/events';
import { tradevestEvents } from '../../src/partners/tradevest/events';

const ID = '123e4567-e89b-12d3-a456-426614174000';
const OTHER = '00000000-0000-4000-8000-000000000009';
const TIME = '2025-11-19T14:06:35.008247Z';

/** Endpoint without `-notification`, id field, and a status it may have. */
const OBJECTS = [
  ['customer', 'customerId', 'ACTIVE'],
  ['natural-person', 'naturalPersonId', 'DECEASED'],
  ['identification-verification', 'identificationVerificationId', 'PENDING'],
  ['onboarding', 'onboardingId', 'APPROVED'],
  ['proxy', 'proxyId', 'SUSPENDED'],
  ['beneficial-owner', 'beneficialOwnerId', 'INACTIVE'],
  ['customer-product', 'customerProductId', 'CLOSED'],
  ['user', 'userId', 'INACTIVE'],
  ['offboarding', 'offboardingId', 'CANCELED'],
  ['transfer', 'transferId', 'PROCESSED'],
  ['document', 'documentId', 'ARCHIVED'],
  ['legal-entity-search', 'searchId', 'READY_DATA'],
  ['strategy', 'strategyId', 'EXECUTING'],
] as const;

function decode(partner: Partner, route: string, value: unknown) {
  return decoders[partner].decode(route, Buffer.from(JSON.stringify(value)), 'a-delivery');
}

/** What a body of Tradevest became; its problem's place where it was not understood. */
function became(name: string, value: unknown) {
  const decoding = decode('tradevest', `${name}-notification`, value);
  return decoding.ok ? decoding.decoded : { problem: decoding.problem };
}

function contentOf(name: string, value: unknown): StateContent {
  const decoding = decode('tradevest', `${name}-notification`, value);
  if (!decoding.ok) throw new Error(JSON.stringify(decoding.problem));
  const { content } = decoding.decoded;
  if (!('executions' in content)) throw new Error(content.lifecycle);
  return content;
}

describe.each(OBJECTS)('a body of %s', (name, idField, status) => {
  const body = { [idField]: ID, status, modifiedOn: TIME };

  test('is understood without a notification type, with its time to the last digit', () => {
    expect(became(name, body)).toMatchObject({
      subject: { id: ID },
      content: { status, changedAt: TIME, reason: null },
    });
  });

  test('without status and time is a refused update, and asks for a read', () => {
    const error = { errorType: 'UNKNOWN_ERROR', description: 'Erika did not sign' };
    // Of all objects an onboarding alone has a list of errors.
    const value = { [idField]: ID, validationError: error, validationErrors: [error] };
    expect(became(name, value)).toMatchObject({
      content: { status: null, reason: 'UNKNOWN_ERROR' },
      duplicateKey: null,
    });
    expect(became(name, { [idField]: ID })).toMatchObject({ content: { status: null, reason: null } });
    expect(JSON.stringify(became(name, value))).not.toContain('Erika');
  });

  test('with a word nobody knows is parked with the place to add it', () => {
    expect(became(name, { ...body, status: 'NAPPING' })).toMatchObject({
      problem: {
        path: 'status',
        expected: expect.stringMatching(/^one of .*src\/partners\/tradevest\/lifecycles\/[a-z-]+\.ts with a fixture/),
        found: 'NAPPING',
      },
    });
  });

  test('with a notification type nobody knows is understood: it decides nothing', () => {
    const decoding = became(name, { ...body, notificationType: 'SHOUTED' });
    expect(decoding).toMatchObject({ content: { status } });
    expect(decoding).not.toHaveProperty('unread');
  });

  test('that is sent again is the same event; a microsecond later it is another', () => {
    const keyOf = (value: unknown) => {
      const one = became(name, value);
      return 'problem' in one ? one.problem : one.duplicateKey?.key;
    };
    const inAnotherOrder = { modifiedOn: TIME, status, [idField]: ID };
    expect(keyOf(inAnotherOrder)).toBe(keyOf(body));
    expect(keyOf({ ...body, modifiedOn: '2025-11-19T14:06:35.008248Z' })).not.toBe(keyOf(body));
  });

  test('with a time that is none is understood by its status, and a repetition of it is news', () => {
    const value = { ...body, modifiedOn: `Erika ${'x'.repeat(5_000)}\u0000` };
    expect(became(name, value)).toMatchObject({ content: { status }, duplicateKey: null });
    expect(contentOf(name, value).changedAt).toBeUndefined();
  });
});

describe('what single objects have of their own', () => {
  test('a product that is canceled with one L is cancelled with two', () => {
    const content = contentOf('customer-product', { customerProductId: ID, status: 'CANCELED' });
    expect(content.status).toBe('CANCELLED');
  });

  test('a user’s id may be any text, but no control character', () => {
    expect(became('user', { userId: 'staff 7', status: 'ACTIVE' })).toMatchObject({ subject: { id: 'staff 7' } });
    expect(became('user', { userId: 'a\u0000', status: 'ACTIVE' })).toMatchObject({ problem: { path: 'userId' } });
  });

  test.each([
    [{}, ID],
    [{ subscriberId: null }, ID],
    [{ subscriberId: OTHER.toUpperCase() }, `${ID}:${OTHER}`],
  ])('a strategy with %j is the subject %s', (more, id) => {
    expect(became('strategy', { strategyId: ID, status: 'EXECUTING', ...more })).toMatchObject({ subject: { id } });
  });

  test('an onboarding’s reason is its first machine word, and all of them are kept as a fact', () => {
    const validationErrors = [
      { errorType: 'Erika is missing' },
      { errorType: 'DOCUMENT_MISSING', description: 'of Erika' },
      { errorType: 'PROXY_MISSING' },
    ];
    const content = contentOf('onboarding', {
      onboardingId: ID,
      status: 'REJECTED',
      modifiedOn: TIME,
      validationErrors,
    });
    expect(content).toMatchObject({
      reason: 'DOCUMENT_MISSING',
      facts: { errorTypes: 'DOCUMENT_MISSING, PROXY_MISSING' },
    });
    expect(JSON.stringify(content)).not.toContain('Erika');
  });

  test('whose transfer it is can be seen; what is no id refuses nothing and is not carried on', () => {
    const body = { transferId: ID, status: 'PROCESSED', customerProductId: OTHER, customerId: 'Erika' };
    expect(contentOf('transfer', body).facts).toEqual({ customerProductId: OTHER });
  });

  test.each([
    [
      { notificationType: 'UPDATED', updatedCustomers: [ID, OTHER] },
      'UPDATED',
      [`customer:${ID}`, `customer:${OTHER}`],
    ],
    [{ notificationType: 'VALIDATION_ERROR', validationError: { errorType: 'X' } }, 'VALIDATION_ERROR', []],
    [{ updatedCustomers: [ID] }, 'UPDATED', [`customer:${ID}`]],
    [{ updatedCustomers: null, validationError: { errorType: 'X' } }, 'VALIDATION_ERROR', []],
  ])('labels updated by %j', (body, status, named) => {
    expect(became('labels-update', body)).toMatchObject({
      subject: { object: 'labels', id: 'a-delivery' },
      content: { status, named },
      duplicateKey: null,
    });
  });

  test('labels of more customers than a history can hold are parked', () => {
    const updatedCustomers = Array.from({ length: 1_001 }, () => ID);
    expect(became('labels-update', { updatedCustomers })).toEqual({
      problem: { path: 'updatedCustomers', expected: 'at most 1000 entries', found: 'array of 1001 entries' },
    });
  });

  test('token prices keep every digit, and one that cannot be read leaves the other', () => {
    const prices = (text: string) => decoders.tradevest.decode('re-token-prices', Buffer.from(text), 'a-delivery');
    expect(prices('{"regularToken":0.10000000000000000001,"premiumToken":1e2}')).toMatchObject({
      decoded: { content: { facts: { regularToken: '0.10000000000000000001', premiumToken: '100' } } },
    });
    expect(prices('{"regularToken":1,"premiumToken":"1,5"}')).toMatchObject({
      ok: true,
      decoded: {
        content: { facts: { regularToken: '1' } },
        unread: [{ path: 'premiumToken', expected: 'a decimal', found: 'string of 3 characters' }],
      },
    });
  });

  test('a partner document says nothing but that it is to be read', () => {
    const body = { documentId: ID, modifiedOn: TIME, status: 'ANYTHING' };
    expect(became('partner-document', body)).toMatchObject({
      content: { status: null, reason: null, changedAt: TIME },
    });
  });
});

describe('Coinify’s identification attempts', () => {
  const attempt = (more: object, context: object = {}) =>
    decode('coinify', 'coinify', {
      id: 'e',
      event: 'identification-attempt.rejected',
      context: { traderId: '7', ...context },
      ...more,
    });

  test.each([[{}], [{ time: null }], [{ time: 'yyyy-mm-ddThh:mm:ss.msZ' }], [{ time: 5 }]])(
    'are understood with the time %j, which then orders nothing',
    (more) => {
      const decoding = attempt(more);
      expect(decoding).toMatchObject({ ok: true, decoded: { content: { status: 'rejected' } } });
      expect(JSON.stringify(decoding)).not.toContain('changedAt');
    },
  );

  test('with the same id and another trader, or another reason, say something else', () => {
    const meanings = [{}, { traderId: '8' }, { rejectReason: 'DENIED' }].map((context) => {
      const decoding = attempt({}, context);
      return decoding.ok ? decoding.decoded.duplicateKey?.meaning : null;
    });
    expect(new Set(meanings).size).toBe(3);
  });

  test('with a reason that is a sentence keep it in the delivery', () => {
    const decoding = attempt({}, { rejectReason: 'the passport of Erika' });
    expect(decoding).toMatchObject({ ok: true, decoded: { content: { reason: null } } });
  });
});

describe('whatever the fields of a body hold', () => {
  const FIELDS = [
    ...OBJECTS.map(([, idField]) => idField),
    ...['status', 'modifiedOn', 'notificationType', 'validationError', 'validationErrors', 'updatedCustomers'],
    ...['subscriberId', 'regularToken', 'premiumToken', 'context', 'id', 'time', '__proto__'],
  ];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(ID, 'CREATED', 'REJECTED', TIME, 'constructor', '\u0000', '\ud800'),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );
  const bodies = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 12 });

  test.each([
    ...tradevestEvents.map(({ route }) => ['tradevest', route] as const),
    ...coinifyEvents.map(({ route }) => ['coinify', route] as const),
  ])('%s %s decides, and carries on nothing that a row or a history cannot hold', (partner, route) => {
    fc.assert(
      fc.property(bodies, (fields) => {
        const context = { traderId: '7', ...fields };
        const decoding = decode(
          partner,
          route,
          partner === 'coinify' ? { id: 'e', event: route, ...fields, context } : fields,
        );
        const said = JSON.stringify(decoding.ok ? decoding.decoded.content : decoding.problem);
        expect(said).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(said.length).toBeLessThan(100_000);
      }),
    );
  });
});
