import fc from 'fast-check';

import { messageOf, outcomesBetween, type SubjectOutcome } from '../../src/domain/outgoing';
import { endSubject } from '../../src/domain/lifecycles/rules';
import { unannounced } from '../../src/domain/lifecycles/savings-plan/recurrence';
import { blankSubject, type Subject } from '../../src/domain/subject';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { lifecycleTables } from '../support/partners';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';

const AT = '2026-03-02T09:00:00.000Z';
const LATER = '2026-03-02T10:00:00.000Z';

function order(state: string | null): Subject {
  const key = { partner: 'tradevest', object: 'order', id: 'o-1' } as const;
  return { ...blankSubject(key, 'order', AT), state, stateBy: 'partner' };
}

function plan(confirmed: readonly string[], open: readonly string[] = []): Subject {
  const key = { partner: 'bitpanda', object: 'savings-plan', id: 'p-1' } as const;
  const one = (transactionId: string) => ({
    ...unannounced(transactionId),
    userId: 'u1',
    amount: '25',
    currency: '1',
    deadline: LATER,
  });
  const recurrences = [...confirmed.map((id) => ({ ...one(id), confirmedAt: AT })), ...open.map(one)];
  return { ...blankSubject(key, 'savingsPlan', AT), state: 'active', recurrences };
}

describe('what our own backend is told of a write', () => {
  it('is the settlement of an order when it has ended, and not while the read has still to agree', () => {
    const settled = order('SETTLED');
    expect(outcomesBetween(tradevestOrder, null, settled)).toEqual([]);
    expect(outcomesBetween(tradevestOrder, settled, endSubject(settled, LATER, 'read'))).toEqual([
      { type: 'order.settled' },
    ]);
    expect(outcomesBetween(tradevestOrder, null, endSubject(settled, LATER, 'partner'))).toEqual([
      { type: 'order.settled' },
    ]);
  });

  it('is nothing when the end has been told, when it is a bad one, or when an operator ended the flow by hand', () => {
    const ended = endSubject(order('SETTLED'), LATER, 'partner');
    expect(outcomesBetween(tradevestOrder, ended, { ...ended, finding: 'contradiction' })).toEqual([]);
    for (const state of ['CANCELED', 'EXPIRED', 'REJECTED', 'INVALID'])
      expect(outcomesBetween(tradevestOrder, null, endSubject(order(state), LATER, 'partner'))).toEqual([]);
    expect(outcomesBetween(tradevestOrder, order('SETTLED'), endSubject(order('SETTLED'), LATER, 'operator'))).toEqual(
      [],
    );
  });

  it('has a word for the good end of every kind of order and transfer', () => {
    const silent = lifecycleTables
      .filter(({ lifecycle }) => lifecycle === 'order' || lifecycle === 'transfer')
      .filter(({ states }) => Object.values(states).every(({ tells }) => tells === undefined));
    expect(silent).toEqual([]);
    for (const { lifecycle, states } of lifecycleTables)
      for (const { tells, ends } of Object.values(states))
        if (tells !== undefined) {
          expect(tells.startsWith(lifecycle)).toBe(true);
          expect(ends).toBeDefined();
        }
  });

  it('is each confirmation of a savings plan once, with what was confirmed', () => {
    const outcomes = outcomesBetween(bitpandaSavingsPlan, plan(['r1']), plan(['r1', 'r2'], ['r3']));
    expect(outcomes).toEqual([{ type: 'plan.confirmed', transactionId: 'r2' }]);
    expect(outcomes.map((outcome) => messageOf('bitpanda:savings-plan:p-1', plan(['r1', 'r2']), outcome))).toEqual([
      {
        type: 'plan.confirmed',
        subject: 'bitpanda:savings-plan:p-1',
        key: 'plan.confirmed:r2',
        at: AT,
        data: {
          workflowId: 'bitpanda:savings-plan:p-1',
          partner: 'bitpanda',
          object: 'savings-plan',
          objectId: 'p-1',
          transactionId: 'r2',
          userId: 'u1',
          amount: '25',
          currency: '1',
          deadline: LATER,
          confirmedAt: AT,
        },
      },
    ]);
  });

  it('is the same, each once and in its order, however a life is cut into writes', () => {
    const keysOf = (subject: Subject, outcomes: readonly SubjectOutcome[]): readonly string[] =>
      outcomes.map((outcome) => messageOf('bitpanda:savings-plan:p-1', subject, outcome).key);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(30), { maxLength: 12 }), fc.array(fc.boolean()), (numbers, written) => {
        const ids = numbers.map((number) => `r${String(number)}`);
        const life = ids.map((_, index) => plan(ids.slice(0, index + 1), ids.slice(index + 1)));
        const told: string[] = [];
        let before: Subject | null = null;
        for (const [index, after] of life.entries()) {
          if (written[index] === false && index + 1 < life.length) continue;
          told.push(...keysOf(after, outcomesBetween(bitpandaSavingsPlan, before, after)));
          before = after;
        }
        expect(told).toEqual(ids.map((id) => `plan.confirmed:${id}`));
      }),
    );
  });
});
