import type { Reading } from '../../src/domain/reading';
import { type BitpandaClientOptions, createBitpandaReader } from '../../src/partners/bitpanda/client';
import { createBitpandaSweep } from '../../src/partners/bitpanda/listed-events';
import { ReadFailure } from '../../src/partners/reading';
import { type Asked, type Reply, type ScriptedServer, startScriptedServer } from './scripted-server';

const ID = '1ee00000-0000-6000-8000-000000000002';
const TRANSFER = { partner: 'bitpanda', object: 'transfer', id: ID } as const;

const open: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A Bitpanda whose refresh tokens serve once; a second use is refused as the RFC says. */
async function bitpanda(reads: (asked: Asked) => Reply, expiresIn = 600) {
  const usable = new Set<string>();
  let made = 0;
  const refresh = (): string => {
    made += 1;
    usable.add(`refresh-${made}`);
    return `refresh-${made}`;
  };
  const token = (form: URLSearchParams): Reply => {
    if (form.get('grant_type') === 'client_credentials') return { status: 200, body: { refresh_token: refresh() } };
    if (!usable.delete(form.get('refresh_token') ?? '')) return { status: 400, body: { error: 'invalid_grant' } };
    const next = refresh();
    return { status: 200, body: { access_token: `access-${made}`, refresh_token: next, expires_in: expiresIn } };
  };
  const server = await startScriptedServer((asked) =>
    asked.path === '/token' ? token(new URLSearchParams(asked.body)) : reads(asked),
  );
  open.push(server);
  const options = { apiUrl: server.url, tokenUrl: `${server.url}/token`, clientId: 'c', clientSecret: 's' };
  return {
    server,
    usable,
    newReader: (timeoutMs = 10_000, paths: BitpandaClientOptions['paths'] = {}) =>
      createBitpandaReader({ ...options, timeoutMs, paths }),
    grants: () =>
      server.asked
        .filter(({ path }) => path === '/token')
        .map(({ body }) => new URLSearchParams(body).get('grant_type')),
  };
}

function found(fields: Record<string, unknown>): Reply {
  return {
    status: 200,
    body: {
      data: [
        { id: 'another', status: 'x' },
        { id: ID.toUpperCase(), ...fields },
      ],
    },
  };
}

async function causeOf(reading: Promise<unknown>): Promise<string> {
  return reading.then(
    () => 'none',
    (error: unknown) => (error instanceof ReadFailure ? error.failureCause : String(error)),
  );
}

describe('tokens that serve once', () => {
  test('many callers share one token, and the next one comes by the refresh token of the answer before', async () => {
    const { newReader, grants } = await bitpanda(() => found({ transaction_status: 'finished' }), 0);
    const reader = newReader();
    await Promise.all([1, 2, 3].map(() => reader.read(TRANSFER, {})));
    await reader.read(TRANSFER, {});
    expect(grants()).toEqual(['client_credentials', 'refresh_token', 'refresh_token']);
  });

  test('two processes have two chains and never use up each other’s token', async () => {
    const { newReader, grants } = await bitpanda(() => found({ transaction_status: 'finished' }), 0);
    const [one, two] = [newReader(), newReader()];
    for (let round = 0; round < 5; round += 1) {
      const readings = await Promise.all([one.read(TRANSFER, {}), two.read(TRANSFER, {})]);
      expect(readings).toMatchObject([{ kind: 'object' }, { kind: 'object' }]);
    }
    expect(grants().filter((grant) => grant === 'client_credentials')).toHaveLength(2);
  });

  test('a refresh token that is used up or has run out starts the chain anew, once', async () => {
    const { newReader, usable, grants } = await bitpanda(() => found({ transaction_status: 'finished' }), 0);
    const reader = newReader();
    await reader.read(TRANSFER, {});
    usable.clear();
    expect(await reader.read(TRANSFER, {})).toMatchObject({ kind: 'object' });
    expect(grants()).toEqual([
      'client_credentials',
      'refresh_token',
      'refresh_token',
      'client_credentials',
      'refresh_token',
    ]);
  });

  test('an access token that is revoked early is replaced, and the read is asked once more', async () => {
    let asked = 0;
    const { newReader } = await bitpanda(() => {
      asked += 1;
      return asked === 1 ? { status: 401 } : found({ transaction_status: 'processing' });
    });
    expect(await newReader().read(TRANSFER, {})).toMatchObject({ status: 'processing' });
  });
});

const readings: readonly (readonly [string, string, Reply, Partial<Reading>])[] = [
  [
    'a finished transfer',
    'transfer',
    found({ transaction_status: 'finished' }),
    { kind: 'object', status: 'finished' },
  ],
  ['a transfer in the other spelling', 'transfer', found({ transaction_status: 'cancelled' }), { status: 'canceled' }],
  ['a trade that an older page calls completed', 'order', found({ status: 'completed' }), { status: 'finished' }],
  ['a trade in progress', 'order', found({ status: 'in progress' }), { status: 'in progress' }],
  ['a plan', 'savings-plan', found({ status: 'active' }), { status: 'active' }],
  ['an empty list', 'transfer', { status: 200, body: { data: [] } }, { kind: 'absent' }],
  ['no such object', 'transfer', { status: 404 }, { kind: 'absent' }],
];

test.each(readings)('reads %s', async (_what, object, reply, expected) => {
  const { newReader } = await bitpanda(() => reply);
  expect(await newReader().read({ ...TRANSFER, object }, {})).toMatchObject(expected);
});

test.each([
  ['an unknown word', found({ transaction_status: 'napping' }), 'undecodable'],
  ['a page of another kind', { status: 200, body: '<html>' }, 'undecodable'],
  ['a failing partner', { status: 503 }, 'server-error'],
  ['too many requests', { status: 429 }, 'rate-limited'],
  ['no rights', { status: 403 }, 'forbidden'],
] as const)('a read that meets %s says so', async (_what, reply, cause) => {
  const { newReader } = await bitpanda(() => reply);
  expect(await causeOf(newReader().read(TRANSFER, {}))).toBe(cause);
});

test('a read names the user it is about, where a webhook has named him', async () => {
  const { newReader, server } = await bitpanda(() => found({ transaction_status: 'pending' }));
  await newReader().read(TRANSFER, { userId: 'u1' });
  expect(server.asked.at(-1)).toMatchObject({
    path: `/v1/crypto-transfers/transactions?id=${ID}`,
    headers: { 'bp-user-id': 'u1' },
  });
});

describe('confirming a recurrence', () => {
  const outcomes: readonly (readonly [string, Reply, string])[] = [
    ['is done', { status: 204 }, 'confirmed'],
    ['was done before', { status: 409 }, 'confirmed'],
    [
      'was done before, by the words',
      { status: 422, body: { message: 'Transaction is already confirmed' } },
      'confirmed',
    ],
    ['is refused', { status: 422, body: { message: 'deadline passed' } }, 'not confirmed'],
    ['finds nothing', { status: 404 }, 'not confirmed'],
  ];

  test.each(outcomes)('%s', async (_what, reply, expected) => {
    const { newReader, server } = await bitpanda(() => reply);
    expect(await newReader().confirmRecurrence('t-1', 'u1')).toBe(expected);
    expect(server.asked.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/v1/savings-plan/transaction/t-1/confirm',
      headers: { 'bp-user-id': 'u1' },
    });
  });

  test('fails where the partner fails, so that it is tried again', async () => {
    const { newReader } = await bitpanda(() => ({ status: 500 }));
    expect(await causeOf(newReader().confirmRecurrence('t-1', null))).toBe('server-error');
  });
});

describe('the list of events', () => {
  const listed = (id: string, name: string, payload: unknown) => ({
    id,
    name,
    created_at: '2026-01-01T00:00:00Z',
    payload,
  });
  const pages = [
    [listed('1', 'user.update', { user_id: ID, action: 'verification', success: true, timestamp: 1 })],
    [
      listed('2', 'crypto-transfers', { id: ID, user_id: ID, transaction_status: 'finished' }),
      listed('3', 'strange!', {}),
    ],
  ];
  const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };

  test('is read page by page and given the shape of webhooks', async () => {
    const { newReader } = await bitpanda(({ path }) => {
      const page = Number(new URL(path, 'http://x').searchParams.get('page'));
      return { status: 200, body: { data: pages[page - 1] ?? [] } };
    });
    const swept = await createBitpandaSweep(newReader().readEvents)(window);
    expect(swept.cutOff).toBeUndefined();
    expect(swept.events.map(({ route, body }) => [route, JSON.parse(body.toString('utf8'))])).toEqual([
      ['user-updates', { params: { user_pid: ID, action: 'verification', success: true, timestamp: 1 } }],
      ['crypto-transfers', { params: { id: ID, user_id: ID, transaction_status: 'finished' } }],
    ]);
    expect(swept.unrouted).toEqual(['strange!']);
  });

  const NAMES: readonly (readonly [name: string, route: string])[] = [
    ['user.update', 'user-updates'],
    ['user.corporate-action', 'corporate-actions'],
    ['user.non-user-initiated-tx', 'non-user-initiated-transactions'],
    ['user.non-user-initiated-tx-v2', 'non-user-initiated-transactions-v2'],
    ['account.send-money', 'send-money'],
    ['account.send-money-success', 'send-money-success'],
    ['user.savings-plan-notification', 'savings-plan-upcoming-trade'],
  ];

  test.each(NAMES)('calls it %s, and the webhook is that of %s', async (name, route) => {
    const { newReader } = await bitpanda(() => ({ status: 200, body: { data: [listed('1', name, { id: ID })] } }));
    const { events, unrouted } = await createBitpandaSweep(newReader().readEvents)(window);
    expect(events.map((one) => one.route)).toEqual([route]);
    expect(unrouted).toBeUndefined();
  });

  test('is asked for at the configured paths in their order, the next on 404', async () => {
    const { newReader, server } = await bitpanda(({ path }) =>
      path.startsWith('/v2/') ? { status: 404 } : { status: 200, body: { data: pages[0] } },
    );
    const { readEvents } = newReader(10_000, { events: ['/v2/events', '/events?of=all'] });
    expect((await readEvents(window.from, window.to)).events).toHaveLength(1);
    const query = new URLSearchParams({ ...window, page: '1' }).toString();
    const asked = server.asked.filter(({ method }) => method === 'GET').map(({ path }) => path);
    expect(asked.slice(0, 2)).toEqual([`/v2/events?${query}`, `/events?of=all&${query}`]);
  });

  test('fails where no path is there', async () => {
    const { newReader } = await bitpanda(() => ({ status: 404 }));
    expect(await causeOf(newReader().readEvents(window.from, window.to))).toBe('unexpected-status');
  });

  test('ends with a server that gives the same page for ever', async () => {
    const { newReader, server } = await bitpanda(() => ({ status: 200, body: { data: pages[0] } }));
    const { events, cutOff } = await newReader().readEvents(window.from, window.to);
    expect([events.length, cutOff]).toEqual([1, undefined]);
    expect(server.asked.filter(({ method }) => method === 'GET')).toHaveLength(2);
  });

  test('that does not end is cut off, says so, and brings what came before', async () => {
    const { newReader } = await bitpanda(({ path }) => {
      const page = new URL(path, 'http://x').searchParams.get('page') ?? '';
      return { status: 200, body: { data: [listed(page, 'user.update', {})] } };
    });
    const { events, cutOff } = await createBitpandaSweep(newReader().readEvents)(window);
    expect(events).toHaveLength(200);
    expect(cutOff).toBe('after 200 pages the list had not ended');
  });
});

describe('the lists of objects', () => {
  const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-03-15T00:00:00.000Z' };
  const action = {
    id: 'm-1',
    ca_id: 'ca-1',
    action: 'reverse_stock_split',
    user_id: ID,
    type: 'subtract',
    defined_for: 'asset',
    asset_id: 5,
    asset_symbol: 'SHR',
    asset_amount: '9.00000000',
    fiat_id: null,
    fiat_symbol: null,
    fiat_amount: null,
    credited_at: '2026-01-05T08:00:00Z',
  };
  const transaction = { id: 't-1', user_id: ID, type: 'giveaway', direction: 'incoming', created_at: '2026-01-05' };
  const lists: Readonly<Record<string, readonly object[]>> = {
    '/v1/trades/corporate-actions/search': [action, { ...action, id: 'm-2', type: 'payout', action: 'stock_split' }],
    '/v2/non-user-initiated-transactions': [transaction],
    '/v1/orders': [
      { id: 'o-1', trade_id: ID, status: 'finished', type: 'sell' },
      { id: 'o-2', status: 'finished' },
      { id: 'o-3', trade_id: ID, status: 'created' },
    ],
  };
  const pathOf = (path: string) => new URL(path, 'http://x');
  const answering = ({ path }: Asked): Reply => {
    const { pathname, searchParams } = pathOf(path);
    const isFirst = (searchParams.get('page') ?? '1') === '1' && searchParams.get('cursor') === null;
    return { status: 200, body: { data: isFirst ? (lists[pathname] ?? []) : [] } };
  };

  test('bring the webhooks that their objects were told by, also of what was sold', async () => {
    const { newReader } = await bitpanda(answering);
    const { events, lacking } = await newReader().readObjects({ ...window, to: '2026-01-20T00:00:00.000Z' });
    const told = events.map(({ route, body }) => [route, JSON.parse(body.toString('utf8')).params]);
    expect(lacking).toBeUndefined();
    expect(told).toEqual([
      [
        'corporate-actions',
        expect.objectContaining({
          ...{ id: 'm-1', ca_id: 'ca-1', user_pid: ID, type: 'reverse_stock_split', asset_amount: '-9.00000000' },
          additional_details: expect.objectContaining({ credited_at: '2026-01-05T08:00:00Z', type: 'subtract' }),
        }),
      ],
      ['corporate-actions', expect.objectContaining({ id: 'm-2', type: 'stock_split', asset_amount: '9.00000000' })],
      ['non-user-initiated-transactions-v2', transaction],
      ['automated-orders', expect.objectContaining({ trade_id: ID, status: 'finished', type: 'sell' })],
    ]);
  });

  test('are asked in parts of at most 31 days that leave no gap', async () => {
    const { newReader, server } = await bitpanda(answering);
    await newReader().readObjects(window);
    const asked = server.asked
      .map(({ path }) => pathOf(path))
      .filter(({ pathname, searchParams }) => pathname.endsWith('/search') && searchParams.get('page') === '1')
      .map(({ searchParams }) => [searchParams.get('date_start'), searchParams.get('date_end')]);
    expect(asked).toEqual([
      ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
      ['2026-02-01T00:00:00.000Z', '2026-03-04T00:00:00.000Z'],
      ['2026-03-04T00:00:00.000Z', '2026-03-15T00:00:00.000Z'],
    ]);
  });

  test('are asked for two years of parts at most, the newest, so that a sweep ends', async () => {
    const { newReader, server } = await bitpanda(answering);
    await newReader().readObjects({ from: '1970-01-01T00:00:00.000Z', to: window.to });
    const asked = server.asked.map(({ path }) => pathOf(path)).filter(({ pathname }) => pathname.endsWith('/search'));
    const starts = new Set(asked.map(({ searchParams }) => searchParams.get('date_start')));
    expect(starts.size).toBe(24);
    expect(asked.at(-1)?.searchParams.get('date_end')).toBe(window.to);
  });

  test('are not asked for orders where only movements are wanted', async () => {
    const { newReader, server } = await bitpanda(answering);
    await newReader().readObjects({ ...window, movementsOnly: true });
    expect(server.asked.filter(({ path }) => path.startsWith('/v1/orders'))).toEqual([]);
  });

  test('that cannot be had are named, and keep no other', async () => {
    const { newReader } = await bitpanda((asked) => {
      if (asked.path.startsWith('/v1/orders')) return { status: 404 };
      return asked.path.startsWith('/v1/trades') ? { status: 400 } : answering(asked);
    });
    const { events, lacking } = await newReader().readObjects(window);
    expect(events.map(({ route }) => route)).toContain('non-user-initiated-transactions-v2');
    expect(lacking).toEqual([
      { list: 'corporate-actions', why: 'the list corporate-actions answered 400', isAbsent: false },
      { list: 'automated-orders', why: 'the list automated-orders answered 404', isAbsent: true },
    ]);
  });

  test('fail where the partner is away', async () => {
    const { newReader } = await bitpanda(() => ({ status: 503 }));
    expect(await causeOf(newReader().readObjects(window))).toBe('server-error');
  });

  test('page by a cursor, which the first page has none of', async () => {
    const { newReader, server } = await bitpanda(answering);
    await newReader().readObjects({ ...window, to: '2026-01-20T00:00:00.000Z' });
    const orders = server.asked.filter(({ path }) => path.startsWith('/v1/orders')).map(({ path }) => path);
    expect(orders).toEqual([expect.not.stringContaining('cursor'), expect.stringMatching(/&cursor=o-3$/)]);
  });
});

test('every path can be another one: those of reads, and that of the confirmation with its versions', async () => {
  const { newReader, server } = await bitpanda(({ path }) =>
    path.includes('/v1/') ? { status: 404 } : found({ transaction_status: 'finished' }),
  );
  const reader = newReader(10_000, {
    transfer: ['/v1/old?id={id}', '/v3/transfers/{id}'],
    confirmation: ['/v1/savings-plan/transaction/{id}/confirm', '/v2/savings-plan/transaction/{id}/confirm'],
  });
  expect(await reader.read(TRANSFER, {})).toMatchObject({ status: 'finished' });
  expect(await reader.confirmRecurrence('t-1', null)).toBe('confirmed');
  expect(server.asked.filter(({ path }) => path !== '/token').map(({ path }) => path)).toEqual([
    `/v1/old?id=${ID}`,
    `/v3/transfers/${ID}`,
    '/v1/savings-plan/transaction/t-1/confirm',
    '/v2/savings-plan/transaction/t-1/confirm',
  ]);
});
