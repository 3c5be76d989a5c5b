import type { LateNews } from '../../notification';
import { millisecondsOf } from '../../moments';
import type { Subject } from '../../subject';
import { type Change, changed, type Folded, folded, note, type Rules, tellsAll } from '../rules';
import type { PlanNews } from './plan-news';
import { type Recurrence, recurrenceOf } from './recurrence';

type Upcoming = Extract<PlanNews, { kind: 'upcoming' }>;
type Final = Extract<PlanNews, { kind: 'final' }>;

/** The plan with a contradiction that people have to know of; it is read, unless it has ended. */
export function contradictPlan(rules: Rules, subject: Subject, found: string, now: string): Change {
  const noted = note(rules, subject, 'contradiction', found, now);
  const read = subject.end === null ? ({ at: now, purpose: 'illegal' } as const) : subject.read;
  return changed({ ...noted, read }, ['contradiction']);
}

/**
 * True for the end of a recurrence that contradicts its route, or what was decided: money moved without consent, or a
 * confirmation that was taken is denied. Of one whose announcement came too late, or never, nobody could
 * decide anything, and the first of the two was alerted.
 */
export function contradictsDecision(one: Recurrence | undefined, { status, contradictsRoute }: Final): boolean {
  if (contradictsRoute === true) return true;
  if (one === undefined || one.deadline === null || one.state === 'too-late') return false;
  if (status === 'finished') return one.confirmedAt === null && one.isWanted !== true && one.decision !== 'confirm';
  return isDenied(one, status);
}

/** True where the partner took a confirmation, and says that there was none. */
export function isDenied({ confirmedAt }: Recurrence, status: string): boolean {
  return status === 'not_confirmed' && confirmedAt !== null;
}

/** True for the announcement of a recurrence that was announced already under another transaction id. */
export function isAnnouncedTwice(
  { recurrences = [] }: Subject,
  { transactionId, deadline, nextRecurrence }: Upcoming,
): boolean {
  return recurrences.some(
    (other) =>
      other.transactionId !== transactionId &&
      (isSameMoment(other.deadline, deadline) || isSameMoment(other.nextRecurrence ?? null, nextRecurrence)),
  );
}

function isSameMoment(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && millisecondsOf(one) === millisecondsOf(other);
}

/** The fold of what arrives after the plan's end: money that moved is told, an announcement is late and no more. */
export function foldLatePlan(rules: Rules, subject: Subject, news: LateNews, now: string): Folded {
  if (news.lifecycle !== 'savingsPlan') return folded('late', changed(subject));
  const found = news.news.kind === 'final' ? news.news.status : news.news.kind;
  const contradicts = news.contradictsEarlier || (news.news.kind === 'final' && movesAfterEnd(subject, news.news));
  return folded('late', contradicts && tellsAll(rules) ? contradictPlan(rules, subject, found, now) : changed(subject));
}

function movesAfterEnd(subject: Subject, news: Final): boolean {
  const one = recurrenceOf(subject, news.transactionId);
  if (one?.state === news.status && news.contradictsRoute !== true) return false;
  return contradictsDecision(one, news) || news.status === 'finished' || (one !== undefined && hasEndOfItsOwn(one));
}

/** True for a recurrence whose end the partner has named. */
export function hasEndOfItsOwn({ final, state }: Recurrence): boolean {
  return final && state !== 'upcoming' && state !== 'too-late';
}
