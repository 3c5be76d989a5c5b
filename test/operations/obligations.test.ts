import { randomUUID } from 'node:crypto';

import { type Api, openApi } from './harness';
import { announced, book, emptyLedger, judged, learned, owe } from './ledger-rows';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await emptyLedger(api.database.kysely);
  api.asked.wakes = 0;
});

const EURO = 'fiat:c0000000-0000-4000-8000-00000000000e';

function pay(id: string, body: unknown = { reference: 'SEPA 1' }) {
  return api.call('POST', `/operations/obligations/${encodeURIComponent(id)}/paid`, { body });
}

async function states(query = ''): Promise<readonly (readonly unknown[])[]> {
  const { body } = await api.call('GET', `/operations/obligations${query}`);
  return body.items.map(({ id, state }) => [id, state]);
}

/** How often the flow of a set has something new to hear. */
async function versionOf(caId: string): Promise<number | undefined> {
  const row = await api.database.kysely
    .selectFrom('transaction_sets')
    .select('version')
    .where('corporate_action_id', '=', caId)
    .executeTakeFirst();
  return row?.version;
}

describe('GET /operations/obligations', () => {
  it('shows whom which money is owed, since when, by when and from which corporate action', async () => {
    const [user, caId] = [randomUUID(), randomUUID()];
    await learned(api.database.kysely, 'fiat:3', EURO);
    const { id, transactionId } = await owe(api.database.kysely, { user, caId, instrument: 'fiat:3', amount: '12.50' });
    const { status, body } = await api.call('GET', '/operations/obligations');
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          id,
          partner: 'bitpanda',
          userId: user,
          caId,
          transactionId,
          instrument: EURO,
          amount: '12.5',
          state: 'open',
          since: '2026-03-02T00:00:00.000Z',
          dueAt: '2026-03-05T00:00:00.000Z',
          paidAt: null,
          paidBy: null,
          reference: null,
        },
      ],
      next: null,
    });
  });

  it('is held while its set is a break that nobody has resolved', async () => {
    const database = api.database.kysely;
    const [broken, resolved, unverified] = [randomUUID(), randomUUID(), randomUUID()];
    const by = { by: 'alice', reason: 'asked them', result: 'done', at: '2026-03-03T00:00:00.000Z' } as const;
    await judged(database, { caId: broken, user: 'u', verdict: 'break' });
    await judged(database, { caId: resolved, user: 'u', verdict: 'break', resolution: by });
    await judged(database, { caId: unverified, user: 'u', verdict: 'unverified' });
    const first = await owe(database, { user: 'u', caId: broken, instrument: EURO, amount: '1' });
    const second = await owe(database, { user: 'u', caId: resolved, instrument: EURO, amount: '1' });
    const third = await owe(database, { user: 'u', caId: unverified, instrument: EURO, amount: '1' });
    expect(await states()).toEqual([
      [third.id, 'open'],
      [second.id, 'open'],
      [first.id, 'held'],
    ]);
    expect(await states('?state=held')).toEqual([[first.id, 'held']]);
  });

  it('is held alone where its event is surplus or contradicted; the others of the set stay due', async () => {
    const database = api.database.kysely;
    const caId = randomUUID();
    const due = await owe(database, { user: 'u', caId, instrument: EURO, amount: '1' });
    const surplus = await owe(database, { user: 'u', caId, instrument: EURO, amount: '1' });
    await judged(database, { caId, user: 'u', verdict: 'break', heldEvents: [surplus.transactionId] });
    expect(await states()).toEqual([
      [surplus.id, 'held'],
      [due.id, 'open'],
    ]);
  });

  it('is no longer owed once its movement was taken back', async () => {
    const database = api.database.kysely;
    const { id, transactionId } = await owe(database, { user: 'u', instrument: EURO, amount: '1' });
    await api.call('POST', `/operations/movements/bitpanda/${transactionId}/reverse`, { body: { reason: 'twice' } });
    expect(await states()).toEqual([]);
    expect((await pay(id)).status).toBe(404);
  });

  it('is asked for by partner, user and state, the newest first, in pages; a wrong value is 400', async () => {
    const database = api.database.kysely;
    const user = randomUUID();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { id } = await owe(database, { user, instrument: EURO, amount: '1' });
      ids.unshift(id);
    }
    const { id: others } = await owe(database, { user: 'u', partner: 'coinify', instrument: EURO, amount: '1' });
    expect(await states('?partner=coinify')).toEqual([[others, 'open']]);
    expect(await states('?state=paid')).toEqual([]);
    const first = await api.call('GET', `/operations/obligations?user=${user.toUpperCase()}&limit=3`);
    const second = await api.call('GET', `/operations/obligations?user=${user}&limit=3&after=${first.body.next ?? ''}`);
    expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(ids);
    expect(second.body.next).toBeNull();
    for (const query of ['?state=overdue', '?partner=nobody', '?after=x', '?limit=501']) {
      expect((await api.call('GET', `/operations/obligations${query}`)).status).toBe(400);
    }
  });
});

describe('POST /operations/obligations/{id}/paid', () => {
  it('keeps who passed it on and under which reference; the same again changes nothing, another is 409 and shows it', async () => {
    const { id } = await owe(api.database.kysely, { user: 'u', instrument: EURO, amount: '1' });
    const first = await pay(id.toUpperCase());
    expect([first.status, first.body]).toMatchObject([
      200,
      { id, state: 'paid', paidBy: 'alice', reference: 'SEPA 1', paidAt: expect.stringMatching(/Z$/) },
    ]);
    const say = (reference: string) =>
      api.call('POST', `/operations/obligations/${id}/paid`, { token: 'token-of-bob', body: { reference } });
    const again = await say('SEPA 1');
    expect([again.status, again.body]).toEqual([200, first.body]);
    const another = await say('SEPA 2');
    expect([another.status, another.body]).toMatchObject([409, { obligation: first.body }]);
    expect(await states('?state=paid')).toEqual([[id, 'paid']]);
  });

  it('is told to the flow that waits for it, once', async () => {
    const caId = randomUUID();
    await announced(api.database.kysely, { caId });
    await judged(api.database.kysely, { caId, user: 'u', verdict: 'complete' });
    await judged(api.database.kysely, { caId: randomUUID(), user: 'u', verdict: 'complete' });
    const { id } = await owe(api.database.kysely, { user: 'u', caId, instrument: EURO, amount: '1' });
    await pay(id);
    expect([await versionOf(caId), api.asked.wakes]).toEqual([2, 1]);
    await pay(id);
    expect(await versionOf(caId)).toBe(2);
    const untold = await api.database.kysely
      .selectFrom('transaction_sets')
      .select('corporate_action_id')
      .whereRef('told_version', '<', 'version')
      .execute();
    expect(untold).toEqual([{ corporate_action_id: caId }]);
  });

  it('is one payment where two say it at once', async () => {
    const caId = randomUUID();
    await judged(api.database.kysely, { caId, user: 'u', verdict: 'complete' });
    const { id } = await owe(api.database.kysely, { user: 'u', caId, instrument: EURO, amount: '1' });
    const replies = await Promise.all(['a', 'b', 'c', 'd'].map((reference) => pay(id, { reference })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const said = replies.map(({ body }) => String(JSON.parse(JSON.stringify(body.obligation ?? body)).reference));
    expect(new Set(said).size).toBe(1);
    expect(await versionOf(caId)).toBe(2);
  });

  it('is 404 for an id nobody knows and 422 for a body without a usable reference', async () => {
    await book(api.database.kysely, { user: 'u', instrument: EURO, amount: '1' });
    for (const id of [randomUUID(), 'nonsense', '1', 'a\0b']) expect((await pay(id)).status).toBe(404);
    const { id } = await owe(api.database.kysely, { user: 'u', instrument: EURO, amount: '1' });
    const bad = [
      ...[{}, { reference: '' }, { reference: '  ' }, { reference: 1 }, { reference: null }],
      ...[{ reference: 'x'.repeat(201) }, { reference: 'a\nb' }, { reference: 'a', amount: '1' }],
    ];
    for (const body of bad) {
      const reply = await pay(id, body);
      expect([body, reply.status]).toEqual([body, 422]);
      expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    expect(await states()).toEqual([[id, 'open']]);
    expect((await pay(id, { reference: 'x'.repeat(200) })).status).toBe(200);
  });
});
