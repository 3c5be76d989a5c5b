import { randomUUID } from 'node:crypto';

import type { Recurrence } from '../../src/domain/lifecycles/savings-plan/recurrence';
import { momentOf } from '../../src/domain/partner-time';
import type { Webhook } from '../faults/partner-stub';
import { eventually } from '../support/eventually';
import { type LifecycleSystem, openLifecycleSystem } from './lifecycle-system';
import { bitpanda, coinify, tradeOf, tradevest } from './webhooks';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;

let system: LifecycleSystem;

beforeAll(async () => {
  system = await openLifecycleSystem();
});

afterAll(() => system.close());

const soon = (inMs: number): string => new Date(Date.now() + inMs).toISOString();

describe('a savings plan', () => {
  const upcoming = (plan: string, transactionId: string, deadline: string): Webhook =>
    bitpanda(system.url, 'savings-plan-upcoming-trade-v2', {
      savings_plan_id: plan,
      external_transaction_id: transactionId,
      user_id: randomUUID(),
      fiat_amount: '25.00',
      savings_plan_frequency: 'monthly',
      savings_plan_day: 31,
      savings_plan_next_recurrence: new Date((momentOf(deadline) ?? 0) + HOUR_MS).toISOString(),
      savings_plan_transaction_confirmation_deadline: deadline,
    });
  const end = (plan: string, transactionId: string, route: 'successful' | 'failed', status: string): Webhook =>
    bitpanda(system.url, `savings-plan-${route}-trade`, {
      savings_plan_id: plan,
      external_transaction_id: transactionId,
      savings_plan_transaction_status: status,
    });
  const decided = (workflowId: string, transactionId: string, expected: Partial<Recurrence>) =>
    eventually(async () => {
      const { recurrences = [] } = await system.shown(workflowId);
      const one = recurrences.find((recurrence) => recurrence.transactionId === transactionId);
      expect(one).toMatchObject(expected);
    });

  test.each([
    ['declined, and finished all the same', 'no', 'successful', 'finished'],
    ['confirmed, and then not confirmed', 'yes', 'failed', 'not_confirmed'],
    ['confirmed, and finished on the route of failures', 'yes', 'failed', 'finished'],
  ] as const)('%s is told', async (_title, answer, route, status) => {
    const [plan, transactionId] = [randomUUID(), `${answer}-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    expect(await system.post(workflowId, upcoming(plan, transactionId, soon(HOUR_MS)))).toEqual(['applied']);
    await decided(workflowId, transactionId, answer === 'no' ? { decision: 'decline' } : { decision: 'confirm' });
    if (answer === 'yes') await decided(workflowId, transactionId, { confirmedAt: expect.any(String) });
    expect(await system.post(workflowId, end(plan, transactionId, route, status))).toEqual(['applied']);
    const flow = await system.told(workflowId, { finding: 'contradiction', open: true, waitingFor: ['upcoming'] });
    expect(flow.recurrences).toMatchObject([{ transactionId, state: status }]);
  });

  test('announced twice under two transaction ids, the second is not confirmed by itself', async () => {
    const [plan, first, second] = [randomUUID(), `yes-${randomUUID()}`, `yes-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    const deadline = soon(HOUR_MS);
    expect(await system.post(workflowId, upcoming(plan, first, deadline), upcoming(plan, second, deadline))).toEqual([
      'applied',
      'applied',
    ]);
    await decided(workflowId, first, { confirmedAt: expect.any(String) });
    await system.told(workflowId, { open: true });
    await decided(workflowId, second, { decision: 'none', confirmedAt: null });
  });

  test('a word that nobody knows on the route of failures is a failure', async () => {
    const [plan, transactionId] = [randomUUID(), `yes-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    expect(await system.post(workflowId, end(plan, transactionId, 'failed', 'insufficient_funds'))).toEqual([
      'applied',
    ]);
    expect(await system.shown(workflowId)).toMatchObject({
      recurrences: [{ state: 'insufficient_funds' }],
      findings: [],
    });
  });

  test('a deadline without an offset is UTC, with receiver and worker in other zones', async () => {
    const [plan, transactionId] = [randomUUID(), `yes-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    const deadline = soon(HOUR_MS / 2);
    await system.post(workflowId, upcoming(plan, transactionId, deadline.replace('Z', '').replace('.', ',')));
    await decided(workflowId, transactionId, { deadline, confirmedAt: expect.any(String) });
  });
});

describe('a Coinify trade', () => {
  const says = (id: string, state: string): Webhook => coinify(`trade.${state}`, tradeOf(id));

  test.each(['cancelled', 'expired'])(
    'that is %s after its payment ends so once the read says it too',
    async (ending) => {
      const id = String(Math.floor(Math.random() * 1e12));
      const workflowId = `coinify:trade:${id}`;
      system.partners.states.set(id, 'processing');
      expect(await system.post(workflowId, says(id, 'created'), says(id, 'transfer-in-completed'))).toEqual([
        'applied',
        'applied',
      ]);
      system.partners.states.set(id, ending);
      expect(await system.post(workflowId, says(id, ending))).toEqual(['illegal']);
      await system.told(workflowId, { state: ending, open: false });
    },
  );

  test.each(['cancelled', 'expired', 'rejected'])(
    'whose payment comes after it was %s: late, and told',
    async (ending) => {
      const id = String(Math.floor(Math.random() * 1e12));
      const workflowId = `coinify:trade:${id}`;
      expect(await system.post(workflowId, says(id, ending))).toEqual(['applied']);
      await eventually(async () => expect(await system.shown(workflowId)).toMatchObject({ open: false, findings: [] }));
      expect(await system.post(workflowId, says(id, 'transfer-in-completed'))).toEqual(['late']);
      await system.told(workflowId, { state: ending, open: false, finding: 'contradiction' });
    },
  );

  test('one event id with two meanings in the same moment: one is first, the other contradicts', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = String(Math.floor(Math.random() * 1e12));
      const workflowId = `coinify:trade:${id}`;
      system.partners.states.set(id, 'awaiting_transfer_in');
      const eventId = randomUUID();
      await Promise.all(
        [100, 200].map((amount) => system.keep(coinify('trade.created', tradeOf(id, amount), null, eventId))),
      );
      await eventually(async () => {
        const { notifications } = await system.shown(workflowId);
        expect(notifications.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'illegal']);
      });
    }
  });
});

test('a correction after SETTLED is late, and told; the order’s CANCELLED is CANCELED', async () => {
  const orderId = randomUUID();
  const workflowId = `tradevest:order:${orderId}`;
  const says = (status: string): Webhook => tradevest('traditional-asset-order-notification', { orderId, status });
  system.partners.states.set(orderId, 'SETTLED');
  expect(await system.post(workflowId, says('SETTLED'))).toEqual(['applied']);
  await eventually(async () => expect(await system.shown(workflowId)).toMatchObject({ open: false, findings: [] }));
  expect(await system.post(workflowId, says('CORRECTED'))).toEqual(['late']);
  await system.told(workflowId, { state: 'SETTLED', finding: 'contradiction' });
  expect(await system.post(workflowId, says('CANCELLED'))).toEqual(['late']);
  await eventually(async () => expect((await system.shown(workflowId)).findings).toHaveLength(2));
});

test('two payouts, and two deposits, under one reference are both kept, and contradict', async () => {
  const reference = randomUUID();
  const payout = (pid: string): Webhook =>
    bitpanda(system.url, 'send-money', {
      ...{ pid, reference, timestamp: 1_700_000_000, amount_sent: '10.00', fiat_symbol: 'EUR' },
    });
  expect(await system.post(`bitpanda:payout:${reference}`, payout('p-1'), payout('p-2'))).toEqual([
    'applied',
    'applied',
  ]);
  const flow = await system.told(`bitpanda:payout:${reference}`, { open: true, finding: 'contradiction' });
  expect(flow.facts).toMatchObject({ pid: 'p-1', amount: '10', 'further pid': 'p-2 (10 EUR)' });
  const deposit = (id: string): Webhook =>
    bitpanda(system.url, 'top-up-success', {
      ...{ id, reference, timestamp: 1_700_000_000, fiat_amount: '10.00', fiat_symbol: 'EUR' },
    });
  expect(await system.post(`bitpanda:deposit:${reference}`, deposit('d-1'))).toEqual(['applied']);
  await eventually(async () =>
    expect(await system.shown(`bitpanda:deposit:${reference}`)).toMatchObject({ open: false }),
  );
  expect(await system.post(`bitpanda:deposit:${reference}`, deposit('d-2'))).toEqual(['late']);
  await system.told(`bitpanda:deposit:${reference}`, {
    open: false,
    facts: { id: 'd-1', 'further id': 'd-2 (10 EUR)' },
  });
});

describe('people', () => {
  test('an identification that was approved and is rejected later is rejected, and told: Coinify', async () => {
    const traderId = String(Math.floor(Math.random() * 1e12));
    const workflowId = `coinify:identification:${traderId}`;
    const says = (state: string, time: string): Webhook =>
      coinify(
        `identification-attempt.${state}`,
        { traderId, ...(state === 'rejected' ? { rejectReason: 'DENIED' } : {}) },
        time,
      );
    const outcomes = await system.post(
      workflowId,
      says('approved', '2026-03-02T09:00:00,5Z'),
      says('rejected', '2026-03-02T09:00:00.6Z'),
    );
    expect(outcomes).toEqual(['applied', 'applied']);
    await system.told(workflowId, { state: 'rejected', open: false });
  });

  test('an identification that was approved and is rejected later is rejected, and told: Tradevest', async () => {
    const id = randomUUID();
    const workflowId = `tradevest:identification:${id}`;
    const says = (status: string, modifiedOn: string): Webhook =>
      tradevest('identification-verification-notification', { identificationVerificationId: id, status, modifiedOn });
    system.partners.states.set(id, 'APPROVED');
    expect(await system.post(workflowId, says('APPROVED', '2026-03-29T02:30:00'))).toEqual(['applied']);
    await eventually(async () => expect(await system.shown(workflowId)).toMatchObject({ open: false }));
    system.partners.states.set(id, 'REJECTED');
    expect(await system.post(workflowId, says('REJECTED', '2026-03-29T02:30:01'))).toEqual(['applied']);
    await system.told(workflowId, { state: 'REJECTED', open: false });
  });

  test('a customer’s way back without a time makes the object be read, and the read decides', async () => {
    const id = randomUUID();
    const workflowId = `tradevest:customer:${id}`;
    const says = (status: string): Webhook => tradevest('customer-notification', { customerId: id, status });
    system.partners.states.set(id, 'PENDING');
    expect(await system.post(workflowId, says('PENDING'), says('CREATED'))).toEqual(['applied', 'repeated']);
    await eventually(() => expect(system.partners.reads).toBeGreaterThan(0));
    expect(await system.shown(workflowId)).toMatchObject({ state: 'PENDING', open: true });
    system.partners.states.set(id, 'CREATED');
    expect(await system.post(workflowId, says('CREATED'))).toEqual(['repeated']);
    await eventually(async () =>
      expect(await system.shown(workflowId)).toMatchObject({ state: 'CREATED', open: false }),
    );
  });
});

test('a crypto transfer on hold waits, and a rejected one is over', async () => {
  const id = randomUUID();
  const workflowId = `bitpanda:transfer:${id}`;
  const says = (status: string): Webhook =>
    bitpanda(system.url, 'crypto-transfers', { id, transaction_status: status });
  system.partners.states.set(id, 'on-hold');
  expect(await system.post(workflowId, says('pending'), says('on-hold'))).toEqual(['applied', 'applied']);
  expect(await system.shown(workflowId)).toMatchObject({ state: 'on-hold', open: true });
  expect(await system.post(workflowId, says('rejected'))).toEqual(['applied']);
  await eventually(async () =>
    expect(await system.shown(workflowId)).toMatchObject({ state: 'rejected', open: false }),
  );
});

test('every delivery has its outcome, and the balance holds', async () => {
  await eventually(async () => expect(await system.balance()).toMatchObject({ pending: 0, open: 0, balanced: true }));
});
