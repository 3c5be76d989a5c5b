import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { partnerflow } from '../support/partnerflow';
import { type MovementSystem, openMovementSystem, paramsOf, printed } from './movements';

jest.setTimeout(120_000);

/** The moment at which every movement here is credited, unless a test says otherwise. */
const CREDITED = '2024-05-23T08:45:36Z';

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-holdings-'));

let system: MovementSystem;

beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive();
  system.work();
});

afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true });
});

/** Ids of instruments that no other test of this file uses, so that each has holdings of its own. */
function instruments(): { readonly old: string; readonly received: string } {
  return { old: randomUUID(), received: randomUUID() };
}

async function post(events: readonly object[]): Promise<void> {
  for (const event of events) expect(await system.becameOf(await system.post(event))).toBe('applied');
}

/** Two complete sets in the ratio of one to two, and the new share alone of a third holder. */
async function newShareAlone(caId: string, userId: string, { old, received }: ReturnType<typeof instruments>) {
  for (const quantity of ['10', '20']) {
    const other = randomUUID();
    await post([
      paramsOf({ caId, userId: other, asset: old, amount: `-${quantity}` }),
      paramsOf({ caId, userId: other, asset: old, amount: quantity }),
      paramsOf({ caId, userId: other, asset: received, amount: String(Number(quantity) / 2) }),
    ]);
  }
  await post([paramsOf({ caId, userId, asset: received, amount: '2' })]);
}

/** Waits until the API shows the holder so. */
function shown(caId: string, userId: string, expected: object): Promise<void> {
  return eventually(async () => {
    const { body } = await system.call('GET', `/operations/corporate-actions/${caId}`);
    expect(body.holders).toEqual(expect.arrayContaining([expect.objectContaining({ userId, ...expected })]));
  });
}

/** Imports an opening position at the command line, its only way in. */
async function opened(userId: string, old: string, amount: string, asOf = '2024-01-01T00:00:00Z'): Promise<void> {
  const file = join(folder, `${randomUUID()}.csv`);
  writeFileSync(file, `partner,userId,instrument,amount,asOf\nbitpanda,${userId},asset:${old},${amount},${asOf}\n`);
  const ran = await partnerflow(['positions', 'import', file], { DATABASE_URL: system.databaseUrl });
  expect(ran).toMatchObject({ code: 0, err: '' });
}

function trade(userId: string, old: string, amount: string, tradedAt: string) {
  return { partner: 'bitpanda', userId, instrument: `asset:${old}`, amount, tradedAt, reference: randomUUID() };
}

async function lateTrades(): Promise<readonly string[]> {
  const rows = await (
    await withFoldedAlerts(system.database.kysely)
  )
    .selectFrom('alerts')
    .select('examples')
    .where('finding', '=', 'late-trade')
    .execute();
  return rows.flatMap(({ examples }) => examples);
}

/** The reason of a set that is not verified for want of a part of a holding. */
function lacking(...missing: readonly string[]): readonly object[] {
  return [{ reason: 'holdings not known', missing }];
}

// The word of a partner only ever reaches further, so the tests stand in the order in which it does.
describe('the holding before a corporate action', () => {
  test('is not known by an opening alone; the word makes it known, and a trade told late is judged anew', async () => {
    const [caId, userId, own] = [randomUUID(), randomUUID(), instruments()];
    await opened(userId, own.old, '6');
    const sold = trade(userId, own.old, '-6', '2024-03-01T10:00:00+01:00');
    expect((await system.call('POST', '/operations/trades', { trades: [sold] })).body).toEqual({
      trades: 1,
      new: 1,
      late: 0,
    });
    await newShareAlone(caId, userId, own);
    await shown(caId, userId, { verdict: 'unverified', before: null, unverified: lacking('complete-through') });
    const through = (moment: string) =>
      system.call('POST', '/operations/holdings/complete-through', { partner: 'bitpanda', through: moment });
    expect((await through('2024-05-23T08:45:35Z')).status).toBe(200);
    await shown(caId, userId, { verdict: 'unverified', before: null });
    expect((await through(CREDITED)).body).toEqual({ partner: 'bitpanda', through: '2024-05-23T08:45:36.000Z' });
    await shown(caId, userId, { verdict: 'old-share-sold', before: '0' });
    const late = trade(userId, own.old, '1.5', CREDITED);
    expect((await system.call('POST', '/operations/trades', [late])).body).toEqual({ trades: 1, new: 1, late: 1 });
    await shown(caId, userId, { verdict: 'break', before: '1.5' });
    expect(await lateTrades()).toEqual([late.reference]);
    const after = trade(userId, own.old, '-9', '2024-05-23T08:45:37Z');
    expect((await system.call('POST', '/operations/trades', after)).body).toMatchObject({ new: 1, late: 0 });
    await shown(caId, userId, { verdict: 'break', before: '1.5' });
  });

  test('counts what other corporate actions brought by then, and nothing of its own', async () => {
    const [caId, userId, own] = [randomUUID(), randomUUID(), instruments()];
    await opened(userId, own.old, '0');
    const bought = { userId, asset: own.old, amount: '4', type: 'stock_split' };
    await post([paramsOf({ ...bought, caId: randomUUID(), creditedAt: CREDITED })]);
    await post([paramsOf({ ...bought, caId: randomUUID(), creditedAt: '2024-05-23T08:45:37Z' })]);
    await newShareAlone(caId, userId, own);
    await shown(caId, userId, { verdict: 'break', before: '4' });
  });

  test('is not known without an opening, however far the word reaches', async () => {
    const [caId, userId, own] = [randomUUID(), randomUUID(), instruments()];
    await newShareAlone(caId, userId, own);
    await shown(caId, userId, { verdict: 'unverified', before: null, unverified: lacking('opening') });
    await opened(userId, own.old, '0', CREDITED);
    await shown(caId, userId, { verdict: 'old-share-sold', before: '0' });
  });
});

describe('a transaction that does not say what it moves', () => {
  const V1 = 'non-user-initiated-transactions';
  const deduction = (userId: string, asset: number) => ({
    ...printed('non-user-initiated-transaction-v1.deduction'),
    ...{ id: randomUUID(), user_id: userId, asset_id: asset },
  });

  test('is booked through the API as an operator says, with who and why', async () => {
    const userId = randomUUID();
    const id = await system.post(deduction(userId, 90_001), V1);
    expect(await system.becameOf(id)).toBe('parked');
    const path = `/operations/deliveries/${id}/book`;
    expect((await system.call('POST', path, { as: 'money', reason: 'x' })).status).toBe(400);
    expect((await system.call('POST', path, { as: 'fiat' })).status).toBe(400);
    const booked = await system.call('POST', path, { as: 'fiat', reason: 'the partner said so' });
    expect(booked).toEqual({ status: 200, body: { id, status: 'delivered', outcome: 'applied' } });
    const positions = await system.call('GET', `/operations/positions?user=${userId}`);
    expect(positions.body.items).toEqual([{ partner: 'bitpanda', userId, instrument: 'fiat:90001', amount: '-1' }]);
    const deeds = await system.call('GET', `/operations/deeds?target=${id}`);
    expect(deeds.body.items).toMatchObject([
      { by: 'alice', action: 'book', reason: 'the partner said so', details: { as: 'fiat' } },
    ]);
    expect((await system.call('POST', path, { as: 'fiat', reason: 'again' })).status).toBe(409);
    expect(
      (await system.call('POST', `/operations/deliveries/${randomUUID()}/book`, { as: 'fiat', reason: 'x' })).status,
    ).toBe(404);
    expect((await system.balance()).balanced).toBe(true);
  });

  test('is booked at the command line, and once an id is one of money its type alone is not enough', async () => {
    const userId = randomUUID();
    const id = await system.post(deduction(userId, 90_002), V1);
    expect(await system.becameOf(id)).toBe('parked');
    const environment = { DATABASE_URL: system.databaseUrl };
    const ran = await partnerflow(['book', id, '--as', 'fiat', '--reason', 'looked it up'], environment);
    expect(ran).toMatchObject({ code: 0, out: `${id} applied as fiat.\n` });
    expect(await system.positionsOf(userId)).toEqual({ 'fiat:90002': '-1' });
    const reward = {
      ...printed('non-user-initiated-transaction-v1.staking-reward'),
      id: randomUUID(),
      user_id: userId,
    };
    expect(await system.becameOf(await system.post({ ...reward, asset_id: 90_002 }, V1))).toBe('parked');
    expect((await partnerflow(['book', id, '--as', 'fiat', '--reason', 'again'], environment)).code).toBe(1);
    expect((await partnerflow(['book', id, '--as', 'gold', '--reason', 'x'], environment)).code).toBe(2);
  });
});
