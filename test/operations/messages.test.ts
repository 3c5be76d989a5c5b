import { queueMessages } from '../../src/store/messages/queue';
import { eraseSubject } from '../../src/store/erasure/erase-subject';
import { message, wantOutcomes } from '../outbox/waiting';
import { numberAll } from '../support/number-messages';
import { type Api, openApi } from './harness';

let api: Api;
const erase = (subject: string) =>
  api.database.kysely.transaction().execute((transaction) => eraseSubject(transaction, subject));

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  const { kysely } = api.database;
  for (const table of ['outbox', 'outbox_targets', 'messages', 'operator_actions'] as const)
    await kysely.deleteFrom(table).execute();
  await kysely.updateTable('message_numbers').set({ last: '0', removed_through: '0' }).execute();
  await queueMessages(
    kysely,
    [1, 2, 3].map((n) => message(n === 2 ? 'b' : 'a', n)),
  );
  await numberAll(kysely);
});

describe('GET /operations/messages', () => {
  it('gives events from the oldest on, and the cursor to go on from', async () => {
    const { status, body } = await api.call('GET', '/operations/messages?limit=1');
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          specversion: '1.0',
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          ...{ source: '/partnerflow/a', type: 'movement.booked', subject: 'a', sequence: '1' },
          ...{ time: '2026-03-02T09:00:00.000Z', timestamp: '2026-03-02T09:00:00.000Z' },
          datacontenttype: 'application/json',
          dataschema: 'urn:partnerflow:message:movement.booked:1',
          data: { workflowId: 'a', n: 1 },
        },
      ],
      next: '1',
      cursor: '1',
    });
    const rest = await api.call('GET', '/operations/messages?after=1&type=movement.*&subject=a');
    expect(rest.body).toMatchObject({ items: [{ sequence: '3' }], next: null, cursor: '3' });
    expect((await api.call('GET', '/operations/messages?type=order.*')).body.items).toEqual([]);
  });

  it('says that a cursor is gone, and that another is none', async () => {
    await api.database.kysely.updateTable('message_numbers').set({ removed_through: '2' }).execute();
    expect((await api.call('GET', '/operations/messages?after=1')).status).toBe(410);
    expect((await api.call('GET', '/operations/messages?after=4')).status).toBe(410);
    for (const query of ['after=x', 'after=-1', 'type=Order', 'type=order', 'limit=0'])
      expect((await api.call('GET', `/operations/messages?${query}`)).status).toBe(400);
  });

  it('keeps the place of an erased message', async () => {
    expect(await erase('a')).toMatchObject({ messages: 2 });
    const { body } = await api.call('GET', '/operations/messages');
    expect(body.items.map(({ sequence, data }) => [sequence, data])).toEqual([
      ['1', null],
      ['2', { workflowId: 'b', n: 2 }],
      ['3', null],
    ]);
  });

  it('is described by AsyncAPI', async () => {
    const { status, body } = await api.call('GET', '/operations/asyncapi.json');
    expect([status, body.asyncapi]).toEqual([200, '3.0.0']);
  });
});

describe('POST /operations/messages/replay', () => {
  const replay = (body: object) => api.call('POST', '/operations/messages/replay', { body });
  const window = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
  const waiting = () =>
    api.database.kysely.selectFrom('outbox').select(['subject', 'state']).orderBy('position').execute();

  it('counts what would be sent, and sends it again in the order of the feed, under the same ids', async () => {
    const dry = await replay({ ...window, dryRun: true });
    expect(dry).toMatchObject({ status: 202, body: { messages: 3, types: { 'movement.booked': 3 } } });
    expect((await replay(window)).status).toBe(409);
    await wantOutcomes(api.database.kysely);
    expect((await replay({ ...window, type: 'order.*' })).body).toMatchObject({ messages: 0 });
    expect((await replay(window)).body).toMatchObject({ messages: 3 });
    expect(await waiting()).toEqual(['a', 'b', 'a'].map((subject) => ({ subject, state: 'waiting' })));
    await api.database.kysely.updateTable('outbox').set({ state: 'sent' }).where('subject', '=', 'a').execute();
    await replay(window);
    expect(await waiting()).toEqual(['b', 'a', 'a'].map((subject) => ({ subject, state: 'waiting' })));
    const ids = await api.database.kysely.selectFrom('messages').select('id').execute();
    const sent = await api.database.kysely.selectFrom('outbox').select('id').execute();
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(ids.map(({ id }) => id)));
  });

  it('leaves out what lies outside the window and what was erased, and is kept with who asked', async () => {
    await wantOutcomes(api.database.kysely);
    await api.database.kysely
      .updateTable('messages')
      .set({ numbered_at: new Date(0) })
      .where('sequence', '=', '1')
      .execute();
    await erase('b');
    expect((await replay(window)).body).toMatchObject({ messages: 1 });
    const { body } = await api.call('GET', '/operations/deeds');
    expect(body.items).toMatchObject([{ by: 'alice', action: 'replay-messages', details: { messages: 1, type: '*' } }]);
  });
});
