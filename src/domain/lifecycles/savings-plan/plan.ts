import { CONFIRMATION_MARGIN, OWN_RECURRENCE, RECURRENCE_END } from './durations';
import { momentOf } from '../../partner-time';
import { dueAfter, type Policy } from '../../policy';
import { type Change, changed, endSubject, type Rules } from '../rules';
import type { AlertKind, Subject } from '../../subject';
import { isUnconfirmed, type Recurrence, withRecurrence } from './recurrence';

function durationMs(policy: Policy, name: string): number {
  const due = policy.dueByState[name] ?? policy.firstDue;
  return 'ms' in due ? due.ms : 0;
}

/** By when a recurrence's end is due: by the policy, and not before the time an operator gave. */
function endDueAt({ policy }: Rules, { deadline, extendedTo }: Recurrence): string | null {
  if (deadline === null) return extendedTo ?? null;
  const due = new Date(Date.parse(deadline) + durationMs(policy, RECURRENCE_END)).toISOString();
  return extendedTo !== undefined && Date.parse(extendedTo) > Date.parse(due) ? extendedTo : due;
}

/**
 * When the alert is due that a recurrence is still not confirmed: the margin before its deadline, but not before half of
 * the time is over that we were given, or a recurrence announced late would be alerted before anybody was asked.
 */
export function warnAt({ policy }: Rules, { deadline, announcedAt }: Recurrence): string | null {
  if (deadline === null) return null;
  const deadlineMs = Date.parse(deadline);
  const halfMs = announcedAt === null ? 0 : (Date.parse(announcedAt) + deadlineMs) / 2;
  return new Date(Math.max(halfMs, deadlineMs - durationMs(policy, CONFIRMATION_MARGIN))).toISOString();
}

function monthLater(at: Date): Date {
  const next = new Date(at);
  next.setUTCMonth(next.getUTCMonth() + 1);
  // The 31st has no place in most months: the last day of the month then, as a plan would be executed.
  if (next.getUTCDate() !== at.getUTCDate()) next.setUTCDate(0);
  return next;
}

const DAY_MS = 86_400_000;

/** The partner's calendar; a period it does not name is taken for the longest one. */
function periodLater(at: Date, frequency: string | null): Date {
  if (frequency === 'weekly') return new Date(at.getTime() + 7 * DAY_MS);
  if (frequency === 'biweekly') return new Date(at.getTime() + 14 * DAY_MS);
  return monthLater(at);
}

/** By when the following recurrence has to be announced; null where the partner named no next one. */
export function nextUpcomingAt(
  { policy }: Rules,
  news: { readonly deadline: string; readonly nextRecurrence: string | null; readonly frequency: string | null },
): string | null {
  if (news.nextRecurrence === null) return null;
  const nextMs = momentOf(news.nextRecurrence);
  if (nextMs === null) return null;
  const next = new Date(nextMs);
  const isOwn = nextMs - Date.parse(news.deadline) <= durationMs(policy, OWN_RECURRENCE);
  return (isOwn ? periodLater(next, news.frequency) : next).toISOString();
}

function earliest(times: readonly (string | null)[]): string | null {
  const given = times.flatMap((time) => (time === null ? [] : [time]));
  return given.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}

function owedFor(open: readonly Recurrence[]): readonly string[] {
  const words = open.flatMap((one) =>
    isUnconfirmed(one) ? [one.decision === 'asked' ? 'decision' : 'confirmation'] : ['finished', 'not_confirmed'],
  );
  return [...new Set(words)];
}

/**
 * Plans what is owed next: a decision or confirmation before its deadline, the end of a recurrence, or between
 * recurrences the announcement of the next one, because a lost one would be seen nowhere else.
 */
export function arrangePlan(rules: Rules, subject: Subject, now: string): Subject {
  const open = (subject.recurrences ?? []).filter(({ final }) => !final);
  if (subject.state === 'canceled' && open.length === 0) return endSubject(subject, now, subject.stateBy ?? 'partner');
  const waitingFor = open.length > 0 ? owedFor(open) : ['upcoming'];
  const awaited = open.map((one) => (isUnconfirmed(one) ? one.deadline : endDueAt(rules, one)));
  const next = subject.nextUpcomingAt ?? dueAfter(rules.policy, rules.policy.firstDue, subject.since);
  const dueAt = open.length > 0 ? earliest(awaited) : next;
  // The end of a recurrence whose deadline nobody knows cannot be overdue; the plan's next one can.
  const due = dueAt ?? next;
  if (subject.overdue && JSON.stringify(waitingFor) === JSON.stringify(subject.waitingFor)) {
    return { ...subject, waitingFor, dueAt: due };
  }
  const ends = open.filter((one) => !isUnconfirmed(one)).map((one) => endDueAt(rules, one));
  const readAt = earliest(open.length > 0 ? ends : [next]);
  const calm = { ...subject, overdue: false, finding: null, step: 0, tries: 0 };
  return { ...calm, waitingFor, dueAt: due, read: readAt === null ? null : { at: readAt, purpose: 'overdue' } };
}

/**
 * An operator gave the partner time until then: for the ends that are owed now, or for the next announcement. Kept with
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

/** Changes one recurrence and plans anew. */
export function withChanged(rules: Rules, subject: Subject, recurrence: Recurrence, now: string): Subject {
  const recurrences = withRecurrence(subject.recurrences ?? [], recurrence);
  return arrangePlan(rules, { ...subject, recurrences }, now);
}

function isPast(time: string | null, now: string): boolean {
  return time !== null && Date.parse(time) <= Date.parse(now);
}

/** What time alone does to a recurrence: the alert before the deadline, and the deadline itself. */
function pass(rules: Rules, subject: Subject, one: Recurrence, now: string): Recurrence {
  if (one.final) return one;
  const isCanceled = subject.state === 'canceled';
  if (isCanceled && isPast(endDueAt(rules, one), now)) return { ...one, final: true, actAt: null };
  if (isCanceled && one.deadline === null) return { ...one, final: true, actAt: null };
  if (!isUnconfirmed(one)) return one;
  if (isPast(one.deadline, now)) return { ...one, decision: 'none', actAt: null, warned: true };
  return isPast(warnAt(rules, one), now) && !one.warned ? { ...one, warned: true } : one;
}

/** Lets time pass: alerts what is not confirmed shortly before its deadline, gives up after it, and plans anew. */
export function passTime(rules: Rules, subject: Subject, now: string): Change {
  const before = subject.recurrences ?? [];
  const after = before.map((one) => pass(rules, subject, one, now));
  const warned = after.filter((one, index) => one.warned && before[index]?.warned === false);
  const alerts: readonly AlertKind[] = warned.map(() => 'unconfirmed');
  return changed(arrangePlan(rules, { ...subject, recurrences: after }, now), alerts);
}

/** The moments that change a recurrence by themselves: the alert before its deadline, the deadline, the end of waiting. */
export function passingMoments(rules: Rules, subject: Subject): readonly string[] {
  const isCanceled = subject.state === 'canceled';
  return (subject.recurrences ?? []).flatMap((one) => {
    if (one.final) return [];
    const unconfirmed = isUnconfirmed(one) ? [one.warned ? null : warnAt(rules, one), one.deadline] : [];
    return [...unconfirmed, isCanceled ? endDueAt(rules, one) : null].flatMap((time) => (time === null ? [] : [time]));
  });
}
