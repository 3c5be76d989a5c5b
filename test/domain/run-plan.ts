import { foldNews, foldRead, nextStep } from '../../src/domain/lifecycles/kinds';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import type { Notification } from '../../src/domain/notification';
import type { PlanNews } from '../../src/domain/lifecycles/savings-plan/plan-news';
import type { Reading } from '../../src/domain/reading';
import { type Change, newSubject } from '../../src/domain/lifecycles/rules';
import {
  type ConfirmationAnswer,
  type DecisionAnswer,
  foldConfirmation,
  foldDecision,
} from '../../src/domain/lifecycles/savings-plan/answers';
import { passTime } from '../../src/domain/lifecycles/savings-plan/plan';
import type { Recurrence } from '../../src/domain/lifecycles/savings-plan/recurrence';
import type { AlertKind, Outcome, Subject } from '../../src/domain/subject';
import { rulesOf, START } from './run-subject';

export const PLAN_RULES = rulesOf(bitpandaSavingsPlan);

export interface PlanArrival {
  readonly atMs: number;
  readonly news: PlanNews;
}

/** What stands around a plan: our backend, the partner that confirms, and what it shows of the plan when it is read. */
export interface PlanWorld {
  readonly decide: (atMs: number, recurrence: Recurrence) => DecisionAnswer;
  readonly confirm: (atMs: number, recurrence: Recurrence) => ConfirmationAnswer;
  readonly read: (atMs: number) => Reading;
  /** Deliveries of ours wait for dispatch while it is read. */
  readonly backlog?: (atMs: number) => boolean;
  /** How long each call takes; what arrives meanwhile is folded before its answer. */
  readonly callTakesMs: number;
}

export interface PlanRun {
  readonly subject: Subject;
  readonly outcomes: readonly Outcome[];
  readonly alerts: readonly { readonly atMs: number; readonly alert: AlertKind; readonly about: readonly string[] }[];
  readonly asked: readonly { readonly atMs: number; readonly transactionId: string }[];
  /** Confirmations that were sent to the partner, whether or not it took them. */
  readonly sent: readonly { readonly atMs: number; readonly transactionId: string }[];
  readonly readsAtMs: readonly number[];
  readonly recovered: number;
}

/** The wall clock of the run's milliseconds. */
export function clock(atMs: number): string {
  return new Date(Date.parse(START) + atMs).toISOString();
}

const MOST_STEPS = 20_000;

function warnedIn({ recurrences = [] }: Subject): readonly string[] {
  return recurrences.filter(({ warned }) => warned).map(({ transactionId }) => transactionId);
}

/** Runs a savings plan on a virtual clock as its flow would, until nothing more can come or the time is over. */
export function runPlan(arrivals: readonly PlanArrival[], world: PlanWorld, untilMs: number): PlanRun {
  const pending = arrivals
    .map((arrival, index) => ({ arrival, index }))
    .sort((a, b) => a.arrival.atMs - b.arrival.atMs);
  const outcomes: Outcome[] = [];
  const alerts: { atMs: number; alert: AlertKind; about: readonly string[] }[] = [];
  const asked: { atMs: number; transactionId: string }[] = [];
  const sent: { atMs: number; transactionId: string }[] = [];
  const readsAtMs: number[] = [];
  let recovered = 0;
  let clockMs = pending[0]?.arrival.atMs ?? 0;
  let subject = newSubject(PLAN_RULES, 'plan', clock(clockMs), null);

  const take = (change: Change): void => {
    const before = warnedIn(subject);
    subject = change.subject;
    recovered += change.recovered;
    const about = warnedIn(subject).filter((id) => !before.includes(id));
    for (const alert of change.alerts) alerts.push({ atMs: clockMs, alert, about });
  };
  const foldArrivals = (): void => {
    while (pending[0] !== undefined && pending[0].arrival.atMs <= clockMs) {
      const { arrival, index } = pending[0];
      pending.shift();
      const notification: Notification = {
        lifecycle: 'savingsPlan',
        event: 'TEST',
        news: arrival.news,
        readHints: {},
        deliveryId: String(index),
        receivedAt: clock(clockMs),
        contradictsEarlier: false,
      };
      const folded = foldNews(PLAN_RULES, subject, notification, clock(clockMs));
      outcomes[index] = folded.outcome;
      take(folded);
    }
  };
  const call = <T>(answer: (atMs: number) => T): T => {
    const given = answer(clockMs);
    clockMs += world.callTakesMs;
    foldArrivals();
    return given;
  };
  const handleRecurrence = (recurrence: Recurrence): void => {
    const { transactionId } = recurrence;
    if (recurrence.decision === 'asked') {
      asked.push({ atMs: clockMs, transactionId });
      const answer = call((atMs) => world.decide(atMs, recurrence));
      take(foldDecision(PLAN_RULES, subject, transactionId, answer, clock(clockMs)));
      return;
    }
    sent.push({ atMs: clockMs, transactionId });
    const answer = call((atMs) => world.confirm(atMs, recurrence));
    take(foldConfirmation(PLAN_RULES, subject, transactionId, answer, clock(clockMs)));
  };

  for (let steps = 0; clockMs <= untilMs; steps += 1) {
    if (steps > MOST_STEPS) throw new Error('the plan goes round in circles');
    foldArrivals();
    const step = nextStep(PLAN_RULES, subject, clock(clockMs));
    if (step.kind === 'pass time') take(passTime(PLAN_RULES, subject, clock(clockMs)));
    else if (step.kind === 'handle recurrence') handleRecurrence(step.recurrence);
    else if (step.kind === 'read') {
      readsAtMs.push(clockMs);
      const reading = call(world.read);
      take(
        foldRead(
          PLAN_RULES,
          subject,
          step.purpose,
          { reading, backlog: world.backlog?.(clockMs) ?? false },
          clock(clockMs),
        ),
      );
    } else {
      const untilStepMs =
        step.kind === 'wait' && step.until !== null
          ? Date.parse(step.until) - Date.parse(START)
          : Number.POSITIVE_INFINITY;
      const nextMs = Math.min(pending[0]?.arrival.atMs ?? Number.POSITIVE_INFINITY, untilStepMs);
      if (!Number.isFinite(nextMs)) break;
      clockMs = Math.max(clockMs, nextMs);
    }
  }
  return { subject, outcomes, alerts, asked, sent, readsAtMs, recovered };
}
