import { randomUUID } from 'node:crypto';

import { type Api, openApi } from './harness';
import { announced, book, emptyLedger, judged, learned } from './ledger-rows';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => emptyLedger(api.database.kysely));

const CA = 'b0000000-0000-4000-8000-00000000000a';
const OLD = 'asset:c0000000-0000-4000-8000-000000000001';
const NEW = 'asset:c0000000-0000-4000-8000-000000000002';
const RATIO = { low: '0.5', high: '0.500000001' };

function ask(query = '', caId = CA) {
  return api.call('GET', `/operations/corporate-actions/${caId}${query}`);
}

async function spunOff(): Promise<void> {
  const ratios = [{ instrument: NEW, ratio: RATIO, completeSets: 5, agreeingSets: 4 }];
  await announced(api.database.kysely, { caId: CA, old: OLD, fresh: [NEW], ratios });
}

describe('GET /operations/corporate-actions/{caId}', () => {
  it('shows what is known of it and of every holder, numbers as decimals, by user', async () => {
    const database = api.database.kysely;
    await spunOff();
    const missing = { kind: 'missing-leg', leg: 'new-in', instrument: NEW, expected: '5', found: null } as const;
    const resolution = { by: 'alice', reason: 'asked', result: 'done', at: '2026-03-03T00:00:00.000Z' } as const;
    const expectedNew = { [NEW]: { low: '5', high: '5.1' } };
    await judged(database, {
      ...{ caId: CA, user: 'user-b', verdict: 'break', breaks: [missing] },
      ...{ before: '10.50', expectedNew, resolution },
    });
    await judged(database, { caId: CA, user: 'user-a' });
    const booked = await book(database, {
      user: 'user-b',
      caId: CA,
      instrument: OLD,
      amount: '-10.500',
      recovered: true,
    });
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toEqual({
      caId: CA,
      type: 'spin_off',
      oldInstrument: OLD,
      newInstruments: [NEW],
      ratio: RATIO,
      completeSets: 5,
      agreeingSets: 4,
      ratios: [{ instrument: NEW, ...RATIO, completeSets: 5, agreeingSets: 4 }],
      holders: [
        {
          ...{ userId: 'user-a', verdict: null, before: null, expectedNew: null, breaks: [], unverified: [] },
          ...{ movements: [], resolution: null },
        },
        {
          ...{ userId: 'user-b', verdict: 'break', before: '10.5', expectedNew: { low: '5', high: '5.1' } },
          breaks: [missing],
          unverified: [],
          movements: [
            {
              transactionId: booked.transactionId,
              leg: 'old-out',
              instrument: OLD,
              amount: '-10.5',
              creditedAt: '2026-03-01T00:00:00.000Z',
              deliveryId: expect.stringMatching(/^[0-9a-f-]{36}$/),
              recovered: true,
            },
          ],
          resolution,
        },
      ],
      next: null,
    });
  });

  it('names the leg of each movement under resolved instruments, and shows none of 0', async () => {
    const database = api.database.kysely;
    await spunOff();
    await learned(database, 'asset:1', OLD);
    await judged(database, { caId: CA, user: 'u', verdict: 'complete' });
    const of = { user: 'u', caId: CA };
    await book(database, { ...of, instrument: 'asset:1', amount: '-10' });
    await book(database, { ...of, instrument: OLD, amount: '10' });
    await book(database, { ...of, instrument: NEW, amount: '5' });
    await book(database, { ...of, instrument: 'fiat:1', amount: '-1', isObligation: true });
    await book(database, { ...of, instrument: 'fiat:1', amount: '0', isObligation: true });
    await book(database, { user: 'u', instrument: NEW, amount: '77' });
    const { body } = await ask();
    expect(body.holders).toMatchObject([
      {
        movements: [
          { leg: 'old-out', instrument: OLD, amount: '-10' },
          { leg: 'old-in', instrument: OLD, amount: '10' },
          { leg: 'new-in', instrument: NEW, amount: '5' },
          { leg: 'fiat', instrument: 'fiat:1', amount: '-1' },
        ],
      },
    ]);
  });

  it('knows the legs before any set is judged, by what most holders have given away, an alias like its instrument', async () => {
    const database = api.database.kysely;
    await announced(database, { caId: CA, old: null, fresh: [], ratios: [] });
    await learned(database, 'asset:1', OLD);
    for (const user of ['u', 'v', 'w']) await judged(database, { caId: CA, user });
    await book(database, { user: 'u', caId: CA, instrument: 'asset:1', amount: '-10' });
    await book(database, { user: 'u', caId: CA, instrument: OLD, amount: '10' });
    await book(database, { user: 'v', caId: CA, instrument: OLD, amount: '-4' });
    await book(database, { user: 'w', caId: CA, instrument: NEW, amount: '-1' });
    const { body } = await ask();
    expect(body).toMatchObject({
      oldInstrument: OLD,
      holders: [
        { userId: 'u', verdict: null, movements: [{ leg: 'old-out' }, { leg: 'old-in' }] },
        { userId: 'v', movements: [{ leg: 'old-out' }] },
        { userId: 'w' },
      ],
    });
  });

  it('shows a reversing movement under the leg it takes back, with the opposite sign', async () => {
    const database = api.database.kysely;
    await spunOff();
    await judged(database, { caId: CA, user: 'u' });
    const { transactionId } = await book(database, { user: 'u', caId: CA, instrument: NEW, amount: '5' });
    await api.call('POST', `/operations/movements/bitpanda/${transactionId}/reverse`, { body: { reason: 'twice' } });
    const { body } = await ask();
    expect(body.holders).toMatchObject([
      {
        movements: [
          { leg: 'new-in', amount: '5' },
          { leg: 'new-in', amount: '-5', deliveryId: null },
        ],
      },
    ]);
  });

  it('has the ratio of the new instrument on which most sets agree, lists all, and has none where nothing is new', async () => {
    const other = 'asset:c0000000-0000-4000-8000-000000000003';
    const ratios = [
      { instrument: NEW, ratio: null, completeSets: 2, agreeingSets: 1 },
      { instrument: other, ratio: RATIO, completeSets: 4, agreeingSets: 3 },
    ];
    await announced(api.database.kysely, { caId: CA, old: OLD, fresh: [NEW, other], ratios });
    const [few, most] = [
      { low: '1', high: '2' },
      { low: '3', high: '4' },
    ];
    const unverified = [{ reason: 'ratio not known', missing: [NEW] }] as const;
    const expectedNew = { [NEW]: few, [other]: most };
    await judged(api.database.kysely, { caId: CA, user: 'u', verdict: 'unverified', expectedNew, unverified });
    const several = await ask();
    expect(several.body).toMatchObject({
      ratio: RATIO,
      completeSets: 4,
      agreeingSets: 3,
      ratios: [
        { instrument: NEW, low: null, high: null, completeSets: 2, agreeingSets: 1 },
        { instrument: other, ...RATIO, completeSets: 4, agreeingSets: 3 },
      ],
      holders: [{ expectedNew: most, unverified }],
    });
    const none = randomUUID();
    await announced(api.database.kysely, { caId: none, type: 'dividend' });
    expect((await ask('', none)).body).toMatchObject({
      ...{ type: 'dividend', oldInstrument: null, newInstruments: [], ratio: null, ratios: [] },
      ...{ completeSets: 0, agreeingSets: 0, holders: [], next: null },
    });
  });

  it('gives holders in pages that together are all, each with its own movements', async () => {
    await spunOff();
    const users = Array.from({ length: 7 }, () => randomUUID()).sort();
    for (const user of users) {
      await judged(api.database.kysely, { caId: CA, user });
      await book(api.database.kysely, { user, caId: CA, instrument: OLD, amount: '-1', transactionId: user });
    }
    const seen: unknown[] = [];
    let next: string | null = '';
    while (next !== null) {
      const { body } = await ask(`?limit=3${next === '' ? '' : `&after=${next}`}`);
      const holders = JSON.parse(JSON.stringify(body.holders));
      for (const { userId, movements } of holders) seen.push([userId, movements[0].transactionId, movements.length]);
      next = body.next;
    }
    expect(seen).toEqual(users.map((user) => [user, user, 1]));
  });

  it('is found by its id in any case, and 404 for an id nobody knows', async () => {
    await spunOff();
    expect((await ask('', CA.toUpperCase())).body.caId).toBe(CA);
    for (const caId of [randomUUID(), 'nonsense', 'a%00b']) {
      const { status, headers } = await ask('', caId);
      expect([status, headers['content-type']]).toEqual([404, expect.stringContaining('application/problem+json')]);
    }
    for (const query of ['?limit=0', '?after=x', '?user=u']) expect((await ask(query)).status).toBe(400);
  });
});
