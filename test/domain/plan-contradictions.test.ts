import { foldNews } from '../../src/domain/lifecycles/kinds';
import type { PlanNews } from '../../src/domain/lifecycles/savings-plan/plan-news';
import type { Subject } from '../../src/domain/subject';
import { clock, PLAN_RULES, type PlanArrival, type PlanRun, type PlanWorld, runPlan } from './run-plan';
import { HOUR_MS } from './run-subject';

const DAY_HOURS = 24;

const WILLING: PlanWorld = {
  decide: () => ({ kind: 'answered', confirm: true }),
  confirm: () => ({ kind: 'confirmed' }),
  read: () => ({ kind: 'object', status: 'active', executions: [], quantityExecuted: null, reason: null }),
  callTakesMs: 0,
};

const DECLINING: Partial<PlanWorld> = { decide: () => ({ kind: 'answered', confirm: false }) };

type Upcoming = Extract<PlanNews, { kind: 'upcoming' }>;

function upcoming(
  atHours: number,
  transactionId: string,
  deadlineHours = 10,
  more: Partial<Upcoming> = {},
): PlanArrival {
  const news: Upcoming = {
    kind: 'upcoming',
    transactionId,
    userId: 'u1',
    amount: '25',
    currency: '1',
    deadline: clock(deadlineHours * HOUR_MS),
    nextRecurrence: clock((deadlineHours + 1) * HOUR_MS),
    frequency: 'monthly',
    ...more,
  };
  return { atMs: atHours * HOUR_MS, news };
}

function final(atHours: number, transactionId: string, status: string, contradictsRoute?: true): PlanArrival {
  const route = contradictsRoute === undefined ? {} : { contradictsRoute };
  return { atMs: atHours * HOUR_MS, news: { kind: 'final', transactionId, status, reason: null, ...route } };
}

function canceled(atHours: number): PlanArrival {
  return { atMs: atHours * HOUR_MS, news: { kind: 'auto-cancel', reason: 'delisting' } };
}

function run(arrivals: readonly PlanArrival[], untilHours: number, world: Partial<PlanWorld> = {}): PlanRun {
  return runPlan(arrivals, { ...WILLING, ...world }, untilHours * HOUR_MS);
}

interface Told {
  readonly title: string;
  readonly arrivals: readonly PlanArrival[];
  readonly world?: Partial<PlanWorld>;
  readonly outcomes: readonly string[];
  readonly found: string;
  /** The hour at which it is told, and at which the plan is read; null where it has ended. */
  readonly at: number;
  readonly isRead?: false;
}

const contradictions: readonly Told[] = [
  {
    title: 'declined, and finished all the same: money moved without consent',
    arrivals: [upcoming(0, 'r1'), final(12, 'r1', 'finished')],
    world: DECLINING,
    outcomes: ['applied', 'applied'],
    found: 'finished',
    at: 12,
  },
  {
    title: 'unanswered, and finished all the same',
    arrivals: [upcoming(0, 'r1'), final(12, 'r1', 'finished')],
    world: { decide: () => ({ kind: 'no answer' }) },
    outcomes: ['applied', 'applied'],
    found: 'finished',
    at: 12,
  },
  {
    title: 'not yet answered, and finished before the deadline',
    arrivals: [upcoming(0, 'r1'), final(5, 'r1', 'finished')],
    world: { decide: () => ({ kind: 'no answer' }) },
    outcomes: ['applied', 'applied'],
    found: 'finished',
    at: 5,
  },
  {
    title: 'confirmed, and then not confirmed by the partner’s word',
    arrivals: [upcoming(0, 'r1'), final(12, 'r1', 'not_confirmed')],
    outcomes: ['applied', 'applied'],
    found: 'not_confirmed',
    at: 12,
  },
  {
    title: 'not confirmed by the partner’s word, while the partner was taking the confirmation',
    arrivals: [upcoming(0, 'r1'), final(0.5, 'r1', 'not_confirmed')],
    world: { callTakesMs: 0.4 * HOUR_MS },
    outcomes: ['applied', 'applied'],
    found: 'not_confirmed',
    at: 0.8,
  },
  {
    title: 'finished, said on the route of failures',
    arrivals: [upcoming(0, 'r1'), final(12, 'r1', 'finished', true)],
    outcomes: ['applied', 'applied'],
    found: 'finished',
    at: 12,
  },
  {
    title: 'a failure, said on the route of successes, of a recurrence nobody announced',
    arrivals: [final(12, 'r1', 'failed', true)],
    outcomes: ['applied'],
    found: 'failed',
    at: 12,
  },
  {
    title: 'said to have ended otherwise than it did',
    arrivals: [upcoming(0, 'r1'), final(11, 'r1', 'finished'), final(12, 'r1', 'failed')],
    outcomes: ['applied', 'applied', 'illegal'],
    found: 'failed',
    at: 12,
  },
  {
    title: 'finished after the plan was cancelled, although nobody confirmed it',
    arrivals: [upcoming(0, 'r1'), canceled(5), final(12, 'r1', 'finished')],
    world: { decide: () => ({ kind: 'no answer' }) },
    outcomes: ['applied', 'applied', 'applied'],
    found: 'finished',
    at: 12,
    isRead: false,
  },
  {
    title: 'finished after the plan’s end, a recurrence that the plan never knew',
    arrivals: [upcoming(0, 'r1'), final(1, 'r1', 'finished'), canceled(5), final(12, 'r2', 'finished')],
    outcomes: ['applied', 'applied', 'applied', 'late'],
    found: 'finished',
    at: 12,
    isRead: false,
  },
];

describe('a savings plan whose partner contradicts', () => {
  test.each(contradictions)('$title', ({ arrivals, world, outcomes, found, at, isRead }) => {
    const { subject, outcomes: told, alerts, readsAtMs } = run(arrivals, at + 0.1, world);
    expect(told).toEqual(outcomes);
    expect(subject.findings).toMatchObject([{ finding: 'contradiction', found, at: clock(at * HOUR_MS) }]);
    expect(subject.finding).toBe('contradiction');
    expect(alerts.filter(({ alert }) => alert === 'contradiction')).toEqual([
      { atMs: at * HOUR_MS, alert: 'contradiction', about: [] },
    ]);
    expect(readsAtMs).toEqual(isRead === false ? [] : [at * HOUR_MS]);
  });

  test.each([
    ['confirmed and finished', [upcoming(0, 'r1'), final(12, 'r1', 'finished')], {}],
    ['confirmed and failed, for want of money', [upcoming(0, 'r1'), final(12, 'r1', 'failed')], {}],
    ['declined and not confirmed', [upcoming(0, 'r1'), final(12, 'r1', 'not_confirmed')], DECLINING],
    ['a recurrence whose end came before its announcement', [final(1, 'r1', 'finished'), upcoming(2, 'r1')], {}],
    [
      'confirmed by us without the partner’s answer, and finished',
      [upcoming(0, 'r1'), final(12, 'r1', 'finished')],
      { confirm: () => ({ kind: 'not confirmed' }) } satisfies Partial<PlanWorld>,
    ],
    [
      'an upcoming one after the end, which moves nothing',
      [upcoming(0, 'r1'), final(1, 'r1', 'finished'), canceled(5), upcoming(12, 'r2', 20)],
      {},
    ],
  ] as const)('nothing is told of what does not contradict: %s', (_title, arrivals, world) => {
    const { subject, alerts } = run(arrivals, 13, world);
    expect(subject.findings).toEqual([]);
    expect(alerts.filter(({ alert }) => alert === 'contradiction')).toEqual([]);
  });

  test('the finding stays until something awaited comes, the next announcement', () => {
    const told = [upcoming(0, 'r1'), final(12, 'r1', 'not_confirmed')];
    expect(run(told, 200).subject).toMatchObject({ finding: 'contradiction', waitingFor: ['upcoming'] });
    const nextHours = 10 + 30 * DAY_HOURS;
    const after = run([...told, upcoming(nextHours - 5, 'r2', nextHours)], nextHours - 4);
    expect(after.subject).toMatchObject({ finding: null, findings: [{ finding: 'contradiction' }] });
  });
});

describe('two announcements of one recurrence under two transaction ids', () => {
  test.each<readonly [string, Partial<Upcoming>]>([
    ['the same deadline', { nextRecurrence: null }],
    ['the same next recurrence, and another deadline', { deadline: clock(9 * HOUR_MS) }],
    ['the same deadline in another notation', { deadline: '2026-03-02T20:00:00+01:00', nextRecurrence: null }],
  ])('%s: the second is not confirmed by itself, it is told, and the plan is read', (_title, more) => {
    const { subject, sent, asked, alerts, outcomes, readsAtMs } = run(
      [upcoming(0, 'r1'), upcoming(1, 'r2', 10, more)],
      9.7,
    );
    expect(outcomes).toEqual(['applied', 'applied']);
    expect(asked.map(({ transactionId }) => transactionId)).toEqual(['r1']);
    expect(sent.map(({ transactionId }) => transactionId)).toEqual(['r1']);
    expect(subject.recurrences).toMatchObject([
      { transactionId: 'r1', decision: 'confirm' },
      { transactionId: 'r2', decision: 'none', confirmedAt: null, final: false },
    ]);
    expect(subject.findings).toMatchObject([{ finding: 'contradiction', found: 'upcoming' }]);
    expect(alerts.map(({ alert }) => alert)).toEqual(['contradiction']);
    expect(readsAtMs).toEqual([HOUR_MS]);
  });

  test('the second, finished all the same, is money that moved without consent', () => {
    const both = [upcoming(0, 'r1'), upcoming(1, 'r2'), final(12, 'r1', 'finished'), final(13, 'r2', 'finished')];
    const { subject, alerts } = run(both, 14);
    expect(subject.findings).toMatchObject([{ found: 'upcoming' }, { found: 'finished' }]);
    expect(alerts.map(({ alert }) => alert)).toEqual(['contradiction', 'contradiction']);
  });

  test('two recurrences of two months are two', () => {
    const { sent, alerts } = run([upcoming(0, 'r1'), upcoming(20 * DAY_HOURS, 'r2', 30 * DAY_HOURS)], 21 * DAY_HOURS);
    expect(sent.map(({ transactionId }) => transactionId)).toEqual(['r1', 'r2']);
    expect(alerts.map(({ alert }) => alert)).not.toContain('contradiction');
  });
});

test('an event of a plan that comes again with another meaning is illegal, told, and the plan is read', () => {
  const known = run([upcoming(0, 'r1')], 1).subject;
  const now = clock(2 * HOUR_MS);
  const folded = foldNews(
    PLAN_RULES,
    known,
    {
      lifecycle: 'savingsPlan',
      event: 'TEST',
      news: upcoming(2, 'r1', 20).news,
      readHints: {},
      deliveryId: 'again',
      receivedAt: now,
      contradictsEarlier: true,
    },
    now,
  );
  const { outcome, alerts, subject }: { outcome: string; alerts: readonly string[]; subject: Subject } = folded;
  expect({ outcome, alerts }).toEqual({ outcome: 'illegal', alerts: ['contradiction'] });
  expect(subject).toMatchObject({ finding: 'contradiction', read: { at: now, purpose: 'illegal' } });
});
