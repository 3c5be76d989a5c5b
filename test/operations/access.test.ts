import { createServer, type Server, type Socket } from 'node:net';

import { operationsOf } from '../../src/http/operations';
import { type Api, openApi, TOKEN } from './harness';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('who may ask', () => {
  it.each([
    ['no token', { token: null }],
    ['a wrong token', { token: 'wrong' }],
    ['the beginning of a token', { token: TOKEN.slice(0, -1) }],
    ['the name instead of the token', { token: 'alice' }],
    ['an empty token', { token: null, headers: { authorization: 'Bearer ' } }],
    ['another scheme', { token: null, headers: { authorization: `Basic ${TOKEN}` } }],
    ['the token twice', { token: null, headers: { authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] } }],
    ['the token as a cookie', { token: null, headers: { cookie: `token=${TOKEN}` } }],
  ])('%s is 401, on unknown routes too, and says how to ask', async (_what, options) => {
    for (const path of ['/operations/balance', '/operations/nothing', '/operations', '/operations/flows/%zz']) {
      const { status, headers, body } = await api.call('GET', path, options);
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer');
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({ type: 'about:blank', title: 'Unauthorized', status: 401 });
    }
  });

  it('takes the token from no query', async () => {
    expect((await api.call('GET', `/operations/balance?token=${TOKEN}`, { token: null })).status).toBe(401);
  });

  it('takes each of the tokens, and the scheme in any case', async () => {
    expect((await api.call('GET', '/operations/balance', { token: 'token-of-bob' })).status).toBe(200);
    const headers = { authorization: `bearer ${TOKEN}` };
    expect((await api.call('GET', '/operations/balance', { token: null, headers })).status).toBe(200);
  });

  it('is nobody while no tokens are configured: all of it is 404', async () => {
    const closed = await openApi({ tokens: null });
    for (const path of ['/operations/balance', '/operations/openapi.json', '/operations']) {
      const { status, headers } = await closed.call('GET', path);
      expect(status).toBe(404);
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    await closed.close();
  });
});

describe('routes', () => {
  it.each(['/operations', '/operations/', '/operations/balance/', '/operations/Balance', '/operations/deliveries/a/b'])(
    '%s is 404',
    async (path) => {
      const { status, body } = await api.call('GET', path);
      expect(status).toBe(404);
      expect(body).toMatchObject({ status: 404, detail: 'no such route' });
    },
  );

  it.each([
    ['DELETE', '/operations/balance', 'GET, HEAD'],
    ['POST', '/operations/deliveries', 'GET, HEAD'],
    ['OPTIONS', '/operations/flows', 'GET, HEAD'],
    ['GET', '/operations/expectations', 'POST'],
    ['GET', '/operations/deliveries/1/retry', 'POST'],
  ] as const)('%s %s is 405 and says what is allowed', async (method, path, allow) => {
    const { status, headers } = await api.call(method, path);
    expect(status).toBe(405);
    expect(headers.allow).toBe(allow);
  });

  it('leaves everything outside of /operations to others', async () => {
    const { status, text } = await api.call('GET', '/operationsx', { token: null });
    expect([status, text]).toEqual([404, '']);
  });

  it('answers HEAD as GET without a body', async () => {
    const { status, text } = await api.call('HEAD', '/operations/balance');
    expect([status, text]).toEqual([200, '']);
  });
});

describe('the description', () => {
  it('holds every route that is served, and serves every route it holds', async () => {
    const { status, body } = await api.call('GET', '/operations/openapi.json');
    expect(status).toBe(200);
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const served = operationsOf(api.dependencies).map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual(served.sort());
    for (const route of described) {
      const [method = '', path = ''] = route.split(' ');
      const reply = await api.call(method === 'get' ? 'GET' : 'POST', path.replace(/\{\w+\}/, 'nothing'));
      expect(reply.body.detail).not.toBe('no such route');
      expect(reply.status).not.toBe(405);
    }
  });

  it('holds the properties that the answers have', async () => {
    const { body } = await api.call('GET', '/operations/openapi.json');
    const balance = await api.call('GET', '/operations/balance');
    expect(body.components.schemas.Balance).toMatchObject({ required: Object.keys(balance.body) });
  });

  it('refers to schemas that exist alone', async () => {
    const { body, text } = await api.call('GET', '/operations/openapi.json');
    const names = Array.from(text.matchAll(/#\/components\/schemas\/(\w+)/g), ([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(Object.keys(body.components.schemas)).toContain(name);
  });
});

describe('without a database', () => {
  let hanging: Server;
  const sockets: Socket[] = [];
  let url: string;
  beforeAll(async () => {
    hanging = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const address = hanging.address();
    if (address === null || typeof address === 'string') throw new Error('expected a TCP port');
    url = `postgres://nobody@127.0.0.1:${address.port}/nothing`;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => hanging.close(resolve));
  });

  it.each([
    ['that refuses connections', () => 'postgres://nobody@127.0.0.1:1/nothing'],
    ['that hangs', () => url],
  ])('%s every route is 503 with Retry-After in whole seconds, within 5 s', async (_what, databaseUrl) => {
    const away = await openApi({ databaseUrl: databaseUrl() });
    const startedAt = Date.now();
    const replies = await Promise.all([
      away.call('GET', '/operations/balance'),
      away.call('GET', '/operations/deliveries'),
      away.call('GET', '/operations/flows/a'),
      away.call('GET', '/operations/deliveries/5f0f1d3a-0000-4000-8000-000000000000'),
      away.call('POST', '/operations/deliveries/5f0f1d3a-0000-4000-8000-000000000000/retry'),
      away.call('POST', '/operations/flows/a/refetch', { body: { reason: 'x' } }),
    ]);
    for (const { status, headers, text } of replies) {
      expect(status).toBe(503);
      expect(headers['retry-after']).toMatch(/^\d+$/);
      expect(text).not.toMatch(/127\.0\.0\.1|nobody| at /);
    }
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    await away.close();
  });

  it('a database without tables, where setup has not run, is 503 too', async () => {
    const bare = await openApi();
    await bare.database.kysely.schema.dropTable('deliveries').cascade().execute();
    expect((await bare.call('GET', '/operations/deliveries')).status).toBe(503);
    await bare.close();
  });

  it('a mistake of ours is 500 without a word of it', async () => {
    const broken = await openApi();
    await broken.database.pool.query('ALTER VIEW kept_deliveries RENAME COLUMN route TO secret_route');
    const { status, text } = await broken.call('GET', '/operations/deliveries');
    expect(status).toBe(500);
    expect(text).not.toMatch(/column|route|select/i);
    // PostgreSQL's code of a column that is not there.
    expect(broken.asked.log.at(-1)).toMatchObject({ failure: '42703' });
    await broken.close();
  });
});
