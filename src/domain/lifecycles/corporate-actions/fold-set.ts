import { backOffMs } from '../../back-off';
import { later, stepWaitMs } from '../escalate';
import type { Folded } from '../states/fold-notification';
import { ANSWER, QUIET_PERIOD } from './durations';
import type { Arrival, CorporateActionNews } from '../../notification';
import { dueAfter } from '../../policy';
import { type Change, changed, endSubject, note, type Rules } from '../rules';
import type { AlertKind, Subject } from '../../subject';
import type { Break } from './corporate-action';
import type { SetSnapshot } from './set-news';

/** Words of `waitingFor`: nothing new for a while, an answer to what is not verified, money to be passed on. */
const WAITS = { settle: 'settle', answer: 'answer', obligation: 'obligation' } as const;

/** What judging gave. `later`: deliveries of ours still wait for dispatch. `ask`: no good verdict without the partner. */
export type JudgeResult =
  | { readonly kind: 'later' }
  | { readonly kind: 'ask'; readonly from: string }
  | { readonly kind: 'judged'; readonly standing: SetSnapshot };

function dueFor({ policy }: Rules, name: string, from: string): string {
  return dueAfter(policy, policy.dueByState[name] ?? policy.firstDue, from);
}

function inWords({ kind, leg, instrument, expected, found }: Break): string {
  const detail = [
    leg,
    instrument,
    expected === null ? null : `expected ${expected}`,
    found === null ? null : `found ${found}`,
  ];
  return [kind, ...detail.filter((word) => word !== null)].join(' ');
}

function factsOf({ verdict, breaks }: SetSnapshot): Readonly<Record<string, string>> {
  const named = breaks.length === 0 ? {} : { breaks: breaks.map(inWords).join('; ') };
  return { verdict: verdict ?? 'not judged', ...named };
}

/** Something new was booked: nothing is judged before nothing more has come for a while. */
export function awaitSettling(rules: Rules, subject: Subject, type: string, now: string): Subject {
  const { asked, standing, resolution, ...rest } = subject;
  const dueAt = dueFor(rules, QUIET_PERIOD, now);
  return {
    ...rest,
    state: type,
    stateBy: 'partner',
    since: now,
    waitingFor: [WAITS.settle],
    dueAt,
    read: { at: dueAt, purpose: 'judge' },
    step: 0,
    tries: 0,
    overdue: false,
    finding: null,
    end: null,
    closedForGood: false,
  };
}

/** One rung up: somebody is told where the rung says so, and the ledger is looked at again later. */
function escalateAgain(rules: Rules, subject: Subject, alert: AlertKind, now: string): Change {
  const read = { at: later(now, stepWaitMs(rules, subject.step)), purpose: 'judge' } as const;
  const next: Subject = { ...subject, step: subject.step + 1, tries: 0, read };
  return changed(next, rules.policy.ladder[subject.step]?.alert === true ? [alert] : []);
}

function isPast(time: string | null, now: string): boolean {
  return time !== null && Date.parse(time) <= Date.parse(now);
}

/** Waits for a word since it first did; what is past its time is overdue and climbs. */
function awaitWord(
  rules: Rules,
  subject: Subject,
  wait: { readonly word: string; readonly dueAt: string; readonly alert: AlertKind },
  now: string,
): Change {
  const waits = subject.waitingFor.includes(wait.word);
  const dueAt = waits ? (subject.dueAt ?? wait.dueAt) : wait.dueAt;
  const known = waits ? subject : { ...subject, since: now, step: 0, overdue: false };
  const waiting: Subject = { ...known, waitingFor: [wait.word], dueAt, end: null, closedForGood: false };
  if (isPast(dueAt, now)) return escalateAgain(rules, { ...waiting, overdue: true }, wait.alert, now);
  return changed({ ...waiting, read: { at: dueAt, purpose: 'judge' } });
}

/** An answer is owed. While the partner cannot be asked it is tried again on the ladder, before anything is due. */
function awaitAnswer(rules: Rules, subject: Subject, verdict: 'unverified' | 'break', now: string): Change {
  const dueAt = dueFor(rules, ANSWER, now);
  const waited = awaitWord(rules, subject, { word: WAITS.answer, dueAt, alert: verdict }, now);
  if (subject.asked !== 'unreachable') return waited;
  // On the next rung the partner is asked anew.
  const { asked, ...again } = waited.subject;
  const noted = note(again, 'unreachable', 'the events of the partner', now);
  return noted.overdue ? { ...waited, subject: noted } : escalateAgain(rules, noted, 'unreachable', now);
}

function conclude(rules: Rules, subject: Subject, standing: SetSnapshot, now: string): Change {
  const { verdict, resolved, obligationDueAt } = standing;
  if (resolved) return changed(endSubject(subject, now, 'operator', true));
  switch (verdict) {
    case null:
      // Every movement was taken back, or books nothing: nothing is left to be judged.
      return changed(endSubject(subject, now, 'partner', true));
    case 'unverified':
    case 'break':
      return awaitAnswer(rules, subject, verdict, now);
    case 'complete':
    case 'new-share-too-small':
    case 'old-share-sold': {
      const good: Subject = { ...subject, finding: null };
      if (obligationDueAt === null) return changed(endSubject(good, now, 'partner', true));
      const wait = { word: WAITS.obligation, dueAt: obligationDueAt, alert: 'obligation-overdue' } as const;
      return awaitWord(rules, good, wait, now);
    }
  }
}

/** Nothing was ever booked: our own backend expects a movement that has not come. */
function foldNothingBooked(rules: Rules, subject: Subject, now: string): Change {
  const slow = note({ ...subject, overdue: true }, subject.asked === 'unreachable' ? 'unreachable' : 'slow', null, now);
  return escalateAgain(rules, slow, slow.finding ?? 'slow', now);
}

/** Takes in what the ledger says of the set. An older standing than the known one changes nothing. */
export function foldSetSnapshot(rules: Rules, subject: Subject, standing: SetSnapshot, now: string): Change {
  if (subject.standing !== undefined && subject.standing.version > standing.version) return changed(subject);
  if (subject.state === null) return foldNothingBooked(rules, subject, now);
  const finding = subject.asked === 'reached' ? null : subject.finding;
  const facts = { ...subject.facts, ...factsOf(standing) };
  const { breaks, ...withoutBreaks } = facts;
  const told = { ...subject, finding, standing, facts: standing.breaks.length === 0 ? withoutBreaks : facts };
  return conclude(rules, told, standing, now);
}

function as(outcome: Folded['outcome'], change: Change): Folded {
  return { ...change, outcome };
}

/** Folds one piece of news of a set; synchronous, never throws. The outcome of a movement is dispatch's to write. */
export function foldSetNews(
  rules: Rules,
  subject: Subject,
  { news }: CorporateActionNews & Arrival,
  now: string,
): Folded {
  if (news.kind === 'movement') return as('applied', changed(awaitSettling(rules, subject, news.type, now)));
  // While it settles, its own judging will say what the ledger says then.
  if (subject.waitingFor.includes(WAITS.settle)) return as('applied', changed(subject));
  return as('applied', foldSetSnapshot(rules, subject, news.standing, now));
}

const BACKLOG_WAIT = { firstMs: 500, longestMs: 60_000 };

/** True while the judging that was planned is still wanted. */
function isDue({ end, read }: Subject, now: string): boolean {
  return end === null && read !== null && isPast(read.at, now);
}

/** Folds what judging gave; nothing can be said while deliveries of ours are still to be booked. */
export function foldJudged(rules: Rules, subject: Subject, result: JudgeResult, now: string): Change {
  // News came while it was judged: what was planned then stands.
  if (!isDue(subject, now)) return changed(subject);
  switch (result.kind) {
    case 'later': {
      const at = later(now, backOffMs(BACKLOG_WAIT, subject.tries));
      return changed({ ...subject, tries: subject.tries + 1, read: { at, purpose: 'judge' } });
    }
    case 'ask':
      return changed(subject);
    case 'judged':
      return foldSetSnapshot(rules, subject, result.standing, now);
  }
}

/** Folds whether the partner could be asked for lost events; what it listed is booked by dispatch before it is judged. */
export function foldAsked(subject: Subject, asked: 'reached' | 'unreachable', kept: number, now: string): Subject {
  if (!isDue(subject, now)) return subject;
  const read = { at: kept > 0 ? later(now, BACKLOG_WAIT.firstMs) : now, purpose: 'judge' } as const;
  return { ...subject, asked, read };
}

/** The set under another policy: what it waits for is due by the new one, counted from when the wait began. */
export function underSetPolicy(rules: Rules, subject: Subject): Subject {
  const [word] = subject.waitingFor;
  if (word !== WAITS.settle && word !== WAITS.answer) return subject;
  const dueAt = dueFor(rules, word, subject.since);
  const isPlannedThen = subject.read?.at === subject.dueAt;
  return { ...subject, dueAt, read: isPlannedThen ? { at: dueAt, purpose: 'judge' } : subject.read };
}
