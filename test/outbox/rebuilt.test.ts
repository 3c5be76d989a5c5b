import { randomUUID } from 'node:crypto';

import { Agent } from 'undici';

import { mapConcurrently } from '../../src/lib/concurrency';
import { reverseMovements } from '../../src/store/ledger/reversals';
import { type MovementSystem, openMovementSystem, paramsOf, printed } from '../corporate-actions/movements';
import { send, tradevestWebhook } from '../faults/partner-stub';
import { eventually } from '../support/eventually';
import { wholeFeed } from '../support/whole-feed';
import { type Bank, isRecord, plain, rebuilt, sums } from './bank';

jest.setTimeout(600_000);

const CUSTOMERS = 200;
const AT_ONCE = 8;
const PATIENCE_MS = 240_000;
const HOUR_MS = 3_600_000;

let system: MovementSystem;
const agent = new Agent({ connections: AT_ONCE });
beforeAll(async () => {
  system = await openMovementSystem('PT1S');
  const decision = { SAVINGS_PLAN_DECISION_URL: 'auto' };
  await system.receive(decision);
  system.work(decision);
});
afterAll(async () => {
  await agent.close();
  await system.close();
});

async function order(index: number): Promise<void> {
  const id = randomUUID();
  const states = [
    ['PLACED'],
    ['PLACED', 'FILLED', 'SETTLED'],
    ['PLACED', 'REJECTED'],
    ['PLACED', 'PARTIALLY_FILLED', 'FILLED'],
  ][index % 4];
  for (const state of states ?? []) {
    system.partners.states.set(id, state);
    expect(await send(system.url, tradevestWebhook(id, state), agent)).not.toBeNull();
  }
}

const ACTIONS = Array.from({ length: 10 }, () => randomUUID());

/** A share for which another comes, money beside it, and for some a leg too few. */
async function movements(userId: string, index: number): Promise<void> {
  const caId = ACTIONS[index % ACTIONS.length] ?? '';
  await system.post(paramsOf({ caId, userId, amount: '-10.5' }));
  if (index % 5 !== 0) await system.post(paramsOf({ caId, userId, amount: '10.5' }));
  await system.post(paramsOf({ caId, userId, asset: 1479, amount: '2.25' }));
  await system.post(paramsOf({ caId, userId, fiatAmount: '3.20' }));
}

async function savings(userId: string, index: number): Promise<void> {
  const [plan, transaction] = [randomUUID(), randomUUID()];
  const ids = { savings_plan_id: plan, external_transaction_id: transaction, user_id: userId };
  const soon = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
  system.partners.states.set(plan, 'active');
  const upcoming = {
    ...printed('savings-plan-upcoming-trade-v2.synthetic'),
    ...ids,
    savings_plan_next_recurrence: soon(24),
    savings_plan_transaction_confirmation_deadline: soon(2),
  };
  await system.post(upcoming, 'savings-plan-upcoming-trade-v2');
  if (index % 3 === 0)
    await system.post(
      { ...printed('savings-plan-successful-trade.synthetic'), ...ids },
      'savings-plan-successful-trade',
    );
  if (index % 3 === 1)
    await system.post(
      { ...printed('savings-plan-failed-trade.not-confirmed.synthetic'), ...ids },
      'savings-plan-failed-trade',
    );
}

/** Items of all pages of a listing of the operations API. */
async function listed(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const items: Readonly<Record<string, unknown>>[] = [];
  for (let after = ''; ;) {
    const { body } = await system.call('GET', `${path}?limit=500${after}`);
    if (Array.isArray(body.items)) items.push(...body.items.filter(isRecord));
    if (typeof body.next !== 'string') return items;
    after = `&after=${body.next}`;
  }
}

/** The same as the rows of partnerflow have it. */
async function ownRows(): Promise<Bank> {
  const { kysely } = system.database;
  const rows = await kysely.selectFrom('subjects').select(['workflow_id', 'lifecycle', 'state', 'subject']).execute();
  const orders = rows.filter(({ lifecycle }) => lifecycle === 'order');
  const recurrences = rows.flatMap(({ subject }) => subject?.recurrences ?? []);
  const reserved = recurrences.filter(({ final, decision }) => !final && decision !== 'decline' && decision !== 'none');
  return {
    orders: Object.fromEntries(orders.map(({ workflow_id, state }) => [workflow_id, state])),
    obligations: Object.fromEntries(
      (await listed('/operations/obligations')).map(({ id, state, amount }) => [
        String(id),
        { state: String(state), amount: String(amount) },
      ]),
    ),
    holdings: Object.fromEntries(
      (await listed('/operations/positions'))
        .filter(({ amount }) => amount !== '0')
        .map(({ userId, instrument, amount }) => [`${String(userId)} ${String(instrument)}`, String(amount)]),
    ),
    reserved: plain(sums(reserved.map(({ userId, amount }) => ({ user: userId ?? '', amount: amount ?? '0' })))),
  };
}

/** Nothing is under way any more: every delivery has an outcome, every set its verdict, every change its number. */
async function isQuiet(): Promise<void> {
  const { kysely } = system.database;
  const { body } = await system.call('GET', '/operations/balance');
  expect(body).toMatchObject({ pending: 0, open: 0, balanced: true });
  const unjudged = await kysely.selectFrom('transaction_sets').select('user_id').where('verdict', 'is', null).execute();
  expect(unjudged).toEqual([]);
  expect(await kysely.selectFrom('message_changes').select('position').execute()).toEqual([]);
}

test('a bank of two hundred customers that reads the feed alone knows what partnerflow knows', async () => {
  const customers = Array.from({ length: CUSTOMERS }, () => randomUUID());
  await mapConcurrently([...customers.entries()], AT_ONCE, async ([index, userId]) => {
    await Promise.all([order(index), movements(userId, index), savings(userId, index)]);
  });
  await eventually(isQuiet, PATIENCE_MS);
  const owed = await listed('/operations/obligations');
  for (const [index, { id, state, transactionId }] of owed.entries()) {
    if (state !== 'open') continue;
    if (index % 4 === 0) await system.call('POST', `/operations/obligations/${String(id)}/paid`, { reference: 'r' });
    if (index % 4 !== 1) continue;
    const reversal = {
      partner: 'bitpanda',
      transactionId: String(transactionId),
      by: 'alice',
      reason: 'twice',
    } as const;
    await reverseMovements(system.database.kysely, reversal);
  }
  await eventually(async () => {
    await isQuiet();
    const own = await ownRows();
    const bank = rebuilt(await wholeFeed(system.database.kysely));
    // An obligation whose movement an operator took back is cancelled for the bank, and listed no more here.
    const obligations = Object.fromEntries(
      Object.entries(bank.obligations).filter(([id, { state }]) => state !== 'cancelled' || id in own.obligations),
    );
    expect({ ...bank, obligations }).toEqual(own);
  }, PATIENCE_MS);
  const own = await ownRows();
  expect(Object.keys(own.orders)).toHaveLength(CUSTOMERS);
  const states = Object.values(own.obligations).map(({ state }) => state);
  expect(states).toEqual(expect.arrayContaining(['open', 'paid']));
  expect(Object.keys(own.reserved).length).toBeGreaterThan(CUSTOMERS / 4);
});
