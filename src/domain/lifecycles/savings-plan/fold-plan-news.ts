import type { Arrival, SavingsPlanContent } from '../../notification';
import { isMoment, isPast } from '../../moments';
import type { AlertKind, Outcome, Subject } from '../../subject';
import { changed, type Folded, type Rules, tellsAll } from '../rules';
import { cancelPlan, nextUpcomingAt, withChanged } from './plan';
import {
  contradictPlan,
  contradictsDecision,
  foldLatePlan,
  hasEndOfItsOwn,
  isAnnouncedTwice,
} from './plan-contradictions';
import type { PlanNews } from './plan-news';
import { isUnconfirmed, MOST_UNCONFIRMED, type Recurrence, recurrenceOf, unannounced } from './recurrence';

type Upcoming = Extract<PlanNews, { kind: 'upcoming' }>;
type Final = Extract<PlanNews, { kind: 'final' }>;

/** The fold of one notification of a savings plan; synchronous, never throws, whatever the order of arrival. */
export function foldPlanNews(
  rules: Rules,
  subject: Subject,
  notification: SavingsPlanContent & Arrival,
  now: string,
): Folded {
  if (subject.end !== null) return foldLatePlan(rules, subject, notification, now);
  const hinted = { ...subject, readHints: { ...subject.readHints, ...notification.readHints } };
  const { news } = notification;
  if (notification.contradictsEarlier)
    return foldIllegal(rules, hinted, news.kind === 'final' ? news.status : news.kind, now);
  switch (news.kind) {
    case 'upcoming':
      return foldUpcoming(rules, hinted, news, now);
    case 'final':
      return foldFinal(rules, hinted, news, now);
    case 'auto-cancel':
      return foldAutoCancel(rules, hinted, news.reason, now);
  }
}

function folded(outcome: Outcome, subject: Subject, alerts: readonly AlertKind[] = []): Folded {
  return { ...changed(subject, alerts), outcome };
}

/** A plan's read says nothing of its recurrences: what contradicts is told at once. */
function foldIllegal(rules: Rules, subject: Subject, found: string, now: string): Folded {
  if (!tellsAll(rules)) return folded('illegal', subject);
  return { ...contradictPlan(rules, subject, found, now), outcome: 'illegal' };
}

function foldUpcoming(rules: Rules, subject: Subject, news: Upcoming, now: string): Folded {
  // Parked before it comes here; folded all the same it would stop the flow for good.
  if (!isMoment(news.deadline)) return folded('illegal', subject);
  if (subject.state === 'canceled') return folded('late', subject);
  const earlier = recurrenceOf(subject, news.transactionId);
  if (earlier !== undefined && earlier.deadline !== null) return folded('repeated', subject);
  if (earlier === undefined && hasTooMany(rules, subject)) return folded('illegal', subject, ['unconfirmed']);
  const plan = withAnnouncement(rules, subject, news, now);
  if (earlier !== undefined) {
    // Its end arrived first: nothing is to be decided any more, but its deadline is worth knowing.
    return folded('repeated', withChanged(rules, plan, { ...earlier, deadline: news.deadline }, now));
  }
  const recurrence = announced(news, now);
  const alerts: readonly AlertKind[] = recurrence.state === 'too-late' ? ['too-late'] : [];
  if (isAnnouncedTwice(subject, news) && tellsAll(rules)) return foldSecond(rules, plan, recurrence, alerts, now);
  return folded('applied', withChanged(rules, plan, recurrence, now), alerts);
}

/** The second announcement of one recurrence: confirmed by itself, the customer would pay twice. */
function foldSecond(
  rules: Rules,
  plan: Subject,
  recurrence: Recurrence,
  alerts: readonly AlertKind[],
  now: string,
): Folded {
  const second: Recurrence = { ...recurrence, decision: 'none', actAt: null, warned: true };
  const told = contradictPlan(rules, withChanged(rules, plan, second, now), 'upcoming', now);
  return { ...told, alerts: [...alerts, ...told.alerts], outcome: 'applied' };
}

/** True where more can be confirmed already than any plan has: another one would let the row grow without end. */
function hasTooMany(rules: Rules, { recurrences = [] }: Subject): boolean {
  const open = recurrences.filter(isUnconfirmed).length;
  return open >= MOST_UNCONFIRMED && rules.goesNewWay?.('recurrences-are-bounded') !== false;
}

/** The plan after an announcement: it is alive, nothing is overdue, and the newest says when the next one is due. */
function withAnnouncement(rules: Rules, subject: Subject, news: Upcoming, now: string): Subject {
  const next = isNewest(subject, news) ? nextUpcomingAt(rules, news) : null;
  const plan = { ...alive(subject, now), since: now, overdue: false };
  return next === null ? plan : { ...plan, nextUpcomingAt: next };
}

/** True where no later recurrence was announced: one that is delivered late knows nothing new of the next. */
function isNewest({ recurrences = [] }: Subject, { deadline }: Upcoming): boolean {
  return recurrences.every((other) => other.deadline === null || isPast(other.deadline, deadline));
}

/** The plan is alive: a webhook spoke of it. */
function alive(subject: Subject, now: string): Subject {
  return subject.state === null ? { ...subject, state: 'active', stateBy: 'partner', since: now } : subject;
}

/** One that can still be confirmed is asked for; one announced after its deadline is said at once to be too late. */
function announced(news: Upcoming, now: string): Recurrence {
  const { transactionId, deadline, nextRecurrence, userId, amount, currency } = news;
  const isTooLate = isPast(deadline, now);
  return {
    ...unannounced(transactionId),
    ...{ deadline, userId, amount, currency },
    ...(nextRecurrence === null ? {} : { nextRecurrence }),
    announcedAt: now,
    state: isTooLate ? 'too-late' : 'upcoming',
    decision: isTooLate ? 'none' : 'asked',
    actAt: isTooLate ? null : now,
    warned: isTooLate,
  };
}

function foldFinal(rules: Rules, subject: Subject, news: Final, now: string): Folded {
  const earlier = recurrenceOf(subject, news.transactionId);
  if (earlier !== undefined && hasEndOfItsOwn(earlier)) {
    return earlier.state === news.status ? folded('repeated', subject) : foldIllegal(rules, subject, news.status, now);
  }
  const ended = { ...(earlier ?? unannounced(news.transactionId)), state: news.status, final: true, actAt: null };
  const plan = { ...alive(subject, now), since: now, reason: news.reason ?? subject.reason, overdue: false };
  const after = withChanged(rules, plan, ended, now);
  if (!contradictsDecision(earlier, news) || !tellsAll(rules)) return folded('applied', after);
  return { ...contradictPlan(rules, after, news.status, now), outcome: 'applied' };
}

function foldAutoCancel(rules: Rules, subject: Subject, reason: string | null, now: string): Folded {
  if (subject.state === 'canceled') return folded('repeated', subject);
  return folded('applied', cancelPlan(rules, { ...subject, reason }, 'partner', now));
}

/** True where the plan knows already what a swept event says. */
export function planHasArrived(subject: Subject, { news }: SavingsPlanContent): boolean {
  if (news.kind === 'auto-cancel') return subject.state === 'canceled';
  const known = recurrenceOf(subject, news.transactionId);
  return known !== undefined && (news.kind === 'upcoming' || known.final);
}
