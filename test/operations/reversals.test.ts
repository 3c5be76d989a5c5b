import { randomUUID } from 'node:crypto';

import { type Api, openApi } from './harness';
import { announced, book, emptyLedger, judged, opened } from './ledger-rows';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => emptyLedger(api.database.kysely));

const OLD = 'asset:c0000000-0000-4000-8000-000000000001';
const NEW = 'asset:c0000000-0000-4000-8000-000000000002';

function reverse(transactionId: string, body: unknown = { reason: 'booked twice' }, partner = 'bitpanda') {
  const path = `/operations/movements/${partner}/${encodeURIComponent(transactionId)}/reverse`;
  return api.call('POST', path, { body });
}

async function amounts(): Promise<readonly (readonly unknown[])[]> {
  const { body } = await api.call('GET', '/operations/positions');
  return body.items.map(({ instrument, amount }) => [instrument, amount]);
}

describe('POST /operations/movements/{partner}/{transactionId}/reverse', () => {
  it('takes back every leg of an event, with who and why, and nothing more when it is repeated', async () => {
    const database = api.database.kysely;
    const { transactionId } = await book(database, { user: 'u', instrument: 'asset:1', amount: '5', leg: 'x' });
    await book(database, { user: 'u', instrument: 'fiat:1', amount: '-7.25', leg: 'y', transactionId });
    await book(database, { user: 'u', instrument: 'asset:1', amount: '2' });
    const first = await reverse(transactionId.toUpperCase());
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      partner: 'bitpanda',
      transactionId,
      movements: [
        { leg: 'x', amount: '5', reason: null, reversedBy: null },
        { leg: 'y', amount: '-7.25', reason: null },
        { leg: 'x:reversal', amount: '-5', reason: 'booked twice', reversedBy: 'alice', deliveryId: null },
        { leg: 'y:reversal', amount: '7.25', creditedAt: '2026-03-01T00:00:00.000Z' },
      ],
    });
    expect(await amounts()).toEqual([['asset:1', '2']]);
    const again = await reverse(transactionId, { reason: 'another reason' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await amounts()).toEqual([['asset:1', '2']]);
  });

  it('takes back one leg by its name, then the others', async () => {
    const database = api.database.kysely;
    const { transactionId } = await book(database, { user: 'u', instrument: 'asset:1', amount: '5', leg: 'x' });
    await book(database, { user: 'u', instrument: 'asset:2', amount: '6', leg: 'y', transactionId });
    await reverse(transactionId, { reason: 'wrong', leg: 'x' });
    expect(await amounts()).toEqual([['asset:2', '6']]);
    await reverse(transactionId);
    expect(await amounts()).toEqual([]);
  });

  it('is one reversal where two ask at once', async () => {
    const { transactionId } = await book(api.database.kysely, { user: 'u', instrument: 'asset:1', amount: '5' });
    const replies = await Promise.all([1, 2, 3, 4].map(() => reverse(transactionId)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await amounts()).toEqual([]);
  });

  it('leaves a movement of 0 as it is', async () => {
    const { transactionId } = await book(api.database.kysely, { user: 'u', instrument: 'asset:1', amount: '0' });
    const { status, body } = await reverse(transactionId);
    expect([status, body.movements]).toMatchObject([200, [{ amount: '0' }]]);
  });

  it('has the set judged again: a second new share taken back is a break no more, and its flow hears of it', async () => {
    const database = api.database.kysely;
    const [caId, user] = [randomUUID(), 'u'];
    await announced(database, { caId, old: OLD, fresh: [NEW] });
    await opened(database, user, OLD, '10', '2026-01-01T00:00:00Z');
    for (const [instrument, amount] of [
      [OLD, '-10'],
      [OLD, '10'],
      [NEW, '5'],
    ] as const) {
      await book(database, { user, caId, instrument, amount });
    }
    const { transactionId } = await book(database, { user, caId, instrument: NEW, amount: '5' });
    const surplus = { kind: 'surplus-leg', leg: 'new-in', instrument: NEW, expected: null, found: '5' } as const;
    await judged(database, { caId, user, verdict: 'break', breaks: [surplus], before: '10' });
    await reverse(transactionId);
    const { body } = await api.call('GET', `/operations/corporate-actions/${caId}`);
    expect(body.holders).toMatchObject([{ userId: user, verdict: 'complete', breaks: [] }]);
    const set = await database.selectFrom('transaction_sets').select(['version', 'told_version']).executeTakeFirst();
    expect(set?.version).toBeGreaterThan(set?.told_version ?? Infinity);
  });

  it('is 404 for what was never booked, 400 for a body without a reason', async () => {
    const { transactionId } = await book(api.database.kysely, { user: 'u', instrument: 'asset:1', amount: '5' });
    expect((await reverse(randomUUID())).status).toBe(404);
    expect((await reverse(transactionId, { reason: 'x' }, 'coinify')).status).toBe(404);
    expect((await reverse(transactionId, { reason: 'x' }, 'nobody')).status).toBe(404);
    expect((await reverse(transactionId, { reason: 'x', leg: 'none' })).status).toBe(404);
    expect((await reverse('a\0b')).status).toBe(404);
    for (const body of [{}, { reason: '' }, { reason: 'x', legs: [] }, { reason: 'x', leg: '' }]) {
      expect((await reverse(transactionId, body)).status).toBe(400);
    }
    expect(await amounts()).toEqual([['asset:1', '5']]);
  });
});
