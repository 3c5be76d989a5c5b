import type { Reading } from '../../src/domain/reading';
import { createCoinifyReader } from '../../src/partners/coinify/client';
import { ReadFailure } from '../../src/partners/reading';
import { type Asked, type Reply, type ScriptedServer, startScriptedServer } from './scripted-server';

const TRADE = { partner: 'coinify', object: 'trade', id: '1235' } as const;
const COMPLETED = { status: 200, body: { id: 1235, state: 'completed' } };

const open: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A Coinify, and our backend that hands out its traders' tokens. */
async function coinify(reads: (asked: Asked) => Reply) {
  let tokens = 0;
  const tokenFor = (body: string): Reply => {
    tokens += 1;
    return {
      status: 200,
      body: { access_token: `token-${tokens}-for-${body}`.replace(/[^\w-]/g, ''), expires_in: 600 },
    };
  };
  const server = await startScriptedServer((asked) => (asked.path === '/token' ? tokenFor(asked.body) : reads(asked)));
  open.push(server);
  const api = { apiUrl: server.url, timeoutMs: 10_000 };
  return {
    server,
    byTrader: createCoinifyReader({ ...api, credentials: { tokenUrl: `${server.url}/token` } }),
    byStaticToken: createCoinifyReader({ ...api, credentials: { accessToken: 'static' } }),
  };
}

async function causeOf(reading: Promise<Reading>): Promise<string> {
  return reading.then(
    () => 'none',
    (error: unknown) => (error instanceof ReadFailure ? error.failureCause : String(error)),
  );
}

describe('reading a trade at Coinify', () => {
  test('is done as its trader, whose token our backend gives for the trader’s id, once', async () => {
    const { server, byTrader } = await coinify(() => COMPLETED);
    const reading = await byTrader.read(TRADE, { traderId: '123' });
    await byTrader.read(TRADE, { traderId: '123' });
    await byTrader.read(TRADE, { traderId: '9' });
    expect(reading).toMatchObject({ kind: 'object', status: 'completed', quantityExecuted: null, executions: [] });
    expect(
      server.asked.map(({ method, path, body, headers }) => [method, path, body || headers.authorization]),
    ).toEqual([
      ['POST', '/token', '{"traderId":"123"}'],
      ['GET', '/trades/1235', 'Bearer token-1-for-traderId123'],
      ['GET', '/trades/1235', 'Bearer token-1-for-traderId123'],
      ['POST', '/token', '{"traderId":"9"}'],
      ['GET', '/trades/1235', 'Bearer token-2-for-traderId9'],
    ]);
  });

  test('with the token of development asks nobody for one', async () => {
    const { server, byStaticToken } = await coinify(() => COMPLETED);
    expect(await byStaticToken.read(TRADE, {})).toMatchObject({ status: 'completed' });
    expect(server.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/trades/1235', 'Bearer static'],
    ]);
  });

  test('renews a refused token once for fifty callers', async () => {
    const { server, byTrader } = await coinify(({ headers }) =>
      headers.authorization?.startsWith('Bearer token-1-') === true ? { status: 401 } : COMPLETED,
    );
    const readings = await Promise.all(Array.from({ length: 50 }, () => byTrader.read(TRADE, { traderId: '123' })));
    expect(readings.every(({ kind }) => kind === 'object')).toBe(true);
    expect(server.count('/token')).toBe(2);
  });

  test.each([
    ['awaiting_transfer_in', 'created'],
    ['payment_authorized', 'created'],
    ['processing', 'transfer-in-completed'],
    ['completed', 'completed'],
    ['cancelled', 'cancelled'],
    ['rejected', 'rejected'],
    ['expired', 'expired'],
  ])('says the state %s in the word of its event, %s', async (state, status) => {
    const { byStaticToken } = await coinify(() => ({ status: 200, body: { id: 1235, state } }));
    expect(await byStaticToken.read(TRADE, {})).toMatchObject({ kind: 'object', status });
  });

  test('asks for the trade of that very id, whatever stands in it', async () => {
    const { server, byStaticToken } = await coinify(() => COMPLETED);
    await byStaticToken.read({ ...TRADE, id: 'a/b?c#d é' }, {});
    expect(server.asked[0]?.path).toBe('/trades/a%2Fb%3Fc%23d%20%C3%A9');
  });

  test.each(['.', '..'])(
    'never asks for another object: %s cannot stand in a path, so there is no such trade',
    async (id) => {
      const { server, byStaticToken } = await coinify(() => COMPLETED);
      expect(await byStaticToken.read({ ...TRADE, id }, {})).toEqual({ kind: 'absent' });
      expect(server.asked).toEqual([]);
    },
  );

  test('says absent for 404', async () => {
    const { byStaticToken } = await coinify(() => ({ status: 404 }));
    expect(await byStaticToken.read(TRADE, {})).toEqual({ kind: 'absent' });
  });

  test('asks the configured paths in their order, the next on 404', async () => {
    const { server } = await coinify(({ path }) => (path.startsWith('/v2/') ? { status: 404 } : COMPLETED));
    const reader = createCoinifyReader({
      apiUrl: server.url,
      timeoutMs: 10_000,
      credentials: { accessToken: 'static' },
      paths: { trade: ['/v2/trades/{id}', '/trade?id={id}'] },
    });
    expect(await reader.read({ ...TRADE, id: 'a/b' }, {})).toMatchObject({ status: 'completed' });
    expect(server.asked.map(({ path }) => path)).toEqual(['/v2/trades/a%2Fb', '/trade?id=a%2Fb']);
  });

  test('asks nobody while no webhook has named the trader', async () => {
    const { server, byTrader } = await coinify(() => COMPLETED);
    expect(await causeOf(byTrader.read(TRADE, {}))).toBe('owner unknown');
    expect(server.asked).toEqual([]);
  });

  test.each([
    ['a state nobody knows', { status: 200, body: { id: 1, state: 'dreaming' } }, 'undecodable'],
    ['403', { status: 403 }, 'forbidden'],
    ['429', { status: 429 }, 'rate-limited'],
    ['502', { status: 502 }, 'server-error'],
  ] as const)('fails at %s', async (_what, reply, cause) => {
    const { byStaticToken } = await coinify(() => reply);
    expect(await causeOf(byStaticToken.read(TRADE, {}))).toBe(cause);
  });
});
