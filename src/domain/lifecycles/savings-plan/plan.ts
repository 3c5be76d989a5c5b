import { earliest, isMoment, isPast, LAST_MS, later, millisecondsOf } from '../../moments';
import { dueAfter, type Policy } from '../../policy';
import type { AlertKind, End, Subject } from '../../subject';
import { type NextStep, readOrWait } from '../next-step';
import { type Change, changed, endSubject, type Rules } from '../rules';
import { CONFIRMATION_MARGIN, OWN_RECURRENCE, RECURRENCE_END } from './durations';
import type { PlanNews } from './plan-news';
import { isUnconfirmed, type Recurrence, withRecurrence } from './recurrence';

type Upcoming = Extract<PlanNews, { kind: 'upcoming' }>;

/**
 * The plan with what is owed next: a decision or confirmation before its deadline, the end of a recurrence, or between
 * recurrences the announcement of the next one, because a lost one would be seen nowhere else.
 */
export function arrangePlan(rules: Rules, subject: Subject, now: string): Subject {
  const open = (subject.recurrences ?? []).filter(({ final }) => !final);
  if (subject.state === 'canceled' && open.length === 0) return endSubject(subject, now, subject.stateBy ?? 'partner');
  const waitingFor = open.length > 0 ? owedFor(open) : ['upcoming'];
  const awaited = open.map((one) => (isUnconfirmed(one) ? deadlineOf(one) : endDueAt(rules, one)));
  const next = subject.nextUpcomingAt ?? dueAfter(rules.policy, rules.policy.firstDue, subject.since);
  // The end of a recurrence whose deadline nobody knows cannot be overdue; the plan's next one can.
  const dueAt = earliest(awaited) ?? next;
  const isSameWait = JSON.stringify(waitingFor) === JSON.stringify(subject.waitingFor);
  if (subject.overdue && isSameWait) return { ...subject, waitingFor, dueAt };
  // It stays until something that is awaited comes.
  const finding = isSameWait && subject.finding === 'contradiction' ? subject.finding : null;
  const ends = open.filter((one) => !isUnconfirmed(one)).map((one) => endDueAt(rules, one));
  const readAt = earliest(open.length > 0 ? ends : [next]);
  const read = readAt === null ? null : ({ at: readAt, purpose: 'overdue' } as const);
  return { ...subject, overdue: false, finding, step: 0, tries: 0, waitingFor, dueAt, read };
}

/** The deadline as our own rows hold times: a partner's 30th of February is a day that PostgreSQL refuses. */
function deadlineOf({ deadline }: Recurrence): string | null {
  return deadline === null ? null : later(deadline, 0);
}

function owedFor(open: readonly Recurrence[]): readonly string[] {
  const words = open.flatMap((one) =>
    isUnconfirmed(one) ? [one.decision === 'asked' ? 'decision' : 'confirmation'] : ['finished', 'not_confirmed'],
  );
  return [...new Set(words)];
}

/** The time when a recurrence's end is due: by the policy, and not before the time an operator gave. */
function endDueAt({ policy }: Rules, { deadline, extendedTo }: Recurrence): string | null {
  if (deadline === null) return extendedTo ?? null;
  const due = later(deadline, durationMs(policy, RECURRENCE_END));
  return extendedTo !== undefined && millisecondsOf(extendedTo) > millisecondsOf(due) ? extendedTo : due;
}

function durationMs(policy: Policy, name: string): number {
  const due = policy.dueByState[name] ?? policy.firstDue;
  return 'ms' in due ? due.ms : 0;
}

/** The plan with one recurrence added or changed. */
export function withChanged(rules: Rules, subject: Subject, recurrence: Recurrence, now: string): Subject {
  const isBounded = (): boolean => rules.goesNewWay?.('recurrences-are-bounded') !== false;
  const recurrences = withRecurrence(subject.recurrences ?? [], recurrence, isBounded);
  return arrangePlan(rules, { ...subject, recurrences }, now);
}

/** The plan after it was canceled: nobody is asked any more, and what is open may still end. */
export function cancelPlan(rules: Rules, subject: Subject, by: End['by'], now: string): Subject {
  const recurrences = (subject.recurrences ?? []).map((one): Recurrence =>
    one.decision === 'asked' ? { ...one, decision: 'none', actAt: null } : one,
  );
  return arrangePlan(rules, { ...subject, state: 'canceled', stateBy: by, since: now, recurrences }, now);
}

/**
 * The plan whose partner an operator gave time: for the ends that are owed now, or for the next announcement. Kept with
 * what it is for, or the next change of any recurrence would plan by the old due time again. A deadline is the partner's.
 */
export function extendPlan(subject: Subject, until: string): Subject {
  if (subject.recurrences === undefined) return subject;
  const recurrences = subject.recurrences.map((one) =>
    one.final || isUnconfirmed(one) ? one : { ...one, extendedTo: until },
  );
  const awaitsUpcoming = subject.waitingFor.includes('upcoming');
  return { ...subject, recurrences, ...(awaitsUpcoming ? { nextUpcomingAt: until } : {}) };
}

/** The next step of a plan: a deadline that passes comes before everything, then asking and confirming, then reads. */
export function nextPlanStep(rules: Rules, subject: Subject, now: string): NextStep {
  if (subject.end !== null) return { kind: 'finish' };
  const passing = passingMoments(rules, subject);
  if (passing.some((time) => isPast(time, now))) return { kind: 'pass time' };
  const toActOn = (subject.recurrences ?? []).filter(isUnconfirmed);
  const due = toActOn.find(({ actAt }) => isPast(actAt, now));
  if (due !== undefined) return { kind: 'handle recurrence', recurrence: due };
  return readOrWait(subject, now, [...passing, ...toActOn.map(({ actAt }) => actAt)]);
}

/** The moments that change a recurrence by themselves: the alert before its deadline, the deadline, the end of waiting. */
function passingMoments(rules: Rules, subject: Subject): readonly (string | null)[] {
  const isCanceled = subject.state === 'canceled';
  return (subject.recurrences ?? []).flatMap((one) => {
    if (one.final) return [];
    const unconfirmed = isUnconfirmed(one) ? [one.warned ? null : warnAt(rules, one), one.deadline] : [];
    return [...unconfirmed, isCanceled ? endDueAt(rules, one) : null];
  });
}

/** The plan after some time: alerted is what is not confirmed shortly before its deadline, given up what is not after it. */
export function passTime(rules: Rules, subject: Subject, now: string): Change {
  const before = subject.recurrences ?? [];
  const after = before.map((one) => afterTime(rules, subject, one, now));
  const warned = after.filter((one, index) => one.warned && before[index]?.warned === false);
  const alerts: readonly AlertKind[] = warned.map(() => 'unconfirmed');
  return changed(arrangePlan(rules, { ...subject, recurrences: after }, now), alerts);
}

function afterTime(rules: Rules, subject: Subject, one: Recurrence, now: string): Recurrence {
  if (one.final) return one;
  const isCanceled = subject.state === 'canceled';
  if (isCanceled && isPast(endDueAt(rules, one), now)) return { ...one, final: true, actAt: null };
  if (isCanceled && one.deadline === null) return { ...one, final: true, actAt: null };
  if (!isUnconfirmed(one)) return one;
  if (isPast(one.deadline, now)) return { ...one, decision: 'none', actAt: null, warned: true };
  return isPast(warnAt(rules, one), now) ? { ...one, warned: true } : one;
}

/**
 * The time of the alert that a recurrence is still not confirmed: the margin before its deadline, but not before half of
 * the time is over that we were given, or a recurrence announced late would be alerted before anybody was asked.
 */
function warnAt({ policy }: Rules, { deadline, announcedAt }: Recurrence): string | null {
  if (deadline === null) return null;
  const deadlineMs = millisecondsOf(deadline);
  const halfMs = announcedAt === null ? 0 : (millisecondsOf(announcedAt) + deadlineMs) / 2;
  return new Date(Math.max(halfMs, deadlineMs - durationMs(policy, CONFIRMATION_MARGIN))).toISOString();
}

/** The time by which the following recurrence has to be announced; null where the partner named no next one. */
export function nextUpcomingAt(
  { policy }: Rules,
  upcoming: Pick<Upcoming, 'deadline' | 'nextRecurrence' | 'frequency' | 'following'>,
): string | null {
  const { nextRecurrence, following } = upcoming;
  if (nextRecurrence === null || !isMoment(nextRecurrence)) return null;
  const nextMs = millisecondsOf(nextRecurrence);
  const next = new Date(nextMs);
  const isOwn = nextMs - millisecondsOf(upcoming.deadline) <= durationMs(policy, OWN_RECURRENCE);
  if (isOwn && following !== undefined) return following;
  return new Date(Math.min(LAST_MS, (isOwn ? periodLater(next, upcoming.frequency) : next).getTime())).toISOString();
}

const DAY_MS = 86_400_000;

/** The next period in UTC, for news without local times; a period it does not name is taken for the longest one. */
function periodLater(at: Date, frequency: string | null): Date {
  if (frequency === 'weekly') return new Date(at.getTime() + 7 * DAY_MS);
  if (frequency === 'biweekly') return new Date(at.getTime() + 14 * DAY_MS);
  return monthLater(at);
}

function monthLater(at: Date): Date {
  const next = new Date(at);
  next.setUTCMonth(next.getUTCMonth() + 1);
  // The 31st has no place in most months: the last day of the month then, as a plan would be executed.
  if (next.getUTCDate() !== at.getUTCDate()) next.setUTCDate(0);
  return next;
}
