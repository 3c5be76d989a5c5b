import { randomUUID } from 'node:crypto';

import { type Api, keep, openApi } from './harness';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.kysely.deleteFrom('deliveries').execute();
  await api.database.kysely.deleteFrom('counters').execute();
  await api.database.kysely.deleteFrom('rejections').execute();
});

const problem = { path: 'status', expected: 'a known status', found: 'INVENTED' };

async function walk(path: string, between: () => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  let after = '';
  for (;;) {
    const { body } = await api.call('GET', `${path}&limit=3${after}`);
    ids.push(...body.items.map(({ id }) => id));
    if (body.next === null) return ids;
    after = `&after=${encodeURIComponent(body.next)}`;
    await between();
  }
}

describe('listing deliveries', () => {
  it('shows every field of a delivery, times in UTC with milliseconds', async () => {
    const id = await keep(api.database.kysely, { status: 'parked', problem });
    const { status, body, headers } = await api.call('GET', '/operations/deliveries');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(body).toEqual({
      items: [
        {
          id,
          partner: 'tradevest',
          route: '/webhooks/tradevest/digital-asset-order-notification',
          receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          source: 'webhook',
          status: 'parked',
          outcome: null,
          event: null,
          workflowId: null,
          problem,
          attempts: 0,
        },
      ],
      next: null,
    });
  });

  it('pages newest first without repeating or hiding one while others arrive in between', async () => {
    const kept: string[] = [];
    for (let index = 0; index < 8; index += 1) kept.unshift(await keep(api.database.kysely));
    const walked = await walk('/operations/deliveries?partner=tradevest', async () => {
      await keep(api.database.kysely);
    });
    expect(walked).toEqual(kept);
  });

  it('says that a page is the last one also where it is exactly full', async () => {
    for (let index = 0; index < 3; index += 1) await keep(api.database.kysely);
    const { body } = await api.call('GET', '/operations/deliveries?limit=3');
    expect(body.items).toHaveLength(3);
    expect(body.next).toBeNull();
  });

  it('filters by status, outcome, partner and workflow id together', async () => {
    const mine = await keep(api.database.kysely, {
      status: 'delivered',
      outcome: 'applied',
      workflowId: 'tradevest:order:a%20b',
    });
    const open = await keep(api.database.kysely, { status: 'delivered', workflowId: 'tradevest:order:2' });
    await keep(api.database.kysely, { partner: 'coinify' });
    const ids = async (query: string): Promise<string[]> =>
      (await api.call('GET', `/operations/deliveries?${query}`)).body.items.map(({ id }) => id);
    expect(await ids('status=delivered')).toEqual([open, mine]);
    expect(await ids('outcome=applied')).toEqual([mine]);
    expect(await ids('outcome=open')).toEqual([open]);
    expect(await ids('partner=coinify')).toHaveLength(1);
    expect(await ids(`workflowId=${encodeURIComponent('tradevest:order:a%20b')}&status=delivered`)).toEqual([mine]);
    expect(await ids('status=duplicate')).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit', '0'],
    ['limit=501', 'limit', '501'],
    ['limit=-1', 'limit', '-1'],
    ['limit=ten', 'limit', 'ten'],
    ['limit=5.0', 'limit', '5.0'],
    ['limit=', 'limit', ''],
    ['status=gone', 'status', 'gone'],
    ['outcome=happy', 'outcome', 'happy'],
    ['partner=somebody', 'partner', 'somebody'],
    ['after=nonsense', 'after', 'string of 8 characters'],
    ['workflowId=a%00b', 'workflowId', 'string of 3 characters'],
    ['status=parked&status=pending', 'status', 'array of 2 entries'],
    ['colour=red', 'colour', 'an unknown name'],
    ['workflowId=%zz', 'query', 'something else'],
    ['workflowId=%ff', 'query', 'something else'],
  ])('refuses ?%s naming the field, what was expected and what was found', async (query, field, found) => {
    const { status, body, headers } = await api.call('GET', `/operations/deliveries?${query}`);
    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400, field, found });
    expect(body.expected).not.toBe('');
  });

  it('takes the smallest and the largest limit', async () => {
    expect((await api.call('GET', '/operations/deliveries?limit=1')).status).toBe(200);
    expect((await api.call('GET', '/operations/deliveries?limit=500')).status).toBe(200);
  });
});

describe('one delivery', () => {
  it('gives back the very bytes that were sent, and the headers without credentials', async () => {
    const bytes = Buffer.from([0, 1, 2, 255, 10, 13]);
    const headers = [
      ['Api-Key', '[redacted]'],
      ['X-Trace', 'a'],
      ['x-trace', 'b'],
    ] as const;
    const id = await keep(api.database.kysely, { body: bytes, headers });
    const { status, body } = await api.call('GET', `/operations/deliveries/${id}`);
    expect(status).toBe(200);
    expect(Buffer.from(body.bodyBase64 ?? '', 'base64').equals(bytes)).toBe(true);
    expect(body.headers).toEqual({ 'api-key': '[redacted]', 'x-trace': 'a, b' });
    expect(body).toMatchObject({ id, status: 'pending' });
  });

  it('is found by its id in any case, and shows no body once its retention has ended', async () => {
    const id = await keep(api.database.kysely);
    await api.database.kysely.deleteFrom('delivery_bodies').execute();
    const { status, body } = await api.call('GET', `/operations/deliveries/${id.toUpperCase()}`);
    expect(status).toBe(200);
    expect(body.bodyBase64).toBeNull();
  });

  it.each([randomUUID(), 'nonsense', 'a%00b', '%F0%9F%98%80'])('is 404 for the unknown id %s', async (id) => {
    const { status, body } = await api.call('GET', `/operations/deliveries/${id}`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ status: 404, title: 'Not Found' });
  });

  it('is 400 for an id that is no percent-encoding', async () => {
    expect((await api.call('GET', '/operations/deliveries/%zz')).status).toBe(400);
  });
});

describe('retrying a delivery', () => {
  it('makes a parked one pending without its problem, keeps its attempts, and wakes the dispatcher', async () => {
    const id = await keep(api.database.kysely, { status: 'parked', problem });
    await api.database.kysely.updateTable('deliveries').set({ attempts: 2, refusals: 3 }).execute();
    const wakes = api.asked.wakes;
    const { status } = await api.call('POST', `/operations/deliveries/${id}/retry`);
    expect(status).toBe(202);
    expect(api.asked.wakes).toBe(wakes + 1);
    const { body } = await api.call('GET', `/operations/deliveries/${id}`);
    expect(body).toMatchObject({ status: 'pending', problem: null, attempts: 2 });
    const row = await api.database.kysely.selectFrom('delivery_queue').selectAll().executeTakeFirstOrThrow();
    expect(row.refusals).toBe(0);
    expect(row.next_attempt_at.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  it.each(['pending', 'duplicate', 'delivered'] as const)(
    'is 409 for a %s one, which stays as it is',
    async (given) => {
      const id = await keep(api.database.kysely, { status: given });
      const { status, body } = await api.call('POST', `/operations/deliveries/${id}/retry`);
      expect(status).toBe(409);
      expect(body.detail).toBe('the delivery is not parked');
      expect((await api.call('GET', `/operations/deliveries/${id}`)).body.status).toBe(given);
    },
  );

  it('is 404 for an unknown one', async () => {
    expect((await api.call('POST', `/operations/deliveries/${randomUUID()}/retry`)).status).toBe(404);
    expect((await api.call('POST', '/operations/deliveries/nonsense/retry')).status).toBe(404);
  });

  it('names in the log who did it, without any body', async () => {
    const id = await keep(api.database.kysely, { status: 'parked', problem });
    await api.call('POST', `/operations/deliveries/${id}/retry`);
    expect(api.asked.log.at(-1)).toEqual({ who: 'alice', route: '/operations/deliveries/{id}/retry', status: 202 });
  });
});

describe('rejections', () => {
  it('shows the newest refused requests and nothing of their content', async () => {
    for (const reason of ['no credential', 'wrong credential']) {
      await api.database.kysely
        .insertInto('rejections')
        .values({
          at: new Date('2026-01-02T03:04:05.678Z'),
          partner: 'coinify',
          route: '/webhooks/coinify',
          reason,
          body_sha256: Buffer.alloc(32, 7),
          body_bytes: 12,
          raw: JSON.stringify({ headers: [['x', 'secret']], bodyBase64: 'c2VjcmV0' }),
        })
        .execute();
    }
    const { status, body, text } = await api.call('GET', '/operations/rejections?limit=1');
    expect(status).toBe(200);
    expect(body.items).toEqual([
      {
        at: '2026-01-02T03:04:05.678Z',
        partner: 'coinify',
        route: '/webhooks/coinify',
        reason: 'wrong credential',
        bodySha256: '07'.repeat(32),
        bodyBytes: 12,
      },
    ]);
    expect(text).not.toContain('secret');
    const second = await api.call('GET', `/operations/rejections?limit=1&after=${body.next}`);
    expect(second.body).toMatchObject({ items: [{ reason: 'no credential' }], next: null });
  });
});
