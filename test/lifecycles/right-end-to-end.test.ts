import { randomUUID } from 'node:crypto';

import { paramsOf } from '../corporate-actions/movements';
import type { Webhook } from '../faults/partner-stub';
import { reset } from '../reconcile/outside';
import { eventually } from '../support/eventually';
import { partnerflow } from '../support/partnerflow';
import { type LifecycleSystem, openLifecycleSystem } from './lifecycle-system';
import { bitpanda, coinify, tradeOf, tradevest } from './webhooks';

jest.setTimeout(120_000);

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

let system: LifecycleSystem;

beforeAll(async () => {
  // What is owed after CANCELED is due at once, and sets are judged at once, so that neither need be waited for.
  const due = { 'tradevest:order': { CANCELED: 'PT1S' }, 'bitpanda:corporate-action': { settle: 'PT0.5S' } };
  system = await openLifecycleSystem({ due });
});

afterAll(() => system.close());

const soon = (inMs: number): string => new Date(Date.now() + inMs).toISOString();

/** The delivery as the API shows it, once it is decided. */
function decided(id: string) {
  return eventually(async () => {
    const { text } = await system.call('GET', `/operations/deliveries/${id}`);
    const delivery: { readonly status: string; readonly problem: object | null; readonly unread: readonly object[] } =
      JSON.parse(text);
    expect(delivery.status).not.toBe('pending');
    return delivery;
  });
}

const upcoming = (plan: string, transactionId: string, more: object): Webhook =>
  bitpanda(system.url, 'savings-plan-upcoming-trade-v2', {
    ...{ savings_plan_id: plan, external_transaction_id: transactionId, user_id: 'u-1', fiat_amount: '25.00' },
    ...{ savings_plan_frequency: 'monthly', savings_plan_day: 31 },
    ...more,
  });

describe('a contradiction is never silent', () => {
  test('a recurrence that nobody decided, and that finished all the same, is told', async () => {
    const [plan, transactionId] = [randomUUID(), `silent-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    const deadline = { savings_plan_transaction_confirmation_deadline: soon(HOUR_MS) };
    expect(await system.post(workflowId, upcoming(plan, transactionId, deadline))).toEqual(['applied']);
    await eventually(async () => {
      const { recurrences = [] } = await system.shown(workflowId);
      expect(recurrences).toMatchObject([{ transactionId, decision: 'asked', confirmedAt: null }]);
    });
    const ended = { savings_plan_id: plan, external_transaction_id: transactionId };
    const finished = bitpanda(system.url, 'savings-plan-successful-trade', {
      ...ended,
      savings_plan_transaction_status: 'finished',
    });
    expect(await system.post(workflowId, finished)).toEqual(['applied']);
    await system.told(workflowId, { recurrences: [{ transactionId, state: 'finished' }] });
  });

  test.each(['cancelled', 'expired'])('a trade that a read says was %s after its payment ends so', async (ending) => {
    const id = String(Math.floor(Math.random() * 1e12));
    const workflowId = `coinify:trade:${id}`;
    system.partners.states.set(id, 'processing');
    const paid = coinify('trade.transfer-in-completed', tradeOf(id));
    expect(await system.post(workflowId, coinify('trade.created', tradeOf(id)), paid)).toEqual(['applied', 'applied']);
    system.partners.states.set(id, ending);
    const path = `/operations/flows/${encodeURIComponent(workflowId)}/refetch`;
    expect(await system.call('POST', path, { reason: 'a customer asks' })).toMatchObject({ status: 200 });
    await system.told(workflowId, { state: ending, open: false });
  });

  test('a completion after a rejection is late, and told', async () => {
    const id = String(Math.floor(Math.random() * 1e12));
    const workflowId = `coinify:trade:${id}`;
    expect(await system.post(workflowId, coinify('trade.rejected', tradeOf(id)))).toEqual(['applied']);
    await eventually(async () => expect(await system.shown(workflowId)).toMatchObject({ open: false, findings: [] }));
    expect(await system.post(workflowId, coinify('trade.completed', tradeOf(id)))).toEqual(['late']);
    await system.told(workflowId, { state: 'rejected', finding: 'contradiction' });
  });
});

describe('what is over, ends', () => {
  test('a corrected order that is canceled ends once the read says it too, whatever quantity the read still shows', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    const says = (status: string): Webhook => tradevest('digital-asset-order-notification', { orderId, status });
    system.partners.states.set(orderId, 'FILLED');
    system.partners.fields.set(orderId, { executionData: { quantity: 5, executionAmount: 50 } });
    expect(await system.post(workflowId, says('FILLED'), says('CORRECTED'), says('CANCELED'))).toEqual([
      'applied',
      'applied',
      'applied',
    ]);
    await eventually(async () =>
      expect(await system.shown(workflowId)).toMatchObject({ state: 'CANCELED', open: true }),
    );
    system.partners.states.set(orderId, 'CANCELED');
    const path = `/operations/flows/${encodeURIComponent(workflowId)}/refetch`;
    expect(await system.call('POST', path, { reason: 'it was canceled' })).toMatchObject({ status: 200 });
    await eventually(async () =>
      expect(await system.shown(workflowId)).toMatchObject({ state: 'CANCELED', open: false }),
    );
  });

  test('a canceled order that was executed in part, and not corrected, still waits for its settlement', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    system.partners.states.set(orderId, 'CANCELED');
    system.partners.fields.set(orderId, { executionData: { quantity: 5, executionAmount: 50 } });
    const canceled = tradevest('digital-asset-order-notification', { orderId, status: 'CANCELED' });
    expect(await system.post(workflowId, canceled)).toEqual(['applied']);
    await eventually(async () =>
      expect(await system.shown(workflowId)).toMatchObject({
        ...{ state: 'CANCELED', open: true, waitingFor: ['SETTLED'] },
      }),
    );
  });

  test.each(['FILLED', 'EXPIRED'])(
    'a read that was asked in %s, before a correction, revives nothing that the correction took back',
    async (state) => {
      const orderId = randomUUID();
      const workflowId = `tradevest:order:${orderId}`;
      const says = (status: string): Webhook => tradevest('digital-asset-order-notification', { orderId, status });
      system.partners.states.set(orderId, 'PLACED');
      expect(await system.post(workflowId, says('PLACED'))).toEqual(['applied']);
      const held = system.partners.hold(orderId);
      system.partners.states.set(orderId, state);
      system.partners.fields.set(orderId, { executionData: { quantity: 5, executionAmount: 50 } });
      expect(await system.post(workflowId, says(state))).toEqual(['applied']);
      await eventually(() => expect(held.waiting()).toBeGreaterThan(0));
      system.partners.fields.delete(orderId);
      system.partners.states.set(orderId, state === 'FILLED' ? 'CORRECTED' : state);
      expect(await system.post(workflowId, says('CORRECTED'))).toEqual(['applied']);
      held.end();
      if (state === 'FILLED') {
        system.partners.states.set(orderId, 'EXPIRED');
        expect(await system.post(workflowId, says('EXPIRED'))).toEqual(['applied']);
      }
      await eventually(async () =>
        expect(await system.shown(workflowId)).toMatchObject({ state: 'EXPIRED', open: false, findings: [] }),
      );
    },
  );

  test('an overdue read that says the same state, without the quantity that a settlement was owed for, ends the order', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    const held = system.partners.hold(orderId);
    system.partners.states.set(orderId, 'CANCELED');
    system.partners.fields.set(orderId, { executionData: { quantity: 5, executionAmount: 50 } });
    const canceled = tradevest('digital-asset-order-notification', { orderId, status: 'CANCELED' });
    expect(await system.post(workflowId, canceled)).toEqual(['applied']);
    await eventually(() => expect(held.waiting()).toBeGreaterThan(0));
    system.partners.fields.set(orderId, { executionData: { quantity: 0, executionAmount: 0 } });
    held.release();
    await eventually(() => expect(held.waiting()).toBeGreaterThan(0));
    expect(await system.shown(workflowId)).toMatchObject({ state: 'CANCELED', open: true, waitingFor: ['SETTLED'] });
    held.end();
    await eventually(async () =>
      expect(await system.shown(workflowId)).toMatchObject({ state: 'CANCELED', open: false, findings: [] }),
    );
  });

  test('a flow that was reset, and meets the row of the run before, loses nothing that it has heard', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    const says = (status: string): Webhook => tradevest('digital-asset-order-notification', { orderId, status });
    system.partners.states.set(orderId, 'PARTIALLY_FILLED');
    expect(await system.post(workflowId, says('PLACED'), says('PARTIALLY_FILLED'))).toEqual(['applied', 'applied']);
    const work = await system.stopWork();
    system.partners.states.set(orderId, 'SETTLED');
    const unheard = [await system.keep(says('FILLED')), await system.keep(says('SETTLED'))];
    for (const id of unheard) expect(await decided(id)).toMatchObject({ status: 'delivered' });
    await reset(system, workflowId, true);
    work();
    const flow = await eventually(async () => {
      const now = await system.shown(workflowId);
      expect(now).toMatchObject({ state: 'SETTLED', open: false, findings: [] });
      return now;
    });
    expect(flow.notifications.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied', 'applied']);
  });

  test('a flow of a corporate action that was reset takes in a movement that only the new run is told of, and judges', async () => {
    const [caId, userId] = [randomUUID(), randomUUID()];
    const setId = `bitpanda:corporate-action:${caId}:${userId}`;
    const moved = (asset: number, amount: string): Webhook =>
      bitpanda(system.url, 'corporate-actions', paramsOf({ caId, userId, asset, amount }));
    const judged = (verdict: string, shown: object) =>
      eventually(async () => {
        const { text } = await system.call('GET', `/operations/corporate-actions/${caId}`);
        expect(JSON.parse(text)).toMatchObject({ holders: [{ userId, verdict }] });
        expect(await system.shown(setId)).toMatchObject(shown);
      });
    await system.keep(moved(1477, '-10'));
    await system.keep(moved(1477, '10'));
    await judged('unverified', { open: true, waitingFor: ['answer'] });
    const work = await system.stopWork();
    expect(await decided(await system.keep(moved(1479, '5')))).toMatchObject({ status: 'delivered' });
    await reset(system, `bitpanda:corporate-action:${caId}`, true);
    work();
    await judged('complete', { open: false, waitingFor: [] });
  });

  test('a trade that is reviewed is open, and one that was a test is completed, and marked as of the sandbox', async () => {
    const [reviewed, tested] = [1, 2].map(() => String(Math.floor(Math.random() * 1e12)));
    for (const [id = '', word] of [
      [reviewed, 'reviewing'],
      [tested, 'completed_test'],
    ] as const) {
      system.partners.states.set(id, word);
      const workflowId = `coinify:trade:${id}`;
      expect(await system.post(workflowId, coinify('trade.created', tradeOf(id)))).toEqual(['applied']);
      const path = `/operations/flows/${encodeURIComponent(workflowId)}/refetch`;
      expect(await system.call('POST', path, { reason: 'look' })).toMatchObject({ status: 200 });
    }
    await eventually(async () =>
      expect(await system.shown(`coinify:trade:${reviewed ?? ''}`)).toMatchObject({ state: 'reviewing', open: true }),
    );
    await eventually(async () =>
      expect(await system.shown(`coinify:trade:${tested ?? ''}`)).toMatchObject({
        ...{ state: 'completed', open: false, facts: { sandbox: 'completed_test' } },
      }),
    );
  });
});

describe('calendars and clocks', () => {
  /** The days on which TARGET is closed, by the rule of the European Central Bank; Easter by the rule of Gauss and Butcher. */
  function isClosed(day: Date): boolean {
    const year = day.getUTCFullYear();
    const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
    const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
    const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
    const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
    const easterMs = Date.UTC(year, Math.floor(f / 31) - 1, (f % 31) + 1);
    const fixed = ['01-01', '05-01', '12-25', '12-26'].includes(day.toISOString().slice(5, 10));
    const moved = [easterMs - 2 * DAY_MS, easterMs + DAY_MS].includes(day.getTime());
    return [0, 6].includes(day.getUTCDay()) || fixed || moved;
  }

  test('a filled order is due after three days on which TARGET is open', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    system.partners.states.set(orderId, 'FILLED');
    const filled = tradevest('traditional-asset-order-notification', { orderId, status: 'FILLED' });
    expect(await system.post(workflowId, filled)).toEqual(['applied']);
    const { since, dueAt } = await system.shown(workflowId);
    let dayMs = Date.parse(`${since.slice(0, 10)}T00:00:00Z`);
    for (let open = 0; open < 3;) {
      dayMs += DAY_MS;
      if (!isClosed(new Date(dayMs))) open += 1;
    }
    expect(dueAt).toBe(`${new Date(dayMs).toISOString().slice(0, 10)}${since.slice(10)}`);
  });

  test('a day that does not exist is no time: it parks where it decides, and is left out where it does not', async () => {
    const plan = randomUUID();
    const noDay = { savings_plan_transaction_confirmation_deadline: '2036-02-30T10:00:00Z' };
    const parked = await decided(await system.keep(upcoming(plan, randomUUID(), noDay)));
    const path = 'params.savings_plan_transaction_confirmation_deadline';
    expect(parked).toMatchObject({ status: 'parked', problem: { path } });
    const customer = { customerId: randomUUID(), status: 'PENDING', modifiedOn: '2026-02-29T10:00:00Z' };
    const taken = await decided(await system.keep(tradevest('customer-notification', customer)));
    expect(taken).toMatchObject({ status: 'delivered', unread: [{ path: 'modifiedOn' }] });
  });

  test('a time that a partner’s data would put beyond the calendar stays within it', async () => {
    const plan = randomUUID();
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    const last = {
      savings_plan_next_recurrence: '9999-12-31T23:30:00Z',
      savings_plan_transaction_confirmation_deadline: '9999-12-31T22:30:00Z',
    };
    const transactionId = `yes-${randomUUID()}`;
    expect(await system.post(workflowId, upcoming(plan, transactionId, last))).toEqual(['applied']);
    const { dueAt } = await system.shown(workflowId);
    expect(dueAt).toMatch(/^9999-12-31T/);
  });
});

describe('written for ever, or not at all', () => {
  const UNWRITABLE = ['a\u0000b', 'a\u001b[31mb', 'a\ud83eb', '\udd86'];

  test.each(UNWRITABLE)('an id with %j parks, and a reason with it is left out', async (text) => {
    const named = await decided(
      await system.keep(tradevest('customer-notification', { customerId: text, status: 'PENDING' })),
    );
    expect(named).toMatchObject({ status: 'parked', problem: { path: 'customerId' } });
    const refused = { customerId: randomUUID(), status: 'PENDING', validationError: { errorType: text } };
    expect(await decided(await system.keep(tradevest('customer-notification', refused)))).toMatchObject({
      status: 'delivered',
    });
  });

  test.each(UNWRITABLE)('no operator can write %j, by the API or at the command line', async (text) => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    const placed = tradevest('traditional-asset-order-notification', { orderId, status: 'PLACED' });
    expect(await system.post(workflowId, placed)).toEqual(['applied']);
    const flow = `/operations/flows/${encodeURIComponent(workflowId)}`;
    expect(await system.call('POST', `${flow}/extend`, { reason: text, seconds: 60 })).toMatchObject({ status: 422 });
    expect(await system.call('POST', `${flow}/resolve`, { reason: text, result: 'done' })).toMatchObject({
      status: 422,
    });
    // No argument of a process can hold a NUL, and half a pair becomes U+FFFD on the way.
    if (!text.includes('\u001b')) return;
    const ran = await partnerflow(['retry', randomUUID(), '--accept-old', '--reason', text], {
      DATABASE_URL: system.databaseUrl,
    });
    expect(ran.code).toBe(2);
  });

  test('a reason is as long as its characters, each of which may have two code units', async () => {
    const orderId = randomUUID();
    const workflowId = `tradevest:order:${orderId}`;
    const placed = tradevest('traditional-asset-order-notification', { orderId, status: 'PLACED' });
    expect(await system.post(workflowId, placed)).toEqual(['applied']);
    const path = `/operations/flows/${encodeURIComponent(workflowId)}/extend`;
    const seconds = HOUR_MS / 1000;
    expect(await system.call('POST', path, { reason: '🦆'.repeat(500), seconds })).toMatchObject({ status: 200 });
    expect(await system.call('POST', path, { reason: '🦆'.repeat(501), seconds })).toMatchObject({ status: 422 });
  });
});

test('every delivery has its outcome, and the balance holds', async () => {
  await eventually(async () => expect(await system.balance()).toMatchObject({ pending: 0, open: 0, balanced: true }));
});
