import { type Api, follow, openApi } from './harness';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.kysely.deleteFrom('subjects').execute();
  api.asked.actions.length = 0;
  api.stand.operator = { kind: 'done' };
});

function ask(verb: string, body: object, headers: Record<string, string> = {}) {
  return api.call('POST', `/operations/flows/${verb}`, { body, headers });
}

describe('operating many flows at once', () => {
  it.each([
    ['refetch', {}, { kind: 'refetch' }],
    ['extend', { seconds: 3600 }, { kind: 'extend', seconds: 3600 }],
    ['resolve', { result: 'failed' }, { kind: 'resolve', result: 'failed' }],
  ])('hands %s on to each open flow that the filter names, with who asks and why', async (verb, more, action) => {
    const { kysely } = api.database;
    await follow(kysely, 'tradevest:order:late', { overdue: true, finding: 'slow' });
    await follow(kysely, 'coinify:trade:late', { overdue: true, partner: 'coinify', waitingFor: ['completed'] });
    await follow(kysely, 'tradevest:order:in-time');
    await follow(kysely, 'tradevest:order:over', {
      overdue: true,
      end: { state: 'SETTLED', at: '2026-01-05T00:00:00.000Z', by: 'partner' },
    });
    const reply = await ask(verb, { reason: 'a bad day', overdue: true, ...more });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      items: [
        { workflowId: 'tradevest:order:late', result: 'done', detail: null },
        { workflowId: 'coinify:trade:late', result: 'done', detail: null },
      ],
      next: null,
    });
    expect(api.asked.actions).toEqual(
      ['tradevest:order:late', 'coinify:trade:late'].map((workflowId) => ({
        workflowId,
        action: { ...action, by: 'alice', reason: 'a bad day' },
      })),
    );
  });

  it.each([
    [{ partner: 'coinify' }, 'coinify:trade:late'],
    [{ finding: 'slow' }, 'tradevest:order:late'],
    [{ waiting: 'completed' }, 'coinify:trade:late'],
    [{ lifecycle: 'order', partner: 'tradevest', overdue: false }, 'tradevest:order:in-time'],
  ])('only says which it would be with dryRun: %j', async (filter, expected) => {
    const { kysely } = api.database;
    await follow(kysely, 'tradevest:order:late', { overdue: true, finding: 'slow' });
    await follow(kysely, 'coinify:trade:late', { overdue: true, partner: 'coinify', waitingFor: ['completed'] });
    await follow(kysely, 'tradevest:order:in-time');
    const { status, body } = await ask('refetch', { reason: 'x', dryRun: true, ...filter });
    expect(status).toBe(200);
    expect(body.items).toEqual([{ workflowId: expected, result: 'would-be-asked', detail: null }]);
    expect(api.asked.actions).toEqual([]);
  });

  it('asks at most 50 a request, the oldest first, and leads to the rest', async () => {
    for (let index = 0; index < 60; index += 1)
      await follow(api.database.kysely, `tradevest:order:${String(index).padStart(2, '0')}`);
    const first = await ask('refetch', { reason: 'x', partner: 'tradevest' });
    expect(first.body.items).toHaveLength(50);
    const second = await ask('refetch', { reason: 'x', partner: 'tradevest', after: first.body.next });
    expect(second.body.items).toHaveLength(10);
    expect(second.body.next).toBeNull();
    const ids = api.asked.actions.map(({ workflowId }) => workflowId);
    expect(new Set(ids).size).toBe(60);
  });

  it('says of each flow what it answered', async () => {
    await follow(api.database.kysely, 'tradevest:order:1');
    api.stand.operator = { kind: 'refused', detail: 'it says no' };
    const { body } = await ask('refetch', { reason: 'x', partner: 'tradevest' });
    expect(body.items).toEqual([{ workflowId: 'tradevest:order:1', result: 'refused', detail: 'it says no' }]);
  });

  it('is 503 where no worker answers, and does not wait for every flow', async () => {
    for (let index = 0; index < 40; index += 1) await follow(api.database.kysely, `tradevest:order:${index}`);
    api.stand.operator = { kind: 'no-worker' };
    const reply = await ask('refetch', { reason: 'x', partner: 'tradevest' });
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBeDefined();
    expect(api.asked.actions.length).toBeLessThan(40);
  });

  it.each([
    ['refetch', { reason: 'x' }, 'filter'],
    ['refetch', { reason: 'x', dryRun: true }, 'filter'],
    ['refetch', { partner: 'tradevest' }, 'reason'],
    ['refetch', { reason: ' ', partner: 'tradevest' }, 'reason'],
    ['refetch', { reason: 'x', partner: 'nobody' }, 'partner'],
    ['refetch', { reason: 'x', overdue: 'true' }, 'overdue'],
    ['refetch', { reason: 'x', overdue: true, dryRun: 'no' }, 'dryRun'],
    ['refetch', { reason: 'x', overdue: true, after: 'there' }, 'after'],
    ['refetch', { reason: 'x', overdue: true, colour: 'red' }, 'colour'],
    ['extend', { reason: 'x', overdue: true }, 'seconds'],
    ['extend', { reason: 'x', overdue: true, seconds: '60' }, 'seconds'],
    ['resolve', { reason: 'x', overdue: true, result: 'maybe' }, 'result'],
  ])('refuses %s with %j naming the field, and asks nobody', async (verb, body, field) => {
    await follow(api.database.kysely, 'tradevest:order:1', { overdue: true });
    const reply = await ask(verb, body);
    expect(reply.status).toBe(400);
    expect(reply.body.field).toBe(field);
    expect(api.asked.actions).toEqual([]);
  });

  it.each(['', 'two words', 'x'.repeat(201)])('refuses the key %j for a request that may be repeated', async (key) => {
    const reply = await ask('refetch', { reason: 'x', overdue: true }, { 'idempotency-key': key });
    expect(reply.status).toBe(400);
    expect(reply.body.field).toBe('Idempotency-Key');
  });
});
