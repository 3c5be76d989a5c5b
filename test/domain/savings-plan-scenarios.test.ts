import type { PlanNews } from '../../src/domain/lifecycles/savings-plan/plan-news';
import type { Reading } from '../../src/domain/reading';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { withFollowing } from '../../src/domain/lifecycles/savings-plan/following';
import { nextUpcomingAt } from '../../src/domain/lifecycles/savings-plan/plan';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { clock, PLAN_RULES, type PlanArrival, type PlanRun, type PlanWorld, runPlan } from './run-plan';
import { HOUR_MS } from './run-subject';

const DAY_HOURS = 24;

const ACTIVE: Reading = { kind: 'object', status: 'active', executions: [], quantityExecuted: null, reason: null };

const WILLING: PlanWorld = {
  decide: () => ({ kind: 'answered', confirm: true }),
  confirm: () => ({ kind: 'confirmed' }),
  read: () => ACTIVE,
  callTakesMs: 0,
};

/** Announced at a time, to be confirmed by another; the next recurrence a month after the deadline. */
function upcoming(
  atHours: number,
  transactionId: string,
  deadlineHours: number,
  more: Partial<Extract<PlanNews, { kind: 'upcoming' }>> = {},
): PlanArrival {
  const deadline = clock(deadlineHours * HOUR_MS);
  const nextRecurrence = clock((deadlineHours + 30 * DAY_HOURS) * HOUR_MS);
  return {
    atMs: atHours * HOUR_MS,
    news: {
      kind: 'upcoming',
      transactionId,
      userId: 'u1',
      amount: '25',
      currency: '1',
      deadline,
      nextRecurrence,
      frequency: 'monthly',
      ...more,
    },
  };
}

function final(atHours: number, transactionId: string, status = 'finished'): PlanArrival {
  return { atMs: atHours * HOUR_MS, news: { kind: 'final', transactionId, status, reason: null } };
}

function canceled(atHours: number): PlanArrival {
  return { atMs: atHours * HOUR_MS, news: { kind: 'auto-cancel', reason: 'delisting' } };
}

function run(arrivals: readonly PlanArrival[], untilHours: number, world: Partial<PlanWorld> = {}): PlanRun {
  return runPlan(arrivals, { ...WILLING, ...world }, untilHours * HOUR_MS);
}

function alertsOf({ alerts }: PlanRun): readonly (readonly [hours: number, alert: string])[] {
  return alerts.map(({ atMs, alert }) => [atMs / HOUR_MS, alert]);
}

describe('a recurrence of a savings plan', () => {
  test('is confirmed as soon as our backend says yes, once, long before its deadline, and owes its end', () => {
    const { subject, sent, alerts, outcomes } = run([upcoming(0, 'r1', 10)], 11);
    expect(outcomes).toEqual(['applied']);
    expect(sent).toEqual([{ atMs: 0, transactionId: 'r1' }]);
    expect(alerts).toEqual([]);
    expect(subject).toMatchObject({ state: 'active', waitingFor: ['finished', 'not_confirmed'], overdue: false });
    expect(subject.recurrences).toMatchObject([{ decision: 'confirm', confirmedAt: clock(0), final: false }]);
  });

  test('finished, it is final, and the next upcoming one is owed by the time the partner named', () => {
    const { subject } = run([upcoming(0, 'r1', 10), final(12, 'r1')], 13);
    expect(subject).toMatchObject({ waitingFor: ['upcoming'], dueAt: clock((10 + 30 * DAY_HOURS) * HOUR_MS) });
    expect(subject.recurrences).toMatchObject([{ state: 'finished', final: true }]);
  });

  test('declined, it is never confirmed nor alerted, and not_confirmed skips it', () => {
    const declined = run([upcoming(0, 'r1', 10), final(12, 'r1', 'not_confirmed')], 13, {
      decide: () => ({ kind: 'answered', confirm: false }),
    });
    expect(declined.outcomes).toEqual(['applied', 'applied']);
    expect(declined.sent).toEqual([]);
    expect(declined.alerts).toEqual([]);
    expect(declined.subject).toMatchObject({ state: 'active', waitingFor: ['upcoming'], end: null });
    expect(declined.subject.recurrences).toMatchObject([{ state: 'not_confirmed', decision: 'decline', final: true }]);
  });

  test('without an answer is asked again and again, alerted once half an hour before its deadline, and never after', () => {
    const silent = run([upcoming(0, 'r1', 10)], 20, { decide: () => ({ kind: 'no answer' }) });
    expect(alertsOf(silent)).toEqual([[9.5, 'unconfirmed']]);
    expect(silent.asked.length).toBeGreaterThan(100);
    expect(silent.asked.every(({ atMs }) => atMs < 10 * HOUR_MS)).toBe(true);
    expect(silent.sent).toEqual([]);
    expect(silent.subject.recurrences).toMatchObject([{ decision: 'none', confirmedAt: null, final: false }]);
    expect(silent.subject.waitingFor).toEqual(['finished', 'not_confirmed']);
  });

  test('that our backend answers after the alert is still confirmed before the deadline', () => {
    const late = run([upcoming(0, 'r1', 10)], 20, {
      decide: (atMs) => (atMs < 9.8 * HOUR_MS ? { kind: 'no answer' } : { kind: 'answered', confirm: true }),
    });
    expect(alertsOf(late)).toEqual([[9.5, 'unconfirmed']]);
    expect(late.sent).toHaveLength(1);
    expect(late.subject.recurrences?.[0]?.confirmedAt).not.toBeNull();
  });

  test('that the partner refuses to confirm is tried until its deadline, and alerted before it', () => {
    const refused = run([upcoming(0, 'r1', 10)], 20, { confirm: () => ({ kind: 'not confirmed' }) });
    expect(alertsOf(refused)).toEqual([[9.5, 'unconfirmed']]);
    expect(refused.sent.every(({ atMs }) => atMs < 10 * HOUR_MS)).toBe(true);
  });

  test('is alerted at once where nobody is configured to be asked, and only once', () => {
    const nobody = run([upcoming(2, 'r1', 10)], 20, { decide: () => ({ kind: 'nobody to ask' }) });
    expect(alertsOf(nobody)).toEqual([[2, 'unconfirmed']]);
    expect(nobody.asked).toHaveLength(1);
    expect(nobody.sent).toEqual([]);
  });

  test('announced after its deadline is too late at once: nobody is asked, and its end is still owed', () => {
    const late = run([upcoming(11, 'r1', 10)], 12);
    expect(late.outcomes).toEqual(['applied']);
    expect(alertsOf(late)).toEqual([[11, 'too-late']]);
    expect(late.asked).toEqual([]);
    expect(late.subject.recurrences).toMatchObject([{ state: 'too-late', final: false }]);
    expect(late.subject.waitingFor).toEqual(['finished', 'not_confirmed']);
  });

  test('whose end arrives before its announcement is final: nobody is asked any more', () => {
    const early = run([final(1, 'r1'), upcoming(2, 'r1', 10)], 3);
    expect(early.outcomes).toEqual(['applied', 'repeated']);
    expect(early.asked).toEqual([]);
    expect(early.alerts).toEqual([]);
    expect(early.subject.recurrences).toMatchObject([
      { state: 'finished', final: true, deadline: clock(10 * HOUR_MS) },
    ]);
    expect(early.subject.waitingFor).toEqual(['upcoming']);
  });

  test('announced by both versions of the webhook is asked for and confirmed once', () => {
    const both = run([upcoming(0, 'r1', 10), upcoming(0.01, 'r1', 10)], 11);
    expect(both.outcomes).toEqual(['applied', 'repeated']);
    expect(both.asked).toHaveLength(1);
    expect(both.sent).toHaveLength(1);
    expect(both.subject.recurrences).toHaveLength(1);
  });

  test('said to have ended otherwise than it did is illegal, and keeps its first end', () => {
    const other = run([upcoming(0, 'r1', 10), final(11, 'r1'), final(12, 'r1', 'not_confirmed'), final(13, 'r1')], 14);
    expect(other.outcomes).toEqual(['applied', 'applied', 'illegal', 'repeated']);
    expect(other.subject.recurrences).toMatchObject([{ state: 'finished' }]);
  });

  test('whose end does not come within a day is overdue: the plan is read and slow', () => {
    const slow = run([upcoming(0, 'r1', 10)], 10 + 24.5);
    expect(slow.readsAtMs).toEqual([(10 + 24) * HOUR_MS]);
    expect(slow.subject).toMatchObject({ overdue: true, finding: 'slow', waitingFor: ['finished', 'not_confirmed'] });
  });
});

describe('between the recurrences of a savings plan', () => {
  const NEXT_HOURS = 10 + 30 * DAY_HOURS;

  test('an upcoming one that never comes is overdue and slow, and the plan is read on', () => {
    const lost = run([upcoming(0, 'r1', 10), final(12, 'r1')], NEXT_HOURS + 2);
    expect(lost.subject).toMatchObject({ overdue: true, finding: 'slow', waitingFor: ['upcoming'] });
    expect(lost.readsAtMs[0]).toBe(NEXT_HOURS * HOUR_MS);
    expect(alertsOf(lost)).toEqual([[NEXT_HOURS + 1, 'slow']]);
  });

  test('an overdue upcoming that comes after all is asked for, and nothing is overdue any more', () => {
    const late = run(
      [upcoming(0, 'r1', 10), final(12, 'r1'), upcoming(NEXT_HOURS + 1.5, 'r2', NEXT_HOURS + 5)],
      NEXT_HOURS + 2,
    );
    expect(late.subject).toMatchObject({ overdue: false, finding: null });
    expect(late.sent.map(({ transactionId }) => transactionId)).toEqual(['r1', 'r2']);
  });

  test('a plan whose read says that it was canceled, and no webhook did, ends there as missed', () => {
    const gone = run([upcoming(0, 'r1', 10), final(12, 'r1')], NEXT_HOURS + 2, {
      read: () => ({ ...ACTIVE, status: 'canceled' }),
    });
    expect(gone.subject.end).toMatchObject({ state: 'canceled', by: 'read' });
    expect(gone.recovered).toBe(1);
    expect(alertsOf(gone)).toEqual([[NEXT_HOURS, 'missed']]);
  });

  test('while deliveries of ours wait, a canceled plan is called neither missed nor slow; afterwards it is missed', () => {
    const gone = run([upcoming(0, 'r1', 10), final(12, 'r1')], NEXT_HOURS + 2, {
      read: () => ({ ...ACTIVE, status: 'canceled' }),
      backlog: (atMs) => atMs < (NEXT_HOURS + 1) * HOUR_MS,
    });
    expect(gone.subject.findings.map(({ finding }) => finding)).toEqual(['missed']);
    expect(gone.recovered).toBe(1);
  });

  test('the announcement of an earlier recurrence, delivered again much later, moves no due time', () => {
    const again = run(
      [
        upcoming(0, 'r1', 10),
        final(12, 'r1'),
        upcoming(NEXT_HOURS - 5, 'r2', NEXT_HOURS),
        final(NEXT_HOURS + 1, 'r2'),
        upcoming(NEXT_HOURS + 2, 'r1', 10),
      ],
      NEXT_HOURS + 100,
    );
    expect(again.outcomes).toEqual(['applied', 'applied', 'applied', 'applied', 'repeated']);
    expect(again.subject).toMatchObject({ overdue: false, dueAt: clock((NEXT_HOURS + 30 * DAY_HOURS) * HOUR_MS) });
    expect(again.alerts).toEqual([]);
  });

  test('an earlier recurrence whose announcement comes only now is too late, and moves no due time either', () => {
    const crossed = run(
      [
        upcoming(NEXT_HOURS - 5, 'r2', NEXT_HOURS),
        final(NEXT_HOURS + 1, 'r2'),
        upcoming(NEXT_HOURS + 2, 'r1', 10),
        final(NEXT_HOURS + 3, 'r1'),
      ],
      NEXT_HOURS + 100,
    );
    expect(alertsOf(crossed)).toEqual([[NEXT_HOURS + 2, 'too-late']]);
    expect(crossed.subject).toMatchObject({ overdue: false, dueAt: clock((NEXT_HOURS + 30 * DAY_HOURS) * HOUR_MS) });
  });
});

describe('the end of a savings plan', () => {
  test('auto-cancel without an open recurrence ends it for good', () => {
    const { subject, outcomes } = run([upcoming(0, 'r1', 10), final(12, 'r1'), canceled(20)], 21);
    expect(outcomes).toEqual(['applied', 'applied', 'applied']);
    expect(subject).toMatchObject({ end: { state: 'canceled', by: 'partner' }, closedForGood: true });
  });

  test('auto-cancel waits for an open recurrence, and ends when that is final', () => {
    const open = run([upcoming(0, 'r1', 10), canceled(5)], 11);
    expect(open.subject).toMatchObject({ state: 'canceled', end: null, waitingFor: ['finished', 'not_confirmed'] });
    const { subject } = run([upcoming(0, 'r1', 10), canceled(5), final(12, 'r1')], 13);
    expect(subject.end).toMatchObject({ state: 'canceled', at: clock(12 * HOUR_MS) });
  });

  test('auto-cancel with a recurrence that never ends is over a day after its deadline', () => {
    const { subject } = run([upcoming(0, 'r1', 10), canceled(5)], 100);
    expect(subject.end).toMatchObject({ state: 'canceled', at: clock((10 + 24) * HOUR_MS) });
  });

  test('auto-cancel while our backend is being asked: its answer changes nothing, and nothing is confirmed', () => {
    const { sent, alerts, subject } = run([upcoming(0, 'r1', 10), canceled(0.5)], 100, { callTakesMs: HOUR_MS });
    expect(sent).toEqual([]);
    expect(alerts).toEqual([]);
    expect(subject.end).not.toBeNull();
  });

  test('an upcoming one after auto-cancel is late and asks nobody, whether the plan has ended or still waits', () => {
    const { outcomes, asked } = run(
      [upcoming(0, 'r1', 10), canceled(5), upcoming(6, 'r2', 20), final(12, 'r1'), upcoming(13, 'r3', 20)],
      40,
    );
    expect(outcomes).toEqual(['applied', 'applied', 'late', 'applied', 'late']);
    expect(asked.map(({ transactionId }) => transactionId)).toEqual(['r1']);
  });
});

describe('when the next upcoming one is due', () => {
  const due = (nextRecurrence: string | null, deadline: string, frequency: string | null = 'monthly') =>
    nextUpcomingAt(PLAN_RULES, { nextRecurrence, deadline, frequency });

  test.each([
    [
      'the one announced is an hour after its deadline: the next is a month later',
      '2026-03-15T12:00:00Z',
      '2026-03-15T11:00:00Z',
      'monthly',
      '2026-04-15T12:00:00.000Z',
    ],
    [
      'the 31st has no place in April',
      '2026-03-31T12:00:00Z',
      '2026-03-31T11:00:00Z',
      'monthly',
      '2026-04-30T12:00:00.000Z',
    ],
    [
      'the 31st of January is followed by the last of February',
      '2026-01-31T12:00:00Z',
      '2026-01-31T11:00:00Z',
      'monthly',
      '2026-02-28T12:00:00.000Z',
    ],
    [
      'and by the 29th in a leap year',
      '2028-01-31T12:00:00Z',
      '2028-01-31T11:00:00Z',
      'monthly',
      '2028-02-29T12:00:00.000Z',
    ],
    [
      'the 31st of December is followed by the 31st of January',
      '2026-12-31T12:00:00Z',
      '2026-12-31T11:00:00Z',
      'monthly',
      '2027-01-31T12:00:00.000Z',
    ],
    ['a week later', '2026-03-15T12:00:00Z', '2026-03-15T11:00:00Z', 'weekly', '2026-03-22T12:00:00.000Z'],
    ['two weeks later', '2026-03-15T12:00:00Z', '2026-03-15T11:00:00Z', 'biweekly', '2026-03-29T12:00:00.000Z'],
    [
      'an unknown period is taken for the longest',
      '2026-03-15T12:00:00Z',
      '2026-03-15T11:00:00Z',
      null,
      '2026-04-15T12:00:00.000Z',
    ],
    [
      'a recurrence far after the deadline is the next one itself',
      '2026-04-15T12:00:00Z',
      '2026-03-15T11:00:00Z',
      'monthly',
      '2026-04-15T12:00:00.000Z',
    ],
    [
      'with microseconds and an offset',
      '2026-04-15T12:00:00.123456+02:00',
      '2026-03-15T11:00:00Z',
      'monthly',
      '2026-04-15T10:00:00.123Z',
    ],
  ])('%s', (_title, nextRecurrence, deadline, frequency, expected) => {
    expect(due(nextRecurrence, deadline, frequency)).toBe(expected);
  });

  test.each([null, '', 'soon', '+275760-09-13T00:00:00Z', '2026-99-99T00:00:00Z'])(
    'is not known where the partner names %p: the policy’s own time counts then',
    (nextRecurrence) => {
      expect(due(nextRecurrence, '2026-03-15T11:00:00Z')).toBeNull();
    },
  );
});

describe('when the next upcoming one is due by the partner’s local time', () => {
  const vienna = createPolicies(DEFAULT_POLICY_SETTINGS, 1).localCalendarOf?.(bitpandaSavingsPlan);

  const followed = (nextRecurrence: string, deadline: string, frequency: string, day?: number): string | null => {
    const news = withFollowing(
      {
        ...{ kind: 'upcoming', transactionId: 'r1', userId: 'u1', amount: '1', currency: '1' },
        ...{ deadline, nextRecurrence, frequency, ...(day === undefined ? {} : { day }) },
      },
      vienna ?? { periodLater: () => 'no calendar' },
    );
    return news.kind === 'upcoming' ? nextUpcomingAt(PLAN_RULES, news) : null;
  };

  test.each([
    ['the 31st is the 31st again after February', '2026-02-28T11:00:00Z', 'monthly', 31, '2026-03-31T10:00:00.000Z'],
    ['and so is the 30th after a leap day', '2028-02-29T11:00:00Z', 'monthly', 30, '2028-03-30T10:00:00.000Z'],
    ['noon stays noon when clocks go forward', '2026-03-23T11:00:00Z', 'weekly', undefined, '2026-03-30T10:00:00.000Z'],
    ['and when they go back', '2026-10-19T10:00:00Z', 'biweekly', undefined, '2026-11-02T11:00:00.000Z'],
    ['with an offset', '2026-02-28T12:00:00+01:00', 'monthly', 28, '2026-03-28T11:00:00.000Z'],
  ])('%s', (_title, next, frequency, day, expected) => {
    const deadline = new Date(Date.parse(next) - HOUR_MS).toISOString();
    expect(followed(next, deadline, frequency, day)).toBe(expected);
  });

  test('a recurrence far after the deadline is the next one itself, whatever follows it', () => {
    expect(followed('2026-04-15T10:00:00Z', '2026-03-15T11:00:00Z', 'monthly', 15)).toBe('2026-04-15T10:00:00.000Z');
  });
});
