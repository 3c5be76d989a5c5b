import { type Api, openApi } from './harness';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.asked.expectations.length = 0;
});

const given = { partner: 'tradevest', object: 'order', id: 'o-1' };

describe('registering an expectation', () => {
  it('answers 201 for a new one and 200 for one that is open or has ended', async () => {
    api.stand.expectation = { kind: 'registered', workflowId: 'tradevest:order:o-1' };
    const first = await api.call('POST', '/operations/expectations', { body: { ...given, dueWithinSeconds: 90 } });
    expect([first.status, first.body]).toEqual([201, { workflowId: 'tradevest:order:o-1' }]);
    api.stand.expectation = { kind: 'existing', workflowId: 'tradevest:order:o-1' };
    const second = await api.call('POST', '/operations/expectations', { body: given });
    expect([second.status, second.body]).toEqual([200, { workflowId: 'tradevest:order:o-1' }]);
    expect(api.asked.expectations).toEqual([{ ...given, dueWithinSeconds: 90 }, given]);
  });

  it('takes a body whatever its content type says', async () => {
    api.stand.expectation = { kind: 'registered', workflowId: 'tradevest:order:o-1' };
    const headers = { 'content-type': 'text/plain' };
    expect((await api.call('POST', '/operations/expectations', { body: given, headers })).status).toBe(201);
  });

  it('answers 422 with the known words for an unknown object or partner', async () => {
    api.stand.expectation = {
      kind: 'unknown',
      problem: { path: 'object', expected: 'one of order', found: 'ham_sandwich' },
    };
    const unknown = await api.call('POST', '/operations/expectations', { body: { ...given, object: 'ham_sandwich' } });
    expect(unknown.status).toBe(422);
    expect(unknown.body).toMatchObject({ field: 'object', expected: 'one of order', found: 'ham_sandwich' });
    api.stand.expectation = {
      kind: 'unknown',
      problem: { path: 'partner', expected: 'one of tradevest, coinify', found: 'nobody' },
    };
    const partner = await api.call('POST', '/operations/expectations', { body: { ...given, partner: 'nobody' } });
    expect(partner.status).toBe(422);
    expect(partner.body).toMatchObject({ field: 'partner', expected: 'one of tradevest, coinify', found: 'nobody' });
  });

  it('answers 503 with Retry-After while Temporal is away', async () => {
    api.stand.expectation = { kind: 'temporal-away', failure: 'gRPC code 14' };
    const reply = await api.call('POST', '/operations/expectations', { body: given });
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toMatch(/^\d+$/);
  });

  it.each([
    [{ object: 'order', id: '1' }, 'partner'],
    [{ ...given, object: 5 }, 'object'],
    [{ ...given, id: '' }, 'id'],
    [{ ...given, id: 'x'.repeat(201) }, 'id'],
    [{ ...given, id: 'a\u0000b' }, 'id'],
    [{ ...given, id: 'a\udd86' }, 'id'],
    [{ ...given, dueWithinSeconds: -1 }, 'dueWithinSeconds'],
    [{ ...given, dueWithinSeconds: '5' }, 'dueWithinSeconds'],
    [{ ...given, dueWithinSecond: 5 }, 'dueWithinSecond'],
  ])('refuses %j naming the field', async (body, field) => {
    const reply = await api.call('POST', '/operations/expectations', { body });
    expect(reply.status).toBe(400);
    expect(reply.body.field).toBe(field);
    expect(api.asked.expectations).toEqual([]);
  });

  it.each(['', 'nonsense', '[]', 'null', '"text"', '{"a":', Buffer.from([0xff, 0xfe])])(
    'refuses the body %p with 400',
    async (rawBody) => {
      const reply = await api.call('POST', '/operations/expectations', { rawBody });
      expect(reply.status).toBe(400);
      expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    },
  );

  it('refuses a body above 64 KiB with 413, and goes on serving', async () => {
    const rawBody = JSON.stringify({ ...given, id: 'x'.repeat(70_000) });
    expect((await api.call('POST', '/operations/expectations', { rawBody })).status).toBe(413);
    expect((await api.call('GET', '/operations/deliveries')).status).toBe(200);
  });
});
