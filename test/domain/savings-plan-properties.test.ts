import fc from 'fast-check';

import { OUTCOMES } from '../../src/domain/subject';
import { clock, type PlanArrival, runPlan } from './run-plan';
import { HOUR_MS } from './run-subject';

const MINUTE_MS = 60_000;
const MONTH_MS = 30 * 24 * HOUR_MS;
const LONG_MS = 14 * MONTH_MS;

/** What becomes of one recurrence: how early it is announced, what is lost, late or repeated, and who answers what. */
const fate = fc.record({
  announcedMinutesBefore: fc.constantFrom(3, 10, 40, 24 * 60),
  upcomingLost: fc.boolean(),
  upcomingDelayMinutes: fc.constantFrom(0, 0, 1, 20, 60, 3 * 24 * 60),
  upcomingCopies: fc.integer({ min: 1, max: 3 }),
  finalLost: fc.boolean(),
  /** After the deadline; before it where the partner gives up early. */
  finalMinutesAfter: fc.constantFrom(-30, 5, 60, 5 * 24 * 60),
  finalCopies: fc.integer({ min: 1, max: 2 }),
  status: fc.constantFrom('finished', 'not_confirmed', 'failed'),
  answer: fc.constantFrom('yes', 'yes', 'no', 'silent', 'nobody'),
  answersAfterMinutes: fc.constantFrom(0, 0, 5, 35),
  refusals: fc.constantFrom(0, 0, 2, 1_000),
});

const story = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 6 }),
  callTakesMs: fc.constantFrom(0, 500, 20_000),
  canceledAfterMonths: fc.option(fc.double({ min: 0.5, max: 6, noNaN: true })),
});

type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

interface Planned extends Fate {
  readonly transactionId: string;
  readonly deadlineMs: number;
}

function plan(fates: readonly Fate[]): readonly Planned[] {
  return fates.map((one, index) => ({
    ...one,
    transactionId: `r${String(index)}`,
    deadlineMs: (index + 1) * MONTH_MS,
  }));
}

function arrivalsOf(one: Planned): readonly PlanArrival[] {
  const { transactionId, deadlineMs, status } = one;
  const saidMs = deadlineMs + (one.upcomingDelayMinutes - one.announcedMinutesBefore) * MINUTE_MS;
  const endedMs = deadlineMs + one.finalMinutesAfter * MINUTE_MS;
  const upcoming = {
    kind: 'upcoming',
    transactionId,
    userId: 'u1',
    amount: '25',
    currency: '1',
    deadline: clock(deadlineMs),
    nextRecurrence: clock(deadlineMs + HOUR_MS),
    frequency: 'monthly',
  } as const;
  const copies = (count: number, atMs: number, news: PlanArrival['news']): PlanArrival[] =>
    Array.from({ length: count }, (_, copy) => ({ atMs: atMs + copy * 7_000, news }));
  return [
    ...(one.upcomingLost ? [] : copies(one.upcomingCopies, saidMs, upcoming)),
    ...(one.finalLost ? [] : copies(one.finalCopies, endedMs, { kind: 'final', transactionId, status, reason: null })),
  ];
}

/** A call under way when the time for the alert comes holds it up by as much; half of three minutes bears twenty seconds. */
function isKnownInTime(one: Planned): boolean {
  return !one.upcomingLost && one.upcomingDelayMinutes <= one.announcedMinutesBefore - 2;
}

describe('a savings plan through any order, duplication, delay and loss of its webhooks', () => {
  test('confirms each recurrence at most once and never after its deadline; one it cannot confirm is alerted before', () => {
    fc.assert(
      fc.property(story, ({ fates, callTakesMs, canceledAfterMonths }) => {
        const planned = plan(fates);
        const byId = new Map(planned.map((one) => [one.transactionId, one]));
        const tries = new Map<string, number>();
        const taken: string[] = [];
        const canceledMs = canceledAfterMonths === null ? null : canceledAfterMonths * MONTH_MS;
        const arrivals = [
          ...planned.flatMap(arrivalsOf),
          ...(canceledMs === null ? [] : [{ atMs: canceledMs, news: { kind: 'auto-cancel', reason: null } } as const]),
        ];
        const run = runPlan(
          arrivals,
          {
            callTakesMs,
            read: () => ({ kind: 'object', status: 'active', executions: [], quantityExecuted: null, reason: null }),
            decide: (atMs, { transactionId, announcedAt }) => {
              const one = byId.get(transactionId);
              const announcedMs = Date.parse(announcedAt ?? '') - Date.parse(clock(0));
              const isSilent =
                one?.answer === 'silent' || atMs < announcedMs + (one?.answersAfterMinutes ?? 0) * MINUTE_MS;
              if (one?.answer === 'nobody') return { kind: 'nobody to ask' };
              return isSilent ? { kind: 'no answer' } : { kind: 'answered', confirm: one?.answer === 'yes' };
            },
            confirm: (atMs, { transactionId }) => {
              const tried = tries.get(transactionId) ?? 0;
              tries.set(transactionId, tried + 1);
              expect(atMs).toBeLessThan(byId.get(transactionId)?.deadlineMs ?? 0);
              if (tried < (byId.get(transactionId)?.refusals ?? 0)) return { kind: 'not confirmed' };
              taken.push(transactionId);
              return { kind: 'confirmed' };
            },
          },
          LONG_MS,
        );

        expect(new Set(taken).size).toBe(taken.length);
        expect(taken.filter((id) => byId.get(id)?.answer !== 'yes')).toEqual([]);
        expect(run.outcomes).toHaveLength(arrivals.length);
        for (const outcome of run.outcomes) expect(OUTCOMES).toContain(outcome);

        const alertedMs = (id: string, alert: string): number | undefined =>
          run.alerts.find((one) => one.alert === alert && one.about.includes(id))?.atMs;
        for (const one of planned) {
          const { transactionId, deadlineMs, answer } = one;
          const endedFirst = !one.finalLost && one.finalMinutesAfter < 0;
          const canceledFirst = canceledMs !== null && canceledMs < deadlineMs;
          const isOpen = isKnownInTime(one) && !endedFirst && !canceledFirst;
          const alertAtMs = alertedMs(transactionId, 'unconfirmed');
          if (alertAtMs !== undefined) expect(alertAtMs).toBeLessThan(deadlineMs);
          if (!isOpen) continue;
          if (answer === 'no') {
            if (one.answersAfterMinutes === 0) expect(alertAtMs).toBeUndefined();
          } else if (!taken.includes(transactionId)) expect(alertAtMs).toBeDefined();
        }
        const unconfirmed = run.alerts.filter(({ alert }) => alert === 'unconfirmed');
        expect(unconfirmed.flatMap(({ about }) => about)).toHaveLength(unconfirmed.length);
      }),
      { numRuns: 400 },
    );
  });

  test('an announcement after its deadline is said to be too late, each once, unless its end was heard or the plan is over', () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 6 }), (fates) => {
        const planned = plan(fates);
        const run = runPlan(
          planned.flatMap(arrivalsOf),
          {
            callTakesMs: 0,
            read: () => ({ kind: 'unreachable', cause: 'timeout' }),
            decide: () => ({ kind: 'answered', confirm: true }),
            confirm: () => ({ kind: 'confirmed' }),
          },
          LONG_MS,
        );
        const expected = planned.filter((one) => {
          const saidAfter = one.upcomingDelayMinutes - one.announcedMinutesBefore;
          const endHeard = !one.finalLost && one.finalMinutesAfter <= saidAfter;
          return !one.upcomingLost && saidAfter >= 0 && !endHeard;
        });
        const tooLate = run.alerts.filter(({ alert }) => alert === 'too-late').flatMap(({ about }) => about);
        expect([...tooLate].sort()).toEqual(expected.map(({ transactionId }) => transactionId).sort());
      }),
      { numRuns: 200 },
    );
  });

  test('is never forgotten: at any moment it has ended, or owes something by a time, and past that time it is overdue', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: LONG_MS }), ({ fates, canceledAfterMonths }, untilMs) => {
        const arrivals: PlanArrival[] = [
          ...plan(fates).flatMap(arrivalsOf),
          ...(canceledAfterMonths === null
            ? []
            : [{ atMs: canceledAfterMonths * MONTH_MS, news: { kind: 'auto-cancel', reason: null } } as const]),
        ];
        const { subject } = runPlan(
          arrivals,
          {
            callTakesMs: 0,
            read: () => ({ kind: 'object', status: 'active', executions: [], quantityExecuted: null, reason: null }),
            decide: () => ({ kind: 'answered', confirm: true }),
            confirm: () => ({ kind: 'confirmed' }),
          },
          untilMs,
        );
        if (subject.end !== null) return;
        expect(subject.waitingFor.length).toBeGreaterThan(0);
        expect(subject.dueAt).not.toBeNull();
        const isPast = Date.parse(subject.dueAt ?? '') <= Date.parse(clock(untilMs - HOUR_MS));
        const hasBegun = arrivals.some(({ atMs }) => atMs <= untilMs);
        if (isPast && hasBegun) expect(subject.overdue).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
