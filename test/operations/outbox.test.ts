import type { OutboxState } from '../../src/domain/outgoing';
import { enqueue, wantOutcomes } from '../outbox/waiting';
import { type Api, openApi } from './harness';

let api: Api;
beforeAll(async () => {
  api = await openApi();
  await wantOutcomes(api.database.kysely);
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.kysely.deleteFrom('outbox').execute();
  await api.database.kysely.deleteFrom('operator_actions').execute();
});

/** A message of a subject of its own, in a state; its id. */
async function stand(subject: string, state: OutboxState): Promise<string> {
  await enqueue(api.database.kysely, subject, 1);
  const row = await api.database.kysely
    .updateTable('outbox')
    .set({
      state,
      attempts: 7,
      ended_at: state === 'waiting' ? null : new Date('2026-03-02T10:00:00Z'),
      last_failure: state === 'sent' ? null : 'status 500',
    })
    .where('subject', '=', subject)
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

function retry(id: string) {
  return api.call('POST', `/operations/outbox/${encodeURIComponent(id)}/retry`);
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('GET /operations/outbox', () => {
  it('shows what is told to whom, how it went, and what is to be done about it', async () => {
    const id = await stand('bitpanda:transaction:1', 'dead');
    const { status, body } = await api.call('GET', '/operations/outbox');
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          id,
          target: 'outcomes',
          subject: 'bitpanda:transaction:1',
          type: 'movement.booked',
          state: 'dead',
          attempts: 7,
          createdAt: TIME,
          nextAttemptAt: null,
          sentAt: null,
          deadAt: '2026-03-02T10:00:00.000Z',
          lastFailure: 'status 500',
          body: {
            type: 'movement.booked',
            timestamp: '2026-03-02T09:00:00.000Z',
            data: { workflowId: 'bitpanda:transaction:1', n: 1 },
          },
        },
      ],
      next: null,
    });
  });

  it('lists by state and target, newest first, page by page', async () => {
    const dead = [await stand('a', 'dead'), await stand('b', 'dead'), await stand('c', 'dead')];
    const [sent, waiting] = [await stand('d', 'sent'), await stand('e', 'waiting')];
    const first = await api.call('GET', '/operations/outbox?state=dead&limit=2');
    expect(first.body.items.map(({ id }) => id)).toEqual([dead[2], dead[1]]);
    const second = await api.call('GET', `/operations/outbox?state=dead&limit=2&after=${String(first.body.next)}`);
    expect([second.body.items.map(({ id }) => id), second.body.next]).toEqual([[dead[0]], null]);
    const only = async (query: string) =>
      (await api.call('GET', `/operations/outbox?${query}`)).body.items.map(({ id, ...rest }) => [id, rest.sentAt]);
    expect(await only('state=sent')).toEqual([[sent, '2026-03-02T10:00:00.000Z']]);
    expect(await only('state=waiting')).toEqual([[waiting, null]]);
    expect(await only('target=alerts')).toEqual([]);
  });

  it('names the field, what was expected and what stood there', async () => {
    const { status, body } = await api.call('GET', '/operations/outbox?state=lost');
    expect([status, body.field, body.expected, body.found]).toEqual([
      400,
      'state',
      'one of waiting, sent, dead',
      'lost',
    ]);
  });
});

describe('POST /operations/outbox/{id}/retry', () => {
  it('has a dead message sent again, as often as a new one, and keeps who said so', async () => {
    const id = await stand('a', 'dead');
    const { status, body } = await retry(id);
    expect([status, body]).toEqual([202, { id, state: 'waiting' }]);
    const { body: after } = await api.call('GET', '/operations/outbox');
    expect(after.items).toMatchObject([{ id, state: 'waiting', attempts: 0, nextAttemptAt: TIME, deadAt: null }]);
    const deeds = await api.database.kysely.selectFrom('operator_actions').selectAll().execute();
    expect(deeds).toMatchObject([{ by: 'alice', action: 'retry-message', target: id }]);
  });

  it('is 409 for what was not given up, 404 for what nobody knows, and does nothing', async () => {
    const [sent, waiting] = [await stand('a', 'sent'), await stand('b', 'waiting')];
    expect([(await retry(sent)).status, (await retry(waiting)).status]).toEqual([409, 409]);
    for (const id of ['never-heard-of', 'a\0b', "'; DROP TABLE outbox"]) expect((await retry(id)).status).toBe(404);
    expect(await api.database.kysely.selectFrom('operator_actions').selectAll().execute()).toEqual([]);
  });
});
