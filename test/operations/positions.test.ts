import { randomUUID } from 'node:crypto';

import { type Api, openApi } from './harness';
import { book, emptyLedger, learned, opened, owe } from './ledger-rows';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => emptyLedger(api.database.kysely));

const USER = 'a0000000-0000-4000-8000-000000000001';
const GOLD = 'asset:c0000000-0000-4000-8000-00000000000a';

async function positions(query = ''): Promise<readonly (readonly unknown[])[]> {
  const { status, body } = await api.call('GET', `/operations/positions${query}`);
  expect(status).toBe(200);
  return body.items.map(({ userId, instrument, amount }) => [userId, instrument, amount]);
}

describe('GET /operations/positions', () => {
  it('adds to the latest opening what was credited at that moment or later, and nothing before', async () => {
    const database = api.database.kysely;
    await opened(database, USER, GOLD, '100', '2026-01-01T00:00:00Z');
    await opened(database, USER, GOLD, '7.50', '2026-02-01T00:00:00Z');
    await book(database, { user: USER, instrument: GOLD, amount: '1000', creditedAt: '2026-01-31T23:59:59.999999Z' });
    await book(database, { user: USER, instrument: GOLD, amount: '0.5', creditedAt: '2026-02-01T00:00:00Z' });
    await book(database, { user: USER, instrument: GOLD, amount: '-3', creditedAt: '2026-02-02T00:00:00Z' });
    expect(await positions()).toEqual([[USER, GOLD, '5']]);
  });

  it('sums up all movements where nothing was imported, exactly, without exponent or trailing zeros', async () => {
    const database = api.database.kysely;
    await book(database, { user: USER, instrument: GOLD, amount: '0.000000010000000001' });
    await book(database, { user: USER, instrument: GOLD, amount: '0.000000020' });
    await book(database, { user: USER, instrument: 'fiat:1', amount: '12345678901234567890.10' });
    await book(database, { user: USER, instrument: 'asset:9', amount: '-2.50' });
    expect(await positions()).toEqual([
      [USER, 'asset:9', '-2.5'],
      [USER, GOLD, '0.000000030000000001'],
      [USER, 'fiat:1', '12345678901234567890.1'],
    ]);
  });

  it('leaves out what sums up to 0, a known zero too, and money that is only owed', async () => {
    const database = api.database.kysely;
    await book(database, { user: USER, instrument: GOLD, amount: '2' });
    await book(database, { user: USER, instrument: GOLD, amount: '-2.0' });
    await opened(database, USER, 'asset:9', '0', '2026-01-01T00:00:00Z');
    await owe(database, { user: USER, instrument: 'fiat:1', amount: '20' });
    expect(await positions()).toEqual([]);
  });

  it('shows one instrument under its two ids as one, until something contradicts that they are one', async () => {
    const database = api.database.kysely;
    await book(database, { user: USER, instrument: 'asset:7', amount: '1', creditedAt: '2026-01-01T00:00:00Z' });
    await book(database, { user: USER, instrument: GOLD, amount: '2', creditedAt: '2026-03-01T00:00:00Z' });
    expect(await positions()).toEqual([
      [USER, 'asset:7', '1'],
      [USER, GOLD, '2'],
    ]);
    await learned(database, 'asset:7', GOLD);
    expect(await positions()).toEqual([[USER, GOLD, '3']]);
    await opened(database, USER, 'asset:7', '10', '2026-02-01T00:00:00Z');
    await opened(database, USER, GOLD, '50', '2026-01-15T00:00:00Z');
    expect(await positions()).toEqual([[USER, GOLD, '12']]);
    await learned(database, 'asset:8', GOLD);
    expect(await positions()).toEqual([
      [USER, 'asset:7', '10'],
      [USER, GOLD, '52'],
    ]);
  });

  it('is asked for one partner or one user, in any case of a UUID; a wrong value is 400', async () => {
    const database = api.database.kysely;
    const other = randomUUID();
    await book(database, { user: USER, instrument: GOLD, amount: '1' });
    await book(database, { user: other, instrument: GOLD, amount: '2' });
    await opened(database, USER, 'asset:1', '3', '2026-01-01T00:00:00Z', 'tradevest');
    expect(await positions(`?user=${other.toUpperCase()}`)).toEqual([[other, GOLD, '2']]);
    expect(await positions('?partner=tradevest')).toEqual([[USER, 'asset:1', '3']]);
    expect(await positions(`?partner=bitpanda&user=${USER}`)).toEqual([[USER, GOLD, '1']]);
    expect(await positions(`?user=${USER}`)).toHaveLength(2);
    for (const query of ['?partner=nobody', '?limit=0', '?after=nonsense', '?user=', '?users=1']) {
      expect((await api.call('GET', `/operations/positions${query}`)).status).toBe(400);
    }
  });

  it('gives pages of any size that together are the whole, in one order, also past users without positions', async () => {
    const database = api.database.kysely;
    const users = Array.from({ length: 9 }, (_, index) => `user-${index}`);
    for (const [index, user] of users.entries()) {
      if (index % 3 === 1) await book(database, { user, instrument: 'asset:1', amount: '0' });
      else
        for (const asset of ['1', '2', '3'])
          await opened(database, user, `asset:${asset}`, '1', '2026-01-01T00:00:00Z');
    }
    const whole = await positions();
    expect(whole).toHaveLength(18);
    for (const limit of [1, 2, 5, 17, 18]) {
      const seen: unknown[] = [];
      let next: string | null = '';
      while (next !== null) {
        const after: string = next === '' ? '' : `&after=${next}`;
        const { body } = await api.call('GET', `/operations/positions?limit=${limit}${after}`);
        expect(body.items.length).toBeLessThanOrEqual(limit);
        seen.push(...body.items.map(({ userId, instrument, amount }) => [userId, instrument, amount]));
        next = body.next;
      }
      expect(seen).toEqual(whole);
    }
  });
});
