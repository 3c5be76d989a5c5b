import { wholeWorkflowIdOf, workflowIdOf } from '../../src/domain/subject-key';
import { type Api, follow, keep, openApi, startFollowing } from './harness';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.kysely.deleteFrom('deliveries').execute();
  await api.database.kysely.deleteFrom('subjects').execute();
  api.asked.actions.length = 0;
  api.stand.operator = { kind: 'done' };
});

const end = { state: 'SETTLED', at: '2026-01-05T00:00:00.000Z', by: 'partner' } as const;

async function listed(query: string): Promise<readonly string[]> {
  const { status, body } = await api.call('GET', `/operations/flows${query}`);
  expect(status).toBe(200);
  return body.items.map(({ workflowId }) => workflowId);
}

describe('listing flows', () => {
  it('shows every field of an open flow and where the Temporal UI shows it', async () => {
    await follow(api.database.kysely, 'tradevest:order:a%20b', { id: 'a b', overdue: true, finding: 'slow' });
    const { body } = await api.call('GET', '/operations/flows');
    expect(body).toEqual({
      items: [
        {
          workflowId: 'tradevest:order:a%20b',
          lifecycle: 'order',
          partner: 'tradevest',
          objectId: 'a b',
          state: 'FILLED',
          waitingFor: ['SETTLED'],
          since: '2026-01-02T03:04:05.678Z',
          dueAt: '2026-01-04T03:04:05.678Z',
          overdue: true,
          finding: 'slow',
          open: true,
          asOf: expect.stringMatching(/\.\d{3}Z$/),
          url: 'http://ui.example/namespaces/default/workflows/tradevest%3Aorder%3Aa%2520b',
        },
      ],
      next: null,
    });
  });

  it('lists open ones, or with open=false the others, and never what is only recorded', async () => {
    const { kysely } = api.database;
    await follow(kysely, 'tradevest:order:1');
    await follow(kysely, 'tradevest:order:2', { end });
    await follow(kysely, 'tradevest:prices:latest', { as: 'recorded' });
    await follow(kysely, 'coinify:trade:3', { partner: 'coinify', object: 'trade', overdue: true });
    expect(await listed('')).toEqual(['coinify:trade:3', 'tradevest:order:1']);
    expect(await listed('?open=false')).toEqual(['tradevest:order:2']);
    expect(await listed('?overdue=true')).toEqual(['coinify:trade:3']);
    expect(await listed('?overdue=false')).toEqual(['tradevest:order:1']);
    expect(await listed('?partner=tradevest&lifecycle=order')).toEqual(['tradevest:order:1']);
    expect(await listed('?lifecycle=transfer')).toEqual([]);
  });

  it('pages newest first while flows start in between', async () => {
    for (let index = 1; index <= 5; index += 1) await follow(api.database.kysely, `tradevest:order:${index}`);
    const first = await api.call('GET', '/operations/flows?limit=2');
    await follow(api.database.kysely, 'tradevest:order:6');
    const second = await api.call('GET', `/operations/flows?limit=2&after=${first.body.next}`);
    const third = await api.call('GET', `/operations/flows?limit=2&after=${second.body.next}`);
    const ids = [first, second, third].flatMap(({ body }) => body.items.map(({ workflowId }) => workflowId));
    expect(ids).toEqual([5, 4, 3, 2, 1].map((index) => `tradevest:order:${index}`));
    expect(third.body.next).toBeNull();
  });

  it.each(['overdue=yes', 'open=1', 'lifecycle=saving', 'state=FILLED'])('refuses ?%s', async (query) => {
    expect((await api.call('GET', `/operations/flows?${query}`)).status).toBe(400);
  });
});

describe('one flow', () => {
  const id = 'tradevest:order:a%20b';
  const path = `/operations/flows/${encodeURIComponent(id)}`;

  it('is found by its percent-encoded id, with notifications of all runs oldest first, findings and end', async () => {
    const finding = { finding: 'missed', at: '2026-01-04T00:00:00.000Z', state: 'FILLED', found: 'SETTLED' } as const;
    await follow(api.database.kysely, id, { id: 'a b', findings: [finding], end });
    const first = await keep(api.database.kysely, { status: 'delivered', outcome: 'applied', workflowId: id });
    await keep(api.database.kysely, { status: 'duplicate', workflowId: id });
    const second = await keep(api.database.kysely, { status: 'delivered', workflowId: id });
    const { status, body } = await api.call('GET', path);
    expect(status).toBe(200);
    expect(body).toMatchObject({ workflowId: id, objectId: 'a b', open: false, findings: [finding], end });
    expect(body.notifications).toEqual([
      { deliveryId: first, event: null, outcome: 'applied', at: expect.stringMatching(/\.\d{3}Z$/) },
      { deliveryId: second, event: null, outcome: null, at: expect.stringMatching(/\.\d{3}Z$/) },
    ]);
  });

  it('is decoded once only: the decoded id is another one', async () => {
    await follow(api.database.kysely, id);
    expect((await api.call('GET', '/operations/flows/tradevest:order:a%20b')).status).toBe(404);
    expect((await api.call('GET', '/operations/flows/tradevest:order:a%2520b')).status).toBe(200);
  });

  it('shows a flow that was signalled and has written nothing yet as waiting for its notification', async () => {
    await startFollowing(api.database.kysely, id);
    const unwritten = { state: null, waitingFor: ['notification'], since: null, dueAt: null, open: true };
    expect((await api.call('GET', '/operations/flows')).body.items).toMatchObject([unwritten]);
    expect((await api.call('GET', path)).body).toMatchObject({
      ...unwritten,
      notifications: [],
      findings: [],
      end: null,
      executions: [],
      lastReading: null,
    });
  });

  it('shows what was executed and what the last read found', async () => {
    const executions = [{ quantity: '0.5', price: '10', amount: null }];
    const reading = { kind: 'object', status: 'FILLED', executions, quantityExecuted: true, reason: null } as const;
    const lastReading = { at: '2026-01-04T00:00:00.000Z', reading };
    await follow(api.database.kysely, id, { executions });
    await api.database.kysely
      .updateTable('subjects')
      .set({ last_reading: JSON.stringify(lastReading) })
      .execute();
    expect((await api.call('GET', path)).body).toMatchObject({ executions, lastReading });
  });

  it('is one whatever the case of its UUID', async () => {
    await follow(api.database.kysely, 'tradevest:order:0b3c9a2e-1111-4222-8333-abcdefabcdef');
    const upper = 'tradevest%3Aorder%3A0B3C9A2E-1111-4222-8333-ABCDEFABCDEF';
    expect((await api.call('GET', `/operations/flows/${upper}`)).status).toBe(200);
  });

  it('is found, and acted on, by its id in full and as it was shortened', async () => {
    const key = { partner: 'tradevest', object: 'order', id: '\u{1f600}'.repeat(200) };
    const workflowId = workflowIdOf(key);
    await follow(api.database.kysely, workflowId, key);
    for (const asked of [workflowId, wholeWorkflowIdOf(key)].map(encodeURIComponent)) {
      const { status, body } = await api.call('GET', `/operations/flows/${asked}`);
      expect([status, body.workflowId, body.objectId]).toEqual([200, workflowId, key.id]);
      const acted = await api.call('POST', `/operations/flows/${asked}/refetch`, { body: { reason: 'asked for' } });
      expect([acted.status, api.asked.actions.at(-1)?.workflowId]).toEqual([200, workflowId]);
      expect((await api.call('GET', `/operations/deliveries?workflowId=${asked}`)).status).toBe(200);
    }
  });

  it('is served where it is only recorded, without a link to a workflow', async () => {
    await follow(api.database.kysely, 'tradevest:prices:latest', { as: 'recorded' });
    const { status, body } = await api.call('GET', '/operations/flows/tradevest%3Aprices%3Alatest');
    expect(status).toBe(200);
    expect(body).toMatchObject({ lifecycle: 'recorded', url: null, movements: [] });
  });

  it.each(['tradevest%3Aorder%3Anone', 'x', '%00', 'a'.repeat(3_000)])('is 404 for %s', async (unknown) => {
    expect((await api.call('GET', `/operations/flows/${unknown}`)).status).toBe(404);
  });

  it('is 400 for what is no percent-encoding', async () => {
    const { status, body } = await api.call('GET', '/operations/flows/a%zzb');
    expect(status).toBe(400);
    expect(body.field).toBe('path');
  });
});

describe('operating a flow', () => {
  const id = 'tradevest:order:1';
  const path = '/operations/flows/tradevest%3Aorder%3A1';

  it.each([
    ['refetch', { reason: 'asked for' }, { kind: 'refetch' }],
    ['extend', { reason: 'holiday', seconds: 3600 }, { kind: 'extend', seconds: 3600 }],
    ['resolve', { reason: 'by phone', result: 'done' }, { kind: 'resolve', result: 'done' }],
  ])('hands %s on with who asks and why, and answers the flow', async (verb, body, action) => {
    await follow(api.database.kysely, id);
    const reply = await api.call('POST', `${path}/${verb}`, { body });
    expect(reply.status).toBe(200);
    expect(reply.body.workflowId).toBe(id);
    expect(api.asked.actions).toEqual([{ workflowId: id, action: { ...action, reason: body.reason, by: 'alice' } }]);
  });

  it.each([
    ['refetch', {}, 'reason'],
    ['refetch', { reason: '' }, 'reason'],
    ['refetch', { reason: 7 }, 'reason'],
    ['refetch', { reason: 'x'.repeat(501) }, 'reason'],
    ['refetch', { reason: 'a\u0000b' }, 'reason'],
    ['refetch', { reason: 'half a pair: \ud83e' }, 'reason'],
    ['refetch', { reason: 'x', by: 'mallory' }, 'by'],
    ['extend', { reason: 'x' }, 'seconds'],
    ['extend', { reason: 'x', seconds: 0 }, 'seconds'],
    ['extend', { reason: 'x', seconds: '60' }, 'seconds'],
    ['extend', { reason: 'x', seconds: 1e12 }, 'seconds'],
    ['resolve', { reason: 'x', result: 'maybe' }, 'result'],
  ])('refuses %s with %j naming the field', async (verb, body, field) => {
    await follow(api.database.kysely, id);
    const reply = await api.call('POST', `${path}/${verb}`, { body });
    expect(reply.status).toBe(422);
    expect(reply.body.field).toBe(field);
    expect(api.asked.actions).toEqual([]);
  });

  it('is 404 for an unknown flow and 409 for an ended one, and asks neither', async () => {
    expect((await api.call('POST', `${path}/refetch`, { body: { reason: 'x' } })).status).toBe(404);
    await follow(api.database.kysely, id, { end });
    expect((await api.call('POST', `${path}/refetch`, { body: { reason: 'x' } })).status).toBe(409);
    expect(api.asked.actions).toEqual([]);
  });

  it.each([
    [{ kind: 'ended' } as const, 409],
    [{ kind: 'refused', detail: 'it says no' } as const, 422],
    [{ kind: 'no-worker' } as const, 503],
    [{ kind: 'no-worker', isCrowded: true } as const, 503],
  ])('answers %j of the flow as it is meant', async (answer, status) => {
    await follow(api.database.kysely, id);
    api.stand.operator = answer;
    const reply = await api.call('POST', `${path}/refetch`, { body: { reason: 'x' } });
    expect(reply.status).toBe(status);
    expect(reply.headers['retry-after'] !== undefined).toBe(status === 503);
  });
});
