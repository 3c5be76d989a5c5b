import { type Api, follow, keep, openApi, TOKEN } from '../operations/harness';
import { browse, formTokenIn, loggedIn, setCookieOf } from './browse';

const GUESSING = { delayMs: 200, mostOfOneAddress: 2, mostWaiting: 100 };

let api: Api;
beforeAll(async () => {
  api = await openApi({ page: { publicUrl: null, guessing: GUESSING } });
});
afterAll(() => api.close());

const PAGES = [
  '/operations/',
  '/operations',
  '/operations/page/flows',
  '/operations/page/nothing',
  '/operations/page/',
];

describe('a stranger', () => {
  it.each(PAGES)('is led from %s to the login, whether it exists or not', async (path) => {
    const { status, headers, text } = await browse(api.url).get(path);
    expect(status).toBe(303);
    expect(headers.location).toMatch(/^\/operations\/page\/login\?to=/);
    expect(text).toBe('');
  });

  it('sees a login that says nothing of us, under strict headers', async () => {
    const { status, headers, text } = await browse(api.url).get('/operations/page/login');
    expect(status).toBe(200);
    expect(text).toContain('Your operations token');
    expect(text).not.toMatch(/<nav|<script| on\w+=/i);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
    });
  });

  it('is told by the API what it always said, unless it asks for HTML', async () => {
    for (const path of PAGES) {
      const { status, headers } = await api.call('GET', path, { token: null, headers: { accept: '*/*' } });
      expect(status).toBe(401);
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    const { status, body } = await api.call('GET', '/operations/', { headers: { accept: 'text/html' } });
    expect([status, body.detail]).toEqual([404, 'no such route']);
    // A proxy's own password is no token of ours: behind it the page is the page.
    const behind = await browse(api.url).get('/operations/', { authorization: 'Basic b3BlcmF0b3I6cGFzcw==' });
    expect(behind.status).toBe(303);
  });

  it('can do nothing with a form', async () => {
    const id = await keep(api.database.kysely, { status: 'parked' });
    const { status, text } = await browse(api.url).post(`/operations/page/delivery/${id}/retry`, {});
    expect(status).toBe(401);
    expect(text).toContain('nothing was done');
    expect((await api.call('GET', `/operations/deliveries/${id}`)).body.status).toBe('parked');
  });

  it('finds no page at all while no tokens are configured', async () => {
    const closed = await openApi({ tokens: null });
    for (const path of [...PAGES, '/operations/page/login', '/operations/page/style.css'])
      expect((await browse(closed.url).get(path)).status).toBe(404);
    await closed.close();
  });
});

describe('logging in', () => {
  it('takes a token, gives a cookie that scripts and other sites cannot use, and goes where one was going', async () => {
    const to = '/operations/page/flow/tradevest%3Aorder%3A1?done=refetch';
    const answer = await browse(api.url).post('/operations/page/login', { token: TOKEN, to });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(to);
    const cookie = setCookieOf(answer);
    expect(cookie).toMatch(/; Path=\/operations; HttpOnly; SameSite=Strict$/);
    expect(cookie).toMatch(/; Max-Age=43200;/);
    expect(Buffer.from(cookie.split('=')[1]?.split('.')[0] ?? '', 'base64url').toString()).not.toContain(TOKEN);
    expect(cookie).not.toContain(TOKEN);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/operations/',
    'javascript:alert(1)',
    '/operations/\\evil.example',
    '/elsewhere',
    '/operations/\r\nset-cookie: a=b',
  ])('never leads to %j', async (to) => {
    const answer = await browse(api.url).post('/operations/page/login', { token: TOKEN, to });
    expect(answer.headers.location).toBe('/operations/');
    const shown = await browse(api.url).get(`/operations/page/login?to=${encodeURIComponent(to)}`);
    expect(shown.text).toContain('name="to" value="/operations/"');
  });

  it.each(['wrong', '', TOKEN.slice(0, -1), 'alice', `${TOKEN} x`])(
    'with %j is one calm sentence, 401, and no cookie',
    async (token) => {
      const answer = await browse(api.url).post('/operations/page/login', { token, to: '/operations/' });
      expect(answer.status).toBe(401);
      expect(answer.text).toContain('This token is not known.');
      if (token !== '') expect(answer.text).not.toContain(`"${token}"`);
      expect(answer.headers['set-cookie']).toBeUndefined();
    },
  );

  it('is Secure where the browser speaks https', async () => {
    const headers = { 'x-forwarded-proto': 'https' };
    const answer = await browse(api.url).post('/operations/page/login', { token: TOKEN }, { headers });
    expect(setCookieOf(answer)).toMatch(/; Secure$/);
    const named = await openApi({ page: { publicUrl: 'https://partnerflow.example', guessing: GUESSING } });
    const over = { host: 'partnerflow.example', origin: 'https://partnerflow.example' };
    const there = await browse(named.url).post('/operations/page/login', { token: TOKEN }, { headers: over });
    expect([there.status, setCookieOf(there)]).toEqual([303, expect.stringMatching(/; Secure$/)]);
    await named.close();
  });

  it('from another site is refused', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const answer = await browse(api.url).post('/operations/page/login', { token: TOKEN }, { headers });
    expect(answer.status).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('by guessing is slow for one address, and locks nobody out who knows a token', async () => {
    const slow = await openApi({ page: { publicUrl: null, guessing: { ...GUESSING, delayMs: 1_500 } } });
    const guess = () => browse(slow.url).post('/operations/page/login', { token: 'wrong' });
    const guesses = await Promise.all([guess(), guess(), guess(), guess(), guess(), guess()]);
    const statuses = guesses.map(({ status }) => status).sort();
    expect(statuses).toEqual([401, 401, 429, 429, 429, 429]);
    await loggedIn(slow.url, TOKEN);
    await slow.close();
  });
});

describe('a session', () => {
  it('shows who is logged in on every page, and what does not exist is 404', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    for (const path of ['/operations/', '/operations', '/operations/page/flows', '/operations/page/obligations']) {
      const { status, headers, text } = await alice.get(path);
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(text).toContain('<span>alice</span>');
    }
    expect((await alice.get('/operations/page/nothing')).status).toBe(404);
    expect((await alice.get('/operations/page/flow/unknown')).status).toBe(404);
    expect((await alice.get('/operations/page/flow/%zz')).status).toBe(400);
    expect((await alice.get('/operations/page/delivery/no-id')).status).toBe(404);
    expect((await alice.get('/operations/page/flows?show=some')).status).toBe(400);
    expect((await alice.get('/operations/page/flows?after=x')).status).toBe(400);
  });

  it('opens nothing of the API: that wants the token', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    expect((await alice.get('/operations/balance')).status).toBe(401);
    expect((await alice.post('/operations/expectations', {}, { formToken: 'x' })).status).toBe(401);
  });

  it('is recognised by another receiver with the same tokens, and by none where the token is another or gone', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    for (const [tokens, status] of [
      [new Map([['alice', TOKEN]]), 200],
      [new Map([['alice', 'a new token']]), 303],
      [new Map([['bob', 'token-of-bob']]), 303],
    ] as const) {
      const other = await openApi({ tokens });
      const there = browse(other.url);
      there.cookie = alice.cookie;
      expect((await there.get('/operations/')).status).toBe(status);
      await other.close();
    }
  });

  it.each([
    ['another name', (cookie: string) => signedFor(cookie, { who: 'bob' })],
    ['a longer life', (cookie: string) => signedFor(cookie, { until: 9e15 })],
    ['no signature', (cookie: string) => cookie.split('.')[0] ?? ''],
    ['the token itself', () => `partnerflow_session=${TOKEN}`],
    ['something else', () => 'partnerflow_session=%00.%00'],
  ])('with %s is none', async (_what, change) => {
    const forged = browse(api.url);
    forged.cookie = change((await loggedIn(api.url, TOKEN)).cookie);
    expect((await forged.get('/operations/')).status).toBe(303);
  });

  it('is found also where another cookie of the name stands before it', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    alice.cookie = `partnerflow_session=planted; ${alice.cookie}`;
    expect((await alice.get('/operations/')).status).toBe(200);
  });

  it('ends with the log out, which takes the cookie away', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    const answer = await alice.post('/operations/page/logout', {});
    expect([answer.status, answer.headers.location]).toEqual([303, '/operations/page/login']);
    expect(setCookieOf(answer)).toMatch(/^partnerflow_session=; Max-Age=0; Path=\/operations;/);
    expect((await alice.post('/operations/page/logout', {}, { formToken: 'foreign' })).status).toBe(403);
  });
});

function signedFor(cookie: string, change: object): string {
  const [name = '', value = ''] = cookie.split('=');
  const [content = '', signature = ''] = value.split('.');
  const said: object = JSON.parse(Buffer.from(content, 'base64url').toString());
  return `${name}=${Buffer.from(JSON.stringify({ ...said, ...change })).toString('base64url')}.${signature}`;
}

describe('a form', () => {
  const workflowId = 'tradevest:order:1';
  const path = `/operations/page/flow/${encodeURIComponent(workflowId)}/act`;
  const fields = { action: 'refetch', reason: 'why' };
  beforeAll(() => follow(api.database.kysely, workflowId, { overdue: true }));
  beforeEach(() => {
    api.asked.actions.length = 0;
  });

  it.each([
    ['another site, as newer browsers say', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour of the same site', { 'sec-fetch-site': 'same-site' }],
    ['another site, as older browsers say', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another port of the same host', { origin: 'http://127.0.0.1:1' }],
  ])('of %s is refused, whatever it carries', async (_what, headers) => {
    const alice = await loggedIn(api.url, TOKEN);
    const { status, text } = await alice.post(path, fields, { headers });
    expect(status).toBe(403);
    expect(text).toContain('another site');
    expect(api.asked.actions).toEqual([]);
  });

  it.each([
    ['no form token', () => null],
    ['an empty one', () => ''],
    ['an invented one', () => 'abcdefgh-invented'],
    [
      'one of somebody else’s session',
      async () => formTokenIn((await (await loggedIn(api.url, 'token-of-bob')).get('/operations/')).text),
    ],
    [
      'one of an earlier session of her own',
      async () => formTokenIn((await (await loggedIn(api.url, TOKEN)).get('/operations/')).text),
    ],
  ])('with %s is refused', async (_what, given) => {
    const alice = await loggedIn(api.url, TOKEN);
    const { status, text } = await alice.post(path, fields, { formToken: await given() });
    expect(status).toBe(403);
    expect(text).toContain('not one of your session');
    expect(api.asked.actions).toEqual([]);
  });

  it('of our own page is done, also where a browser says nothing of where it stood', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    expect((await alice.post(path, fields)).status).toBe(303);
    const headers = { origin: '', 'sec-fetch-site': '' };
    const asked = { workflowId, action: { kind: 'refetch', by: 'alice', reason: 'why' } };
    expect((await alice.post(path, fields, { headers })).status).toBe(303);
    expect(api.asked.actions).toEqual([asked, asked]);
  });

  it('is taken as a form alone, of bounded size, and by POST alone', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    const json = { 'content-type': 'text/plain' };
    expect((await alice.post(path, fields, { headers: json })).status).toBe(415);
    expect((await alice.post(path, { ...fields, reason: 'x'.repeat(70_000) })).status).toBe(413);
    const looked = await alice.get(path);
    expect([looked.status, looked.headers.allow]).toEqual([405, 'POST']);
    expect(api.asked.actions).toEqual([]);
  });
});
