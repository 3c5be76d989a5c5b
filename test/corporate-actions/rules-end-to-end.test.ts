import { randomUUID } from 'node:crypto';

import { eventually } from '../support/eventually';
import { eventsOf, INSTRUMENTS } from './events-in-words';
import { type MovementSystem, openMovementSystem, printed } from './movements';

jest.setTimeout(120_000);

let system: MovementSystem;

beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive();
  system.work();
});

afterAll(() => system.close());

/** Posts movements in words, each credited a minute after the one before, in the order given by `arrive`. */
async function post(
  caId: string,
  userId: string,
  type: string,
  words: string,
  arrive: (events: readonly object[]) => readonly object[] = (events) => events,
): Promise<void> {
  for (const event of arrive(eventsOf({ caId, userId, type, words })))
    expect(await system.becameOf(await system.post(event))).toBe('applied');
}

async function judged(caId: string, userId: string, verdict: string): Promise<readonly string[]> {
  return eventually(async () => {
    const set = await system.setOf(caId, userId);
    expect(set.verdict).toBe(verdict);
    expect((await system.flowOf(caId, userId)).waitingFor).not.toContain('settle');
    return set.breaks.map(({ kind, leg }) => `${kind} ${leg}`);
  });
}

/** What a user is owed, as amount and state. */
async function owedTo(userId: string): Promise<readonly string[]> {
  return (await system.obligationsOf(userId)).map(({ amount, state }) => `${amount} ${state}`).sort();
}

const reversed = (events: readonly object[]) => [...events].reverse();

test('each example of a spin-off gives its verdict, and none of them changes those of the others', async () => {
  const caId = randomUUID();
  const sound = [1, 2, 3].map((n) => ({
    userId: randomUUID(),
    words: `-${n * 10} OLD, +${n * 10} OLD, +${n * 5} NEW`,
  }));
  for (const { userId, words } of sound) await post(caId, userId, 'spin_off', words);
  const examples: readonly (readonly [string, string, readonly string[]])[] = [
    ['-10 OLD, +10 OLD, +5 NEW, +5 NEW, -5 NEW', 'complete', []],
    ['-11 OLD, +11 OLD, +5 NEW, +3 EURO', 'complete', []],
    ['-1.9 OLD, +1.9 OLD, +3 EURO', 'complete', []],
    ['-11 OLD, +11 OLD, +4 NEW, +3 EURO', 'break', ['ratio-differs new-in']],
    ['-11 OLD, +11 OLD, +3 EURO', 'break', ['missing-leg new-in']],
    ['-10 OLD, +10 OLD, +5 NEW, +3 OTHER', 'break', ['mixed-instruments new-in']],
    ['-10 OLD, +10 OLD, -5 NEW', 'break', ['wrong-sign new-in', 'missing-leg new-in']],
    ['-8 OLD, +8 OLD', 'break', ['missing-leg new-in']],
    ['+5 NEW', 'unverified', []],
  ];
  const users = examples.map(() => randomUUID());
  for (const [index, [words]] of examples.entries()) {
    await post(caId, users[index] ?? '', 'spin_off', words, index % 2 === 0 ? reversed : undefined);
  }
  for (const [index, [words, verdict, breaks]] of examples.entries()) {
    expect([words, await judged(caId, users[index] ?? '', verdict)]).toEqual([words, breaks]);
  }
  for (const { userId } of sound) expect(await judged(caId, userId, 'complete')).toEqual([]);
  const alone = await system.setOf(caId, users.at(-1) ?? '');
  expect(alone.unverified).toEqual([{ reason: 'holdings not known', missing: ['opening', 'complete-through'] }]);
});

test.each([
  ['dividend', '+100 EURO, -100 EURO, +90 EURO', 'complete', [], ['0 cancelled', '90 open']],
  ['dividend', '+3 NEW, +100 EURO', 'complete', [], ['100 open']],
  ['dividend', '+100 EURO, +100 EURO', 'break', ['surplus-leg fiat'], ['100 held', '100 open']],
  ['dividend', '+100 EURO, -110 EURO', 'break', ['wrong-sign fiat'], ['0 cancelled']],
  ['dividend', '+100 EURO, -30 EURO', 'complete', [], ['70 open']],
  ['delisting', '-2 OLD, +2 OLD, -3 OLD, +4 EURO', 'complete', [], ['4 open']],
  ['reverse_stock_split', '-9 OLD, +3 EURO', 'unverified', [], ['3 open']],
])('%s: %s is %s, also where it arrives the other way round', async (type, words, verdict, breaks, owed) => {
  for (const arrive of [undefined, reversed]) {
    const [caId, userId] = [randomUUID(), randomUUID()];
    await post(caId, userId, type, words, arrive);
    expect(await judged(caId, userId, verdict)).toEqual(breaks);
    expect(await owedTo(userId)).toEqual(owed);
  }
});

test('a reverse split that leaves less than one new share, paid in money, is complete as the others say', async () => {
  const caId = randomUUID();
  const [first, second, small] = [randomUUID(), randomUUID(), randomUUID()];
  await post(caId, first, 'reverse_stock_split', '-20 OLD, +2 NEW');
  await post(caId, second, 'reverse_stock_split', '-30 OLD, +3 NEW');
  await post(caId, small, 'reverse_stock_split', '-9 OLD, +3 EURO');
  expect(await judged(caId, small, 'complete')).toEqual([]);
});

test('money taken back after it was passed on is of the wrong sign, and the payment stands', async () => {
  const [caId, userId] = [randomUUID(), randomUUID()];
  await post(caId, userId, 'dividend', '+100 EURO');
  await judged(caId, userId, 'complete');
  const [{ id } = { id: '' }] = await system.obligationsOf(userId);
  const paid = await system.call('POST', `/operations/obligations/${id}/paid`, { reference: 'a transfer' });
  expect(paid).toMatchObject({ status: 200, body: { state: 'paid' } });
  await post(caId, userId, 'dividend', '-100 EURO');
  expect(await judged(caId, userId, 'break')).toEqual(['wrong-sign fiat']);
  expect(await owedTo(userId)).toEqual(['100 paid']);
});

test('a tax refund in money moves money, and is to be passed on as well', async () => {
  const userId = randomUUID();
  const params = {
    ...{ id: randomUUID(), user_id: userId, type: 'tax_refund', direction: 'incoming', asset_id: 1 },
    ...{ asset_amount: '12.5', created_at: '2024-05-23T08:45:36Z' },
  };
  expect(await system.becameOf(await system.post(params, 'non-user-initiated-transactions'))).toBe('applied');
  expect(await system.positionsOf(userId)).toEqual({ 'fiat:1': '12.5' });
  expect(await owedTo(userId)).toEqual(['12.5 open']);
});

/** Posts the sets of many holders at once, by their words; their users. */
async function postAll(caId: string, type: string, sets: readonly string[]): Promise<readonly string[]> {
  const users = sets.map(() => randomUUID());
  const events = sets.flatMap((words, index) => eventsOf({ caId, userId: users[index] ?? '', type, words }));
  const deliveries = await Promise.all(events.map((event) => system.post(event)));
  for (const id of deliveries) expect(await system.becameOf(id)).toBe('applied');
  return users;
}

/** Verdicts of all holders of an action, counted, once they are as expected. */
function counted(caId: string, expected: Readonly<Record<string, number>>) {
  return eventually(async () => {
    const action = await system.actionOf(caId);
    const counts: Record<string, number> = {};
    for (const { verdict, breaks } of action.holders) {
      const said = [verdict, ...breaks.map(({ kind, leg }) => `${kind} ${leg}`)].join(', ');
      counts[said] = (counts[said] ?? 0) + 1;
    }
    expect(counts).toEqual(expected);
    return action;
  });
}

const spunOff = (count: number, more = ''): readonly string[] =>
  Array.from({ length: count }, (_, n) => `-${n + 1}0 OLD, +${n + 1}0 OLD, +${(n + 1) * 5} NEW${more}`);

test.each([
  { holders: 60, agree: 31, strays: 3, liars: 2 },
  { holders: 150, agree: 61, strays: 8, liars: 14 },
])('a stray third share in $strays of $holders sets leaves every other set its verdict', async (given) => {
  const { holders, agree, strays, liars } = given;
  const caId = randomUUID();
  const waiting = holders - agree - strays - liars;
  await postAll(caId, 'spin_off', [
    ...spunOff(agree),
    ...spunOff(strays, ', +2 OTHER'),
    ...Array.from({ length: liars }, (_, n) => `-10 OLD, +10 OLD, +${n + 6} NEW`),
    ...Array.from({ length: waiting }, () => '-8 OLD, +8 OLD'),
  ]);
  const action = await counted(caId, {
    complete: agree,
    'break, mixed-instruments new-in': strays,
    'break, ratio-differs new-in': liars,
    'break, missing-leg new-in': waiting,
  });
  expect(action).toMatchObject({ completeSets: agree + liars, agreeingSets: agree });
  expect(action.newInstruments).toEqual([INSTRUMENTS.NEW]);
  expect(action.ratio).not.toBeNull();
});

test.each([
  ['one set proves none', ['5'], null],
  ['two sets prove one', ['5', '5'], { low: '0.499999999', high: '0.500000001' }],
  ['one of three that contradicts does not', ['5', '5', '7'], { low: '0.499999999', high: '0.500000001' }],
  ['two of four are no majority', ['5', '5', '7', '8'], null],
  ['two against two are none', ['5', '5', '7', '7'], null],
])('the ratio is an open interval: %s', async (_name, received, ratio) => {
  const caId = randomUUID();
  await postAll(
    caId,
    'spin_off',
    received.map((amount) => `-10 OLD, +10 OLD, +${amount} NEW`),
  );
  await eventually(async () => {
    const action = await system.actionOf(caId);
    expect(action.holders.map(({ verdict }) => verdict)).not.toContain(null);
    expect([action.completeSets, action.ratio]).toEqual([received.length, ratio]);
  });
});

test('whether the partner cuts off or rounds, both sets are complete, and what is expected lies between', async () => {
  const caId = randomUUID();
  const [cut = ''] = await postAll(caId, 'spin_off', [
    '-3.05300681 OLD, +3.05300681 OLD, +1.5265034 NEW',
    '-3.05300681 OLD, +3.05300681 OLD, +1.52650341 NEW',
  ]);
  await counted(caId, { complete: 2 });
  expect((await system.setOf(caId, cut)).expectedNew).toEqual({ low: '1.5265034', high: '1.52650341' });
});

test('a share that two holders and a tenth of the receivers received is a new one, and is missed elsewhere', async () => {
  const [tenth, fewer] = [randomUUID(), randomUUID()];
  const two = Array.from({ length: 2 }, () => '-10 OLD, +10 OLD, +5 NEW, +3 OTHER');
  await postAll(tenth, 'spin_off', [...spunOff(18), ...two]);
  const action = await counted(tenth, { complete: 2, 'break, missing-leg new-in': 18 });
  expect([...action.newInstruments].sort()).toEqual([INSTRUMENTS.NEW, INSTRUMENTS.OTHER]);
  await postAll(fewer, 'spin_off', [...spunOff(19), ...two]);
  const other = await counted(fewer, { complete: 19, 'break, mixed-instruments new-in': 2 });
  expect(other.newInstruments).toEqual([INSTRUMENTS.NEW]);
});

describe('version 1 of a transaction that the user did not begin (rule 5)', () => {
  const V1 = 'non-user-initiated-transactions';
  const said = (userId: string, type: string) => ({
    ...printed('non-user-initiated-transaction-v1.staking-reward'),
    ...{ id: randomUUID(), user_id: userId, type, asset_id: 91_001, direction: 'incoming', asset_amount: '2.5' },
  });

  test.each(['metal_storage_fee', 'staking_reward', 'giveaway', 'otc_trade'])('%s moves a share', async (type) => {
    const userId = randomUUID();
    expect(await system.becameOf(await system.post(said(userId, type), V1))).toBe('applied');
    expect(await system.positionsOf(userId)).toEqual({ 'asset:91001': '2.5' });
    expect(await system.obligationsOf(userId)).toEqual([]);
  });

  test.each(['deduction', 'a_new_word'])('%s says neither, and is parked', async (type) => {
    const userId = randomUUID();
    const id = await system.post(said(userId, type), V1);
    expect(await system.becameOf(id)).toBe('parked');
    const { body } = await system.call('GET', `/operations/deliveries/${id}`);
    expect(body.problem).toMatchObject({ path: 'params.type' });
    expect(await system.positionsOf(userId)).toEqual({});
  });
});

test('fees and the value beside a share are shown, and book nothing (rules 3 and 4)', async () => {
  const userId = randomUUID();
  const params = {
    ...printed('non-user-initiated-transaction-v2.staking-reward'),
    ...{ id: randomUUID(), user_id: userId, fiat_id: 1, fiat_amount: '12.00' },
  };
  expect(await system.becameOf(await system.post(params, 'non-user-initiated-transactions-v2'))).toBe('applied');
  expect(Object.keys(await system.positionsOf(userId))).toEqual([expect.stringMatching(/^asset:/)]);
  expect(await system.obligationsOf(userId)).toEqual([]);
});

test('what a test domain moves stays out of the ledger where nothing is configured, and its orders are marked', async () => {
  const userId = randomUUID();
  const params = {
    ...printed('non-user-initiated-transaction-v2.staking-reward'),
    ...{ id: randomUUID(), user_id: userId, domain_slug: 'b2b2c_qa' },
  };
  const id = await system.post(params, 'non-user-initiated-transactions-v2');
  expect(await system.becameOf(id)).toBe('parked');
  const { body: parked } = await system.call('GET', `/operations/deliveries/${id}`);
  expect(parked.problem).toMatchObject({ path: 'params.domain_slug', found: 'b2b2c_qa' });
  expect(await system.positionsOf(userId)).toEqual({});
  const tradeId = randomUUID();
  const order = { trade_id: tradeId, user_id: userId, status: 'finished', domain_slug: 'b2b2c_qa' };
  expect(await system.becameOf(await system.post(order, 'automated-orders'))).toBe('applied');
  const flow = await system.call('GET', `/operations/flows/${encodeURIComponent(`bitpanda:order:${tradeId}`)}`);
  expect(flow.body).toMatchObject({ facts: { sandbox: 'true' } });
});
