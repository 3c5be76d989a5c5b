import { randomUUID } from 'node:crypto';

import { type Api, openApi } from './harness';
import { announced, book, emptyLedger, judged } from './ledger-rows';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await emptyLedger(api.database.kysely);
  await api.database.kysely.deleteFrom('operator_actions').execute();
  api.asked.wakes = 0;
});

const GOLD = 'asset:c0000000-0000-4000-8000-00000000000a';

function trade(given: Readonly<Record<string, unknown>> = {}) {
  const tradedAt = '2026-02-01T09:30:00Z';
  return {
    partner: 'bitpanda',
    userId: 'u',
    instrument: GOLD,
    amount: '2.50',
    tradedAt,
    reference: randomUUID(),
    ...given,
  };
}

function tell(body: unknown) {
  return api.call('POST', '/operations/trades', { body });
}

function sayComplete(body: unknown) {
  return api.call('POST', '/operations/holdings/complete-through', { body });
}

async function trades(): Promise<readonly (readonly unknown[])[]> {
  const rows = await api.database.kysely.selectFrom('own_trades').selectAll().orderBy('traded_at').execute();
  return rows.map((row) => [row.user_id, row.instrument, Number(row.amount), row.traded_at.toISOString(), row.told_by]);
}

async function alerts(): Promise<readonly (readonly unknown[])[]> {
  const rows = await api.database.kysely.selectFrom('alert_causes').selectAll().execute();
  return rows.map(({ partner, finding, count, examples }) => [partner, finding, count, examples]);
}

async function toldOf(caId: string) {
  return api.database.kysely
    .selectFrom('action_news')
    .select(['rejudge', 'rejudge_holders'])
    .where('id', '=', caId)
    .executeTakeFirst();
}

describe('POST /operations/trades', () => {
  it('takes signed trades, each once for its reference, and wakes who judges', async () => {
    const body = { trades: [trade(), trade({ userId: 'U', amount: '-7', tradedAt: '2026-02-02T01:00:00+02:00' })] };
    const first = await tell(body);
    expect([first.status, first.body]).toEqual([200, { trades: 2, new: 2, late: 0 }]);
    const again = await tell(body);
    expect([again.status, again.body]).toEqual([200, { trades: 2, new: 0, late: 0 }]);
    expect(await trades()).toEqual([
      ['u', GOLD, 2.5, '2026-02-01T09:30:00.000Z', 'alice'],
      ['U', GOLD, -7, '2026-02-01T23:00:00.000Z', 'alice'],
    ]);
    expect(api.asked.wakes).toBe(2);
  });

  it('takes a list alone, and one trade alone', async () => {
    expect((await tell([trade(), trade()])).body).toEqual({ trades: 2, new: 2, late: 0 });
    expect((await tell(trade())).body).toEqual({ trades: 1, new: 1, late: 0 });
    expect(await trades()).toHaveLength(3);
  });

  it('is 409 for something else under a reference that was told, and takes nothing of the request', async () => {
    const known = trade();
    await tell([known]);
    const other = await tell([trade(), { ...known, amount: '3' }]);
    expect([other.status, other.body]).toMatchObject([
      409,
      { field: 'trades.1.reference', expected: 'the same trade', found: 'another amount' },
    ]);
    const twice = await tell([
      trade({ reference: 'x' }),
      trade({ reference: 'x', userId: 'v', instrument: 'asset:1' }),
    ]);
    expect([twice.status, twice.body.found]).toEqual([409, 'another userId, instrument']);
    expect(await trades()).toHaveLength(1);
  });

  it('tells the same trade once where many tell it at once', async () => {
    const many = Array.from({ length: 50 }, () => trade());
    const replies = await Promise.all([many, [...many].reverse(), many].map((some) => tell(some)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(replies.reduce((sum, { body }) => sum + Number(body.new), 0)).toBe(50);
  });

  it('names the field that is not as expected, and takes nothing', async () => {
    const bad = [
      [trade({ amount: 2 }), 'amount'],
      [trade({ amount: '1e3' }), 'amount'],
      [trade({ partner: 'nobody' }), 'partner'],
      [trade({ instrument: 'GOLD' }), 'instrument'],
      [trade({ tradedAt: '2026-02-30' }), 'tradedAt'],
      [trade({ userId: 'a:b' }), 'userId'],
      [trade({ reference: ' ' }), 'reference'],
    ] as const;
    for (const [one, field] of bad) {
      const { status, body } = await tell([trade(), one]);
      expect([status, body.field]).toEqual([422, `trades.1.${field}`]);
    }
    expect((await tell({ trades: [], more: 1 })).status).toBe(422);
    expect((await tell('text')).status).toBe(400);
    expect(await trades()).toEqual([]);
  });

  it('takes a thousand trades of long words at once, and no more', async () => {
    const long = Array.from({ length: 1_000 }, () =>
      trade({ userId: 'ü'.repeat(200), reference: `${randomUUID()}${'€'.repeat(160)}` }),
    );
    expect((await tell(long)).body).toEqual({ trades: 1_000, new: 1_000, late: 0 });
    const { status, body } = await tell([...long, trade()]);
    expect([status, body.expected]).toEqual([422, 'at most 1000 entries']);
  });

  it('alerts one that is told late, and has judged anew what rests on it', async () => {
    const database = api.database.kysely;
    const [before, after] = [randomUUID(), randomUUID()];
    for (const [caId, creditedAt] of [
      [before, '2026-01-20T00:00:00Z'],
      [after, '2026-02-20T00:00:00Z'],
    ] as const) {
      await announced(database, { caId, old: GOLD });
      await book(database, { user: 'v', caId, instrument: GOLD, amount: '-1', creditedAt });
    }
    await database
      .insertInto('openings')
      .values({ partner: 'bitpanda', user_id: 'u', instrument: GOLD, amount: '1', as_of: '2026-01-01T00:00:00Z' })
      .execute();
    await sayComplete({ partner: 'bitpanda', through: '2026-03-01T00:00:00Z' });
    await database.deleteFrom('action_news').execute();
    const [late, intime] = [
      trade({ reference: 'late one' }),
      trade({ tradedAt: '2026-03-01T00:00:01Z', reference: 'in time' }),
    ];
    expect((await tell([late, intime])).body).toEqual({ trades: 2, new: 2, late: 1 });
    expect(await alerts()).toEqual([['bitpanda', 'late-trade', 1, ['late one']]]);
    expect([await toldOf(before), await toldOf(after)]).toEqual([undefined, { rejudge: true, rejudge_holders: true }]);
    await tell([late]);
    expect(await alerts()).toHaveLength(1);
  });

  it('counts in what users hold: the opening, trades since, and what was credited', async () => {
    const database = api.database.kysely;
    await database
      .insertInto('openings')
      .values({ partner: 'bitpanda', user_id: 'u', instrument: GOLD, amount: '1', as_of: '2026-01-15T00:00:00Z' })
      .execute();
    await book(database, { user: 'u', instrument: GOLD, amount: '10', creditedAt: '2026-01-16T00:00:00Z' });
    await tell([trade({ amount: '100' }), trade({ amount: '1000', tradedAt: '2026-01-14T00:00:00Z' })]);
    await tell([trade({ userId: 'w', amount: '-3' })]);
    const { body } = await api.call('GET', '/operations/positions');
    expect(body.items.map(({ userId, amount }) => [userId, amount])).toEqual([
      ['u', '111'],
      ['w', '-3'],
    ]);
  });
});

describe('POST /operations/holdings/complete-through', () => {
  it('keeps the latest moment, with who said it', async () => {
    const first = await sayComplete({ partner: 'bitpanda', through: '2026-02-01T00:00:00.5Z' });
    expect([first.status, first.body]).toEqual([200, { partner: 'bitpanda', through: '2026-02-01T00:00:00.500Z' }]);
    const earlier = await sayComplete({ partner: 'bitpanda', through: '2026-01-01T00:00:00Z' });
    expect(earlier.body.through).toBe('2026-02-01T00:00:00.500Z');
    await sayComplete({ partner: 'bitpanda', through: '2026-03-01T00:00:00Z' });
    const { body } = await api.call('GET', '/operations/deeds?action=complete-through');
    expect(body.items).toMatchObject([
      { by: 'alice', target: 'bitpanda', details: { through: '2026-03-01T00:00:00.000000Z' } },
      { by: 'alice', target: 'bitpanda', details: { through: '2026-02-01T00:00:00.500000Z' } },
    ]);
  });

  it('has every corporate action judged anew the first time, and then those that it newly reaches', async () => {
    const database = api.database.kysely;
    const [early, late] = [randomUUID(), randomUUID()];
    for (const [caId, creditedAt] of [
      [early, '2026-01-20T00:00:00Z'],
      [late, '2026-03-20T00:00:00Z'],
    ] as const) {
      await announced(database, { caId, old: GOLD });
      await book(database, { user: 'v', caId, instrument: GOLD, amount: '-1', creditedAt });
      await judged(database, { caId, user: 'v', verdict: 'unverified' });
    }
    await sayComplete({ partner: 'bitpanda', through: '2026-02-01T00:00:00Z' });
    expect([await toldOf(early), await toldOf(late)]).toMatchObject([{ rejudge: true }, { rejudge: true }]);
    await database.deleteFrom('action_news').execute();
    await sayComplete({ partner: 'bitpanda', through: '2026-03-01T00:00:00Z' });
    expect([await toldOf(early), await toldOf(late)]).toEqual([undefined, undefined]);
    await sayComplete({ partner: 'bitpanda', through: '2026-03-20T00:00:00Z' });
    expect([await toldOf(early), await toldOf(late)]).toMatchObject([undefined, { rejudge: true }]);
  });

  it('is 422 for a partner or a time that is none', async () => {
    for (const body of [{ partner: 'nobody', through: '2026-01-01' }, { partner: 'bitpanda', through: 'now' }, {}])
      expect((await sayComplete(body)).status).toBe(422);
  });
});
