import { foldNotification } from '../../src/domain/lifecycles/states/fold-notification';
import { foldReading } from '../../src/domain/lifecycles/states/fold-reading';
import { tradevestOnboarding } from '../../src/partners/tradevest/lifecycles/onboarding';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { extendSubject, refetchSubject } from '../../src/domain/operator';
import { foldPlanNews } from '../../src/domain/lifecycles/savings-plan/fold-plan-news';
import { newSubject } from '../../src/domain/lifecycles/rules';
import { arrangePlan } from '../../src/domain/lifecycles/savings-plan/plan';
import type { PlanNews } from '../../src/domain/lifecycles/savings-plan/plan-news';
import type { Subject } from '../../src/domain/subject';
import { rulesOf, START } from './run-subject';
import { reading } from './scenario';

const rules = rulesOf(tradevestOnboarding);

test('more time that an operator gave an approved onboarding is not taken back by a read that brings nothing new', () => {
  const notification = {
    lifecycle: 'onboarding',
    event: 'TEST',
    status: 'APPROVED',
    reason: null,
    executions: [],
    readHints: {},
    deliveryId: '1',
    receivedAt: START,
    contradictsEarlier: false,
  } as const;
  const approved = foldNotification(rules, newSubject(rules, 'x', START, null), notification, START).subject;
  const shows = reading('APPROVED', { named: { 'customer:c1': 'PENDING' } });
  const waiting = foldReading(rules, approved, 'record', { reading: shows, backlog: false }, START).subject;
  const extended = extendSubject(waiting, 10 * 86_400, START);
  const asked = refetchSubject(extended, START);
  const after = foldReading(rules, asked, 'operator', { reading: shows, backlog: false }, START).subject;
  expect(after).toMatchObject({ waitingFor: ['customer:c1'], dueAt: extended.dueAt, overdue: false });
});

test('an overdue state that an operator has read is missed, as if the read had been ours', () => {
  const pending = foldNotification(
    rules,
    newSubject(rules, 'x', START, null),
    {
      ...{ lifecycle: 'onboarding', event: 'TEST', status: 'PENDING', reason: null, executions: [], readHints: {} },
      ...{ deliveryId: '1', receivedAt: START, contradictsEarlier: false },
    },
    START,
  ).subject;
  const due = pending.dueAt ?? '';
  const unread = { reading: { kind: 'unreachable', cause: 'timeout' }, backlog: false } as const;
  const overdue = foldReading(rules, pending, 'overdue', unread, due).subject;
  expect(overdue).toMatchObject({ overdue: true, state: 'PENDING' });
  const shows = { reading: reading('REJECTED'), backlog: false };
  const change = foldReading(rules, refetchSubject(overdue, due), 'operator', shows, due);
  expect(change.subject.findings.map(({ finding }) => finding)).toEqual(['unreachable', 'missed']);
  expect({ state: change.subject.state, recovered: change.recovered }).toEqual({ state: 'REJECTED', recovered: 1 });
  const waiting = foldReading(rules, refetchSubject(overdue, due), 'operator', { ...shows, backlog: true }, due);
  expect(waiting.subject).toMatchObject({ state: 'PENDING', overdue: true });
});

describe('more time that an operator gave a savings plan', () => {
  const plan = rulesOf(bitpandaSavingsPlan);
  const at = (hours: number): string => new Date(Date.parse(START) + hours * 3_600_000).toISOString();
  const tell = (subject: Subject, hours: number, news: PlanNews): Subject =>
    foldPlanNews(
      plan,
      subject,
      {
        lifecycle: 'savingsPlan',
        event: 'TEST',
        news,
        readHints: {},
        deliveryId: `${hours}`,
        receivedAt: at(hours),
        contradictsEarlier: false,
      },
      at(hours),
    ).subject;
  const upcoming = (transactionId: string, deadlineHours: number): PlanNews => ({
    kind: 'upcoming',
    transactionId,
    userId: 'u1',
    amount: '25',
    currency: '1',
    deadline: at(deadlineHours),
    nextRecurrence: at(deadlineHours + 720),
    frequency: 'monthly',
  });
  const told = tell(newSubject(plan, 'p', START, null), 0, upcoming('t1', 2));
  const decided = {
    ...told,
    recurrences: (told.recurrences ?? []).map((one) => ({ ...one, decision: 'confirm' as const, confirmedAt: at(1) })),
  };

  test('for the end of a recurrence is not taken back by the announcement of the next one', () => {
    const extended = extendSubject(decided, 10 * 86_400, at(3));
    expect(extended.dueAt).toBe(at(3 + 240));
    const later = tell(extended, 4, upcoming('t2', 500));
    const confirmed = {
      ...later,
      recurrences: (later.recurrences ?? []).map((one) => ({
        ...one,
        decision: 'confirm' as const,
        confirmedAt: at(4),
      })),
    };
    const after = arrangePlan(plan, confirmed, at(5));
    expect(after).toMatchObject({ dueAt: at(243), overdue: false, read: { at: at(243), purpose: 'overdue' } });
    expect(after.recurrences?.map(({ extendedTo }) => extendedTo)).toEqual([at(243), undefined]);
  });

  test('for the next announcement holds until it is announced', () => {
    const ended = tell(decided, 3, { kind: 'final', transactionId: 't1', status: 'finished', reason: null });
    expect(ended.waitingFor).toEqual(['upcoming']);
    const extended = extendSubject(ended, 90 * 86_400, at(4));
    expect(arrangePlan(plan, extended, at(5)).dueAt).toBe(at(4 + 90 * 24));
    const announced = tell(extended, 6, upcoming('t2', 30));
    expect(announced.nextUpcomingAt).toBe(at(750));
  });

  test('moves no deadline: a recurrence that is not confirmed is still due by what the partner gave', () => {
    const extended = extendSubject(told, 10 * 86_400, at(1));
    expect(extended.recurrences?.map(({ extendedTo }) => extendedTo)).toEqual([undefined]);
    expect(arrangePlan(plan, extended, at(1)).dueAt).toBe(at(2));
  });
});
