import type { Reading } from '../../src/domain/reading';
import { decoders, type KnownPartner as Partner } from '../support/partners';
import { ReadFailure } from '../../src/partners/reading';
import { createTradevestReader } from '../../src/partners/tradevest/client';
import { createTradevestSweep } from '../../src/partners/tradevest/missed';
import type { ReadPaths } from '../../src/partners/paths';
import { type Asked, type Reply, type ScriptedServer, startScriptedServer } from './scripted-server';

const ID = '123e4567-e89b-12d3-a456-426614174000';
const OTHER = '00000000-0000-4000-8000-000000000009';

const open: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A Tradevest that answers reads as told. */
async function tradevest(reads: (asked: Asked) => Reply, paths?: ReadPaths) {
  const token: Reply = { status: 200, body: { access_token: 'token', expires_in: 3600 } };
  const server = await startScriptedServer((asked) => (asked.path === '/token' ? token : reads(asked)));
  open.push(server);
  const reader = createTradevestReader({
    apiUrl: server.url,
    tokenUrl: `${server.url}/token`,
    clientId: 'client',
    clientSecret: 'secret',
    requestorId: OTHER,
    timeoutMs: 10_000,
    ...(paths === undefined ? {} : { paths }),
  });
  const partner: Partner = 'tradevest';
  return {
    server,
    reader,
    asked: () => server.asked.slice(1).map(({ path }) => path),
    read: (object: string, id = ID, hints = {}) => reader.read({ partner, object, id }, hints),
  };
}

async function readingOf(object: string, body: unknown, id = ID): Promise<Reading> {
  const { read } = await tradevest(() => ({ status: 200, body }));
  return read(object, id);
}

async function messageOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ReadFailure)) throw new Error(`not a failed read: ${String(error)}`);
  return `${error.failureCause} ${error.message}`;
}

/** By hand from the interface: object, the paths in their order, a status the object may have. */
const OBJECTS: readonly (readonly [string, readonly string[], string])[] = [
  ['order', ['/digital/orders/', '/trading/order/'], 'FILLED'],
  ['customer', ['/roles/customers/'], 'ACTIVE'],
  ['natural-person', ['/entities/natural-persons/'], 'ACTIVE'],
  ['identification', ['/entities/identification-verifications/'], 'APPROVED'],
  ['onboarding', ['/roles/onboardings/', '/entities/onboardings/', '/user-onboardings/', '/onboardings/'], 'PENDING'],
  ['proxy', ['/roles/proxies/'], 'ACTIVE'],
  ['beneficial-owner', ['/entities/beneficial-owners/'], 'ACTIVE'],
  ['product', ['/products/'], 'ACTIVE'],
  ['user', ['/users/'], 'ACTIVE'],
  ['offboarding', ['/roles/offboardings/', '/entities/offboardings/', '/offboardings/'], 'PENDING'],
  ['transfer', ['/transfers/'], 'PROCESSED'],
  ['document', ['/v2/documents/', '/documents/'], 'APPROVED'],
  ['partner-document', ['/partner-documents/'], 'PUBLISHED'],
  ['search', ['/entities/vendor/legal-entities/'], 'COMPLETED'],
  ['strategy', ['/strategies/'], 'EXECUTING'],
];

describe.each(OBJECTS)('%s', (object, paths, status) => {
  const asked = paths.map((path) => `${path}${ID}`);

  test('is asked for at each of its paths in their order, and absent when all say 404', async () => {
    const partner = await tradevest(() => ({ status: 404 }));
    expect(await partner.read(object)).toEqual({ kind: 'absent' });
    expect(partner.asked()).toEqual(asked);
  });

  test('is found at the last path, by an answer that holds no more than its status', async () => {
    const partner = await tradevest(({ path }) =>
      path === asked.at(-1) ? { status: 200, body: { status } } : { status: 404 },
    );
    expect(await partner.read(object)).toMatchObject({ kind: 'object', status, reason: null });
    expect(partner.asked()).toEqual(asked);
  });

  test('is read with the acting person’s id', async () => {
    const partner = await tradevest(() => ({ status: 200, body: { status } }));
    await partner.read(object);
    expect(partner.server.asked[1]?.headers).toMatchObject({ 'requestor-id': OTHER, authorization: 'Bearer token' });
  });
});

describe('what an answer says of the object', () => {
  test.each([
    [{ transfer: { transferStatus: 'PROCESSED' } }, 'PROCESSED', null],
    [
      { transfer: { transferStatus: 'REJECTED', rejectReason: 'INSUFFICIENT_BALANCE' } },
      'REJECTED',
      'INSUFFICIENT_BALANCE',
    ],
    [{ transfer: { transferStatus: 'REJECTED' }, rejectReason: 'LIMIT' }, 'REJECTED', 'LIMIT'],
    [{ status: 'REJECTED', rejectReason: 'Erika has no money' }, 'REJECTED', null],
    [{ transfer: null, status: 'PENDING', rejectReason: { code: 5 } }, 'PENDING', null],
    [{ transfer: { transferStatus: 'PROCESSED' }, status: 'PENDING' }, 'PROCESSED', null],
  ])('a transfer: %j', async (body, status, reason) => {
    expect(await readingOf('transfer', body)).toMatchObject({ status, reason });
  });

  test.each([[{}], [{ transfer: {} }], [{ transfer: { transferStatus: 'NAPPING' } }], [{ status: 'NAPPING' }]])(
    'a transfer without a status that is known is not understood: %j',
    async (body) => {
      const message = await messageOf(readingOf('transfer', body));
      expect(message).toMatch(
        /^undecodable the transfer: (transfer\.transferStatus|status): expected .* found (missing|NAPPING)$/,
      );
    },
  );

  test('an onboarding names its customer, persons, proxies, owners and documents', async () => {
    const reading = await readingOf('onboarding', {
      status: 'APPROVED',
      customerId: ID.toUpperCase(),
      naturalPersonIds: [ID, OTHER],
      proxyIds: [OTHER],
      beneficialOwnerIds: [ID],
      documentIds: [OTHER],
    });
    expect(reading).toMatchObject({ status: 'APPROVED' });
    expect(reading.kind === 'object' && reading.named).toEqual({
      [`customer:${ID}`]: null,
      [`natural-person:${ID}`]: null,
      [`natural-person:${OTHER}`]: null,
      [`proxy:${OTHER}`]: null,
      [`beneficial-owner:${ID}`]: null,
      [`document:${OTHER}`]: null,
    });
  });

  test.each([[{}], [{ customerId: null, naturalPersonIds: null, proxyIds: [], documentIds: null }]])(
    'an onboarding may name nothing: %j',
    async (fields) => {
      const reading = await readingOf('onboarding', { status: 'APPROVED', ...fields });
      expect(reading.kind === 'object' && reading.named).toEqual({});
    },
  );

  test('an approved identification shows the document that came with it; before that there is none', async () => {
    expect(await readingOf('identification', { status: 'APPROVED', documentId: ID })).toMatchObject({
      facts: { documentId: ID },
    });
    expect(await readingOf('identification', { status: 'PENDING', documentId: null })).not.toHaveProperty('facts');
  });

  test.each([
    ['DEATH_IMMEDIATE', 'DEATH_IMMEDIATE'],
    ['Erika has died', null],
    [null, null],
  ])('an offboarding’s reason %j', async (reason, read) => {
    expect(await readingOf('offboarding', { status: 'PENDING', reason })).toMatchObject({ reason: read });
  });

  test('a product that is canceled with one L is cancelled with two', async () => {
    expect(await readingOf('product', { status: 'CANCELED' })).toMatchObject({ status: 'CANCELLED' });
  });

  test('a partner document need have no status', async () => {
    expect(await readingOf('partner-document', { title: 'Terms' })).toMatchObject({ kind: 'object', status: '' });
  });

  test('a refusal’s reason is its machine word', async () => {
    const validationError = { errorType: 'ALREADY_EXISTS_ERROR', description: 'Erika' };
    const reading = await readingOf('customer', { status: 'REJECTED', validationError });
    expect(reading).toMatchObject({ reason: 'ALREADY_EXISTS_ERROR' });
    expect(JSON.stringify(reading)).not.toContain('Erika');
  });

  test.each(
    OBJECTS.filter(([object]) => !['partner-document', 'transfer'].includes(object)).map(([object]) => [object]),
  )('a status of %s that nobody knows is named with the place to add it', async (object) => {
    const message = await messageOf(readingOf(object, { status: 'NAPPING' }));
    expect(message).toMatch(
      /^undecodable the .*: status: expected one of .*src\/partners\/tradevest\/lifecycles\/.* found NAPPING$/,
    );
  });
});

describe('where it is asked', () => {
  test('a subscription to a strategy is read by its strategy', async () => {
    const partner = await tradevest(() => ({ status: 404 }));
    await partner.read('strategy', `${ID}:${OTHER}`);
    expect(partner.asked()).toEqual([`/strategies/${ID}`]);
  });

  test('a user’s id is encoded, and one that a URL resolves away is absent unasked', async () => {
    const partner = await tradevest(() => ({ status: 404 }));
    await partner.read('user', 'a/b?c $&');
    expect(await partner.read('user', '..')).toEqual({ kind: 'absent' });
    expect(partner.asked()).toEqual(['/users/a%2Fb%3Fc%20%24%26']);
  });

  test('configured paths stand in place of the built-in ones of their object, and of no other', async () => {
    const partner = await tradevest(() => ({ status: 404 }), {
      proxy: ['/a/{id}', '/b?proxy={id}'],
      order: ['/d/{id}', '/t/{id}'],
    });
    await partner.read('proxy');
    await partner.read('order', ID, { asset: 'traditional' });
    await partner.read('customer');
    expect(partner.asked()).toEqual([`/a/${ID}`, `/b?proxy=${ID}`, `/t/${ID}`, `/d/${ID}`, `/roles/customers/${ID}`]);
  });
});

describe('what Tradevest believes was missed', () => {
  const listed = [
    `{"eventType":"CUSTOMER_NOTIFICATION","customerId":"${ID}","status":"ACTIVE","modifiedOn":"2025-11-19T14:06:35.008247Z"}`,
    '{"eventType":"RE_TOKEN_PRICES","regularToken":0.10000000000000000001,"premiumToken":1.50}',
    '{"eventType":"CORPORATE_ACTION_NOTIFICATION","x":1}',
    '{"eventType":"SOMETHING NEW/../","x":1}',
    '{"customerId":1}',
    '5',
  ];

  test('comes as it was listed, each number with its digits, and without its type', async () => {
    const partner = await tradevest(() => ({ status: 200, body: `[${listed.join(',')}]` }));
    const entries = await partner.reader.readMissed();
    expect(partner.asked()).toEqual(['/webhooks-missing']);
    expect(entries[1]).toEqual({
      eventType: 'RE_TOKEN_PRICES',
      body: '{"regularToken":0.10000000000000000001,"premiumToken":1.50}',
    });
    expect(entries.map(({ eventType }) => eventType)).toEqual([
      'CUSTOMER_NOTIFICATION',
      'RE_TOKEN_PRICES',
      'CORPORATE_ACTION_NOTIFICATION',
      'SOMETHING NEW/../',
      'unnamed',
      'unnamed',
    ]);
  });

  test('is brought in like the webhooks would have been; what nobody understands is parked, and hides no other', async () => {
    const partner = await tradevest(() => ({ status: 200, body: `[${listed.join(',')}]` }));
    const sweep = createTradevestSweep(() => partner.reader.readMissed());
    const { events } = await sweep({ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' });
    const decodings = events.map(({ route, body }) => decoders.tradevest.decode(route, body, 'sweep'));
    expect(decodings.map(({ ok }) => ok)).toEqual([true, true, false, false, false, false]);
    expect(decodings[0]).toMatchObject({
      decoded: { subject: { object: 'customer', id: ID }, content: { status: 'ACTIVE' } },
    });
    expect(decodings[2]).toMatchObject({ event: 'CORPORATE_ACTION_NOTIFICATION', problem: { path: 'endpoint' } });
    expect(events[3]?.route).toMatch(/^[A-Za-z0-9._~-]{1,100}$/);
  });

  test.each([
    ['an empty list', { status: 200, body: [] }, 'nothing'],
    [
      'an object',
      { status: 200, body: {} },
      'undecodable the missed webhooks: body: expected a JSON list, found JSON of another kind',
    ],
    ['a failure', { status: 503 }, 'server-error the missed webhooks answered 503'],
  ])('%s', async (_what, reply, expected) => {
    const partner = await tradevest(() => reply);
    const missed = partner.reader.readMissed();
    if (expected === 'nothing') expect(await missed).toEqual([]);
    else expect(await messageOf(missed)).toBe(expected);
  });
});
