import type { Folded } from '../states/fold-notification';
import type { Arrival, SavingsPlanContent } from '../../notification';
import type { PlanNews } from './plan-news';
import { momentOf } from '../../partner-time';
import { changed, type Rules } from '../rules';
import type { AlertKind, Outcome, Subject } from '../../subject';
import { arrangePlan, nextUpcomingAt, withChanged } from './plan';
import { type Recurrence, unannounced } from './recurrence';

type Upcoming = Extract<PlanNews, { kind: 'upcoming' }>;
type Final = Extract<PlanNews, { kind: 'final' }>;

function as(outcome: Outcome, subject: Subject, alerts: readonly AlertKind[] = []): Folded {
  return { ...changed(subject, alerts), outcome };
}

function known(subject: Subject, transactionId: string): Recurrence | undefined {
  return subject.recurrences?.find((one) => one.transactionId === transactionId);
}

/** The plan is alive: a webhook spoke of it. */
function alive(subject: Subject, now: string): Subject {
  return subject.state === null ? { ...subject, state: 'active', stateBy: 'partner', since: now } : subject;
}

/** One that can still be confirmed is asked for; one announced after its deadline is said at once to be too late. */
function announced(news: Upcoming, now: string): Recurrence {
  const { transactionId, deadline, userId, amount, currency } = news;
  const isTooLate = Date.parse(deadline) <= Date.parse(now);
  return {
    ...unannounced(transactionId),
    ...{ deadline, userId, amount, currency },
    announcedAt: now,
    state: isTooLate ? 'too-late' : 'upcoming',
    decision: isTooLate ? 'none' : 'asked',
    actAt: isTooLate ? null : now,
    warned: isTooLate,
  };
}

/** Whether no later recurrence was announced: one that is delivered late knows nothing new of the next. */
function isNewest(subject: Subject, news: Upcoming): boolean {
  const others = subject.recurrences ?? [];
  return others.every(({ deadline }) => deadline === null || Date.parse(deadline) <= Date.parse(news.deadline));
}

/** The plan after an announcement: it is alive, nothing is overdue, and the newest says when the next one is due. */
function announcedTo(rules: Rules, subject: Subject, news: Upcoming, now: string): Subject {
  const next = isNewest(subject, news) ? nextUpcomingAt(rules, news) : null;
  const told = { ...alive(subject, now), since: now, overdue: false };
  return next === null ? told : { ...told, nextUpcomingAt: next };
}

function foldUpcoming(rules: Rules, subject: Subject, news: Upcoming, now: string): Folded {
  // Parked before it comes here; folded all the same it would stop the flow for good.
  if (momentOf(news.deadline) === null) return as('illegal', subject);
  if (subject.state === 'canceled') return as('late', subject);
  const earlier = known(subject, news.transactionId);
  if (earlier !== undefined && earlier.deadline !== null) return as('repeated', subject);
  const told = announcedTo(rules, subject, news, now);
  if (earlier !== undefined) {
    // Its end was heard first: nothing is to be decided any more, but its deadline is worth knowing.
    return as('repeated', withChanged(rules, told, { ...earlier, deadline: news.deadline }, now));
  }
  const recurrence = announced(news, now);
  const alerts: readonly AlertKind[] = recurrence.state === 'too-late' ? ['too-late'] : [];
  return as('applied', withChanged(rules, told, recurrence, now), alerts);
}

function foldFinal(rules: Rules, subject: Subject, news: Final, now: string): Folded {
  const earlier = known(subject, news.transactionId);
  const isSame = earlier?.state === news.status;
  const hasEnded =
    earlier !== undefined && earlier.final && earlier.state !== 'upcoming' && earlier.state !== 'too-late';
  if (hasEnded) return as(isSame ? 'repeated' : 'illegal', subject);
  const ended = { ...(earlier ?? unannounced(news.transactionId)), state: news.status, final: true, actAt: null };
  const told = { ...alive(subject, now), since: now, reason: news.reason ?? subject.reason, overdue: false };
  return as('applied', withChanged(rules, told, ended, now));
}

/** The plan is over: nobody is asked any more, and what is open may still end. */
function foldAutoCancel(rules: Rules, subject: Subject, reason: string | null, now: string): Folded {
  if (subject.state === 'canceled') return as('repeated', subject);
  const recurrences = (subject.recurrences ?? []).map((one): Recurrence => {
    return one.decision === 'asked' ? { ...one, decision: 'none', actAt: null } : one;
  });
  const told: Subject = { ...subject, state: 'canceled', stateBy: 'partner', since: now, reason, recurrences };
  return as('applied', arrangePlan(rules, told, now));
}

/** Folds one notification of a savings plan; synchronous, never throws, whatever the order of arrival. */
export function foldPlanNews(
  rules: Rules,
  subject: Subject,
  notification: SavingsPlanContent & Arrival,
  now: string,
): Folded {
  if (subject.end !== null) return as('late', subject);
  const hinted = { ...subject, readHints: { ...subject.readHints, ...notification.readHints } };
  if (notification.contradictsEarlier) return as('illegal', hinted);
  const { news } = notification;
  switch (news.kind) {
    case 'upcoming':
      return foldUpcoming(rules, hinted, news, now);
    case 'final':
      return foldFinal(rules, hinted, news, now);
    case 'auto-cancel':
      return foldAutoCancel(rules, hinted, news.reason, now);
  }
}
