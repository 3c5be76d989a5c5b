import type { Expectation } from '../../src/domain/expectation';
import { foldNews, foldRead, nextStep } from '../../src/domain/lifecycles/kinds';
import { type Change, newSubject, type Rules } from '../../src/domain/lifecycles/rules';
import { tellExpectation } from '../../src/domain/lifecycles/states/tell-expectation';
import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import { isStateLifecycle } from '../../src/domain/lifecycle';
import { later } from '../../src/domain/moments';
import type { StateContent } from '../../src/domain/notification';
import type { Reading } from '../../src/domain/reading';
import type { AlertKind, Subject } from '../../src/domain/subject';
import { bitpandaDeposit } from '../../src/partners/bitpanda/lifecycles/deposit';
import { bitpandaPayment } from '../../src/partners/bitpanda/lifecycles/payment';
import { tradevestCustomer } from '../../src/partners/tradevest/lifecycles/customer';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';
import { HOUR_MS, objectRead, rulesOf, START } from './run-subject';

const MINUTE_MS = 60_000;

/** A subject on a virtual clock, which its flow's steps are taken for. */
function follow(table: LifecycleTable) {
  const rules: Rules = rulesOf(table);
  let now = START;
  let subject: Subject = newSubject(rules, 'x', now, null);
  let recovered = 0;
  let truth: Reading = { kind: 'absent' };
  const alerts: AlertKind[] = [];
  const take = (change: Change): void => {
    subject = change.subject;
    recovered += change.recovered;
    alerts.push(...change.alerts);
  };
  const lifecycle = isStateLifecycle(table.lifecycle) ? table.lifecycle : 'order';
  const readWhatIsDue = (): void => {
    for (let step = nextStep(rules, subject, now); step.kind === 'read'; step = nextStep(rules, subject, now)) {
      take(foldRead(rules, subject, step.purpose, { reading: truth, backlog: false, askedAt: now }, now));
    }
  };
  return {
    subject: () => subject,
    alerts,
    recovered: () => recovered,
    shows(reading: Reading) {
      truth = reading;
    },
    tell(expectation: Expectation) {
      const { answer, ...change } = tellExpectation(rules, subject, expectation, now);
      take(change);
      readWhatIsDue();
      return answer;
    },
    hear(status: string | null, more: Partial<StateContent> = {}) {
      const content = { lifecycle, event: 'TEST', status, reason: null, executions: [], readHints: {}, ...more };
      const arrival = { deliveryId: `${now}${status ?? ''}`, receivedAt: now, contradictsEarlier: false };
      const folded = foldNews(rules, subject, { ...content, ...arrival }, now);
      take(folded);
      readWhatIsDue();
      return folded.outcome;
    },
    /** Lets time pass, from one due moment to the next. */
    pass(ms: number) {
      const end = later(now, ms);
      for (;;) {
        const step = nextStep(rules, subject, now);
        if (step.kind !== 'wait' || step.until === null || step.until > end) break;
        now = step.until;
        readWhatIsDue();
      }
      now = end;
    },
  };
}

function placedOrder() {
  const order = follow(tradevestOrder);
  order.shows(objectRead('PLACED'));
  order.hear('PLACED');
  return order;
}

describe('a cancellation that we asked for', () => {
  const canceled = { kind: 'canceled', dueWithinMs: 10 * MINUTE_MS } as const;

  test('that comes in time is done, and finds nothing', () => {
    const order = placedOrder();
    expect(order.tell(canceled)).toEqual({ kind: 'registered' });
    expect(order.subject()).toMatchObject({ state: 'PLACED', facts: { cancellation: 'asked' } });
    order.shows(objectRead('CANCELED', false));
    expect(order.hear('CANCELED')).toBe('applied');
    expect(order.subject()).toMatchObject({
      facts: { cancellation: 'done' },
      end: { state: 'CANCELED' },
      findings: [],
    });
    expect(order.alerts).toEqual([]);
  });

  test('whose webhook is lost is found by a read when it is due, and counted', () => {
    const order = placedOrder();
    order.tell(canceled);
    order.shows(objectRead('CANCELED', false));
    order.pass(11 * MINUTE_MS);
    expect(order.subject()).toMatchObject({
      state: 'CANCELED',
      stateBy: 'read',
      facts: { cancellation: 'done' },
      findings: [{ finding: 'missed', found: 'CANCELED' }],
    });
    expect(order.recovered()).toBe(1);
  });

  test('that has not come about when it is due has failed: slow, without an alert, and the order goes on', () => {
    const order = placedOrder();
    const { dueAt } = order.subject();
    order.tell(canceled);
    order.pass(11 * MINUTE_MS);
    expect(order.subject()).toMatchObject({
      state: 'PLACED',
      ...{ overdue: false, dueAt, end: null },
      facts: { cancellation: 'failed' },
      findings: [{ finding: 'slow', found: 'PLACED' }],
    });
    expect(order.alerts).toEqual([]);
    expect(order.hear('FILLED')).toBe('applied');
  });

  test('fails at once where the order is filled instead', () => {
    const order = placedOrder();
    order.tell(canceled);
    order.shows(objectRead('FILLED', true));
    order.hear('FILLED');
    expect(order.subject()).toMatchObject({
      state: 'FILLED',
      facts: { cancellation: 'failed' },
      findings: [{ finding: 'slow', found: 'FILLED' }],
    });
    expect(order.alerts).toEqual([]);
  });

  test('stays possible after a partial fill, and then owes the settlement', () => {
    const order = placedOrder();
    order.tell(canceled);
    order.shows(objectRead('PARTIALLY_FILLED', true));
    order.hear('PARTIALLY_FILLED');
    expect(order.subject().facts).toMatchObject({ cancellation: 'asked' });
    order.shows(objectRead('CANCELED', true));
    order.hear('CANCELED');
    expect(order.subject()).toMatchObject({ facts: { cancellation: 'done' }, waitingFor: ['SETTLED'], end: null });
  });

  test('said twice is known, and keeps its time; after it failed it may be asked for again', () => {
    const order = placedOrder();
    order.tell(canceled);
    const first = order.subject().expected;
    order.pass(MINUTE_MS);
    expect(order.tell({ ...canceled, dueWithinMs: HOUR_MS })).toEqual({ kind: 'existing' });
    expect(order.subject().expected).toEqual(first);
    order.pass(10 * MINUTE_MS);
    expect(order.subject().facts).toMatchObject({ cancellation: 'failed' });
    expect(order.tell(canceled)).toEqual({ kind: 'registered' });
    expect(order.subject().facts).toMatchObject({ cancellation: 'asked' });
  });

  test('said after the partner has cancelled is known', () => {
    const order = placedOrder();
    order.shows(objectRead('PLACED'));
    order.hear('CANCELED');
    expect(order.tell(canceled)).toEqual({ kind: 'existing' });
  });

  test('of an order that nobody has heard of waits for its first word, and fails with what the read shows', () => {
    const order = follow(tradevestOrder);
    order.tell(canceled);
    expect(order.subject()).toMatchObject({ state: null, waitingFor: ['notification'] });
    order.shows(objectRead('PLACED'));
    order.pass(2 * HOUR_MS);
    expect(order.subject()).toMatchObject({ state: 'PLACED', facts: { cancellation: 'failed' } });
  });

  test('whose order cannot be read is tried again, and then stays without an answer: alerted', () => {
    const order = placedOrder();
    order.tell(canceled);
    order.shows({ kind: 'unreachable', cause: 'timeout' });
    order.pass(30 * 24 * HOUR_MS);
    expect(order.subject()).toMatchObject({ facts: { cancellation: 'unanswered' }, finding: 'unreachable' });
    expect(order.alerts).toContain('unreachable');
  });

  test('of an object that offers no read stays without an answer', () => {
    const payment = follow(bitpandaPayment);
    payment.tell(canceled);
    payment.shows({ kind: 'unreachable', cause: 'no read is offered' });
    payment.pass(11 * MINUTE_MS);
    expect(payment.subject().facts).toMatchObject({ cancellation: 'unanswered' });
  });
});

describe('a change that we asked for', () => {
  const asked = { kind: 'changed', dueWithinMs: 10 * MINUTE_MS } as const;

  test('wakes a person at rest, who rests again once the partner has answered', () => {
    const customer = follow(tradevestCustomer);
    customer.hear('CREATED');
    expect(customer.subject().end).not.toBeNull();
    expect(customer.tell(asked)).toEqual({ kind: 'registered' });
    expect(customer.subject()).toMatchObject({ end: null, state: 'CREATED', waitingFor: ['notification'] });
    customer.hear('CREATED', { changedAt: '2026-03-02T09:30:00Z' });
    expect(customer.subject()).toMatchObject({ facts: { change: 'done' }, findings: [] });
    expect(customer.subject().end).not.toBeNull();
  });

  test('that nothing answers has failed when it is due, and the person rests again', () => {
    const customer = follow(tradevestCustomer);
    customer.hear('CREATED');
    customer.shows(objectRead('CREATED'));
    customer.tell(asked);
    customer.pass(11 * MINUTE_MS);
    expect(customer.subject()).toMatchObject({ facts: { change: 'failed' }, findings: [{ finding: 'slow' }] });
    expect(customer.subject().end).not.toBeNull();
    expect(customer.alerts).toEqual([]);
  });

  test('that the partner refuses is refused', () => {
    const order = placedOrder();
    order.tell(asked);
    order.hear(null, { reason: 'DATA_NOT_FOUND_ERROR' });
    expect(order.subject()).toMatchObject({ state: 'PLACED', facts: { change: 'refused' } });
  });

  test('and a cancellation beside it are answered each by itself', () => {
    const order = placedOrder();
    order.tell(asked);
    order.tell({ kind: 'canceled', dueWithinMs: HOUR_MS });
    order.hear('PLACED');
    expect(order.subject().facts).toMatchObject({ change: 'done', cancellation: 'asked' });
  });
});

describe('the validity of an order', () => {
  const until = (ms: number): Expectation => ({ kind: 'created', validUntil: later(START, ms) });

  test('makes a placed order due when it ends, not after a day', () => {
    const order = placedOrder();
    expect(order.tell(until(72 * HOUR_MS))).toEqual({ kind: 'registered' });
    expect(order.subject()).toMatchObject({ dueAt: later(START, 72 * HOUR_MS), overdue: false });
    order.pass(71 * HOUR_MS);
    expect(order.subject().findings).toEqual([]);
    order.pass(2 * HOUR_MS);
    expect(order.subject()).toMatchObject({ overdue: true, finding: 'slow' });
  });

  test('that is told before the first webhook counts once the order is placed', () => {
    const order = follow(tradevestOrder);
    order.tell(until(3 * HOUR_MS));
    order.shows(objectRead('PLACED'));
    order.hear('PLACED');
    expect(order.subject().dueAt).toBe(later(START, 3 * HOUR_MS));
    order.hear('PARTIALLY_FILLED');
    expect(order.subject().dueAt).toBe(later(START, 3 * HOUR_MS));
    order.hear('FILLED');
    expect(order.subject().dueAt).not.toBe(later(START, 3 * HOUR_MS));
  });

  test('that is told when the order is overdue already lets it stand', () => {
    const order = placedOrder();
    order.pass(30 * HOUR_MS);
    expect(order.subject()).toMatchObject({ overdue: true });
    order.tell(until(72 * HOUR_MS));
    expect(order.subject()).toMatchObject({ overdue: false, finding: null, dueAt: later(START, 72 * HOUR_MS) });
  });

  test('told twice is known, and the newer one counts', () => {
    const order = placedOrder();
    order.tell(until(72 * HOUR_MS));
    expect(order.tell(until(72 * HOUR_MS))).toEqual({ kind: 'existing' });
    expect(order.tell({ kind: 'changed', validUntil: later(START, 2 * HOUR_MS) })).toEqual({ kind: 'registered' });
    expect(order.subject().dueAt).toBe(later(START, 2 * HOUR_MS));
  });
});

describe('a payment that we told of', () => {
  const deposit = { kind: 'deposit', sum: { amount: '100', currency: 'EUR' } } as const;
  const arrives = (amount: string, currency = 'EUR') => ({ facts: { id: 'd-1', amount, currency } });

  test.each([
    ['100', 'EUR', []],
    ['100', 'eur', []],
    // Version 2 names the currency by an id of the partner: nobody can tell.
    ['100', '6d1f3c2e-0000-4000-8000-000000000001', []],
    ['90', 'EUR', [{ finding: 'contradiction', found: '90 EUR, expected 100 EUR' }]],
    ['100', 'USD', [{ finding: 'contradiction', found: '100 USD, expected 100 EUR' }]],
  ])('that comes as %s %s finds %j', (amount, currency, findings) => {
    const payment = follow(bitpandaDeposit);
    expect(payment.tell(deposit)).toEqual({ kind: 'registered' });
    expect(payment.hear('top-up-success', arrives(amount, currency))).toBe('applied');
    expect(payment.subject()).toMatchObject({ state: 'top-up-success', findings });
    expect(payment.alerts).toEqual(findings.map(() => 'contradiction'));
    expect(payment.subject().end).not.toBeNull();
  });

  test('after it came is compared all the same', () => {
    const payment = follow(bitpandaDeposit);
    payment.hear('top-up-success', arrives('90'));
    payment.tell(deposit);
    expect(payment.subject()).toMatchObject({ finding: 'contradiction' });
  });

  test('twice is known; with another sum it is refused, and the first stands', () => {
    const payment = follow(bitpandaDeposit);
    payment.tell(deposit);
    expect(payment.tell(deposit)).toEqual({ kind: 'existing' });
    expect(payment.tell({ ...deposit, sum: { amount: '90', currency: 'EUR' } })).toMatchObject({
      kind: 'contradicting',
      problem: { path: 'amount', found: '90' },
    });
    payment.hear('top-up-success', arrives('100'));
    expect(payment.subject().findings).toEqual([]);
  });
});
