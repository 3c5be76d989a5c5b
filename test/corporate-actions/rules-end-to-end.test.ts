import { randomUUID } from 'node:crypto';

import { eventually } from '../support/eventually';
import { type MovementOf, type MovementSystem, openMovementSystem, paramsOf } from './movements';

jest.setTimeout(120_000);

let system: MovementSystem;

beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive();
  system.work();
});

afterAll(() => system.close());

const [OLD, NEW, OTHER] = [1477, 1479, 1481];
const SHARES: Readonly<Record<string, number>> = { OLD, NEW, OTHER };

/** Posts movements in words, each credited a minute after the one before, in the order given by `arrive`. */
async function post(
  caId: string,
  userId: string,
  type: string,
  words: string,
  arrive: (events: readonly MovementOf[]) => readonly MovementOf[] = (events) => events,
): Promise<void> {
  const events = words.split(', ').map((word, index): MovementOf => {
    const [amount = '', share = ''] = word.replace('+', '').split(' ');
    const creditedAt = `2024-05-23T08:${String(10 + index)}:00Z`;
    const moved = share === 'EURO' ? { fiatAmount: amount } : { amount, asset: SHARES[share] ?? 0 };
    return { caId, userId, type, creditedAt, id: randomUUID(), ...moved };
  });
  for (const event of arrive(events)) expect(await system.becameOf(await system.post(paramsOf(event)))).toBe('applied');
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

const reversed = (events: readonly MovementOf[]) => [...events].reverse();

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
