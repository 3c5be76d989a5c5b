import { backOffMs } from '../../back-off';
import { isPast, later } from '../../moments';
import type { Arrival, CorporateActionNews } from '../../notification';
import { dueAfter } from '../../policy';
import type { AlertKind, Subject } from '../../subject';
import { REFUSED_WRITE } from '../../subject-write';
import { withRefusal } from '../../writable';
import { isAlertStep, stepWaitMs } from '../escalate';
import { type Change, changed, endSubject, type Folded, note, type Rules } from '../rules';
import { ANSWER, QUIET_PERIOD } from './durations';
import { breakInWords, unknownsInWords } from './in-words';
import type { SetSnapshot } from './set-news';

/** Words of `waitingFor`: nothing new for a while, an answer to what is not verified, money to be passed on. */
const WAITS = { quiet: 'settle', answer: 'answer', obligation: 'obligation' } as const;

/**
 * The result of judging. `later`: deliveries of ours still wait for dispatch. `ask`: no good verdict without the
 * partner. `refused`: the database takes no verdict, for what it holds.
 */
export type JudgeResult =
  | { readonly kind: 'later' }
  | { readonly kind: 'ask'; readonly from: string }
  | { readonly kind: 'refused'; readonly cause: string }
  | { readonly kind: 'judged'; readonly standing: SetSnapshot };

/** The fold of one notification of a set; synchronous, never throws. Its outcome, and a movement's row, are written by dispatch. */
export function foldSetNews(
  rules: Rules,
  subject: Subject,
  { news }: CorporateActionNews & Arrival,
  now: string,
): Folded {
  if (news.kind === 'movement') {
    const change = changed(awaitQuiet(rules, subject, news.type, now));
    return { ...change, outcome: 'applied', alreadyWritten: 'outcome and row' };
  }
  // Before the set has been quiet for its period a snapshot decides nothing: the judging then reads a newer one.
  const isQuiet = !subject.waitingFor.includes(WAITS.quiet);
  const change = isQuiet ? foldSetSnapshot(rules, subject, news.standing, now) : changed(subject);
  return { ...change, outcome: 'applied', alreadyWritten: 'outcome' };
}

/** The set after a movement was booked: nothing is judged before nothing more has come for a while. */
export function awaitQuiet(rules: Rules, subject: Subject, type: string, now: string): Subject {
  const { asked, standing, resolution, ...rest } = subject;
  const dueAt = dueFor(rules, QUIET_PERIOD, now);
  return {
    ...rest,
    state: type,
    stateBy: 'partner',
    since: now,
    waitingFor: [WAITS.quiet],
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

function dueFor({ policy }: Rules, name: string, from: string): string {
  return dueAfter(policy, policy.dueByState[name] ?? policy.firstDue, from);
}

/** The fold of what judging gave; nothing can be said while deliveries of ours are still to be booked. */
export function foldJudged(rules: Rules, subject: Subject, result: JudgeResult, now: string): Change {
  // A movement came while it was judged: what was planned then stands.
  if (!isDue(subject, now)) return changed(subject);
  switch (result.kind) {
    case 'later':
      return changed({
        ...subject,
        tries: subject.tries + 1,
        read: { at: later(now, backOffMs(BACKLOG_WAIT, subject.tries)), purpose: 'judge' },
      });
    case 'ask':
      return changed(subject);
    case 'refused':
      return foldRefused(rules, subject, result.cause, now);
    case 'judged':
      return foldSetSnapshot(rules, subject, result.standing, now);
  }
}

/** The fold of a verdict that could not be kept: it is tried again on the ladder, and people are alerted at once. */
export function foldRefused(rules: Rules, subject: Subject, cause: string, now: string): Change {
  const climbed = escalateJudging(rules, withRefusal({ ...subject, overdue: true }, cause), REFUSED_WRITE, now);
  return { ...climbed, alerts: [REFUSED_WRITE] };
}

/** The fold of whether the partner could be asked for lost events; what it listed is booked by dispatch before the set is judged. */
export function foldAsked(subject: Subject, asked: 'reached' | 'unreachable', kept: number, now: string): Subject {
  if (!isDue(subject, now)) return subject;
  const at = kept > 0 ? later(now, BACKLOG_WAIT.firstMs) : now;
  return { ...subject, asked, read: { at, purpose: 'judge' } };
}

const BACKLOG_WAIT = { firstMs: 500, longestMs: 60_000 };

/** True while the judging that was planned is still wanted. */
function isDue({ end, read }: Subject, now: string): boolean {
  return end === null && read !== null && isPast(read.at, now);
}

/** The fold of what the ledger says of a set. A snapshot older than the known one changes nothing. */
export function foldSetSnapshot(rules: Rules, subject: Subject, snapshot: SetSnapshot, now: string): Change {
  if (subject.standing !== undefined && subject.standing.version > snapshot.version) return changed(subject);
  if (subject.state === null) return foldNothingBooked(rules, subject, now);
  const finding = subject.asked === 'reached' ? null : subject.finding;
  const { breaks, unverified, ...facts } = subject.facts ?? {};
  const known = { ...subject, finding, standing: snapshot, facts: { ...facts, ...factsOf(snapshot) } };
  return conclude(rules, known, snapshot, now);
}

/** A verdict that the flow of a whole corporate action gave on a set. */
export interface GivenVerdict {
  /** The movement since the last verdict: the action's type, and when it was booked; null where none was. */
  readonly moved: { readonly type: string; readonly at: string } | null;
  readonly asked: 'reached' | 'unreachable' | null;
  readonly standing: SetSnapshot;
}

/** The fold of a verdict that the flow of a whole corporate action gave; a flow of the set alone would have come to the same. */
export function foldVerdict(
  rules: Rules,
  stored: Subject,
  { moved, asked, standing }: GivenVerdict,
  now: string,
): Change {
  const { asked: _, ...known } = moved === null ? stored : awaitQuiet(rules, stored, moved.type, moved.at);
  return foldSetSnapshot(rules, asked === null ? known : { ...known, asked }, standing, now);
}

/** Nothing was ever booked: our own backend expects a movement that has not come. */
function foldNothingBooked(rules: Rules, subject: Subject, now: string): Change {
  const slow = note(
    rules,
    { ...subject, overdue: true },
    subject.asked === 'unreachable' ? 'unreachable' : 'slow',
    null,
    now,
  );
  return escalateJudging(rules, slow, slow.finding ?? 'slow', now);
}

function factsOf({ verdict, breaks, unknown = [] }: SetSnapshot): Readonly<Record<string, string>> {
  const broken = breaks.length === 0 ? {} : { breaks: breaks.map(breakInWords).join('; ') };
  const unverified = unknown.length === 0 ? {} : { unverified: unknownsInWords(unknown).join('; ') };
  return { verdict: verdict ?? 'not judged', ...broken, ...unverified };
}

function conclude(
  rules: Rules,
  subject: Subject,
  { verdict, resolved, obligationDueAt }: SetSnapshot,
  now: string,
): Change {
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

/** An answer is owed. While the partner cannot be asked it is tried again on the ladder, before anything is due. */
function awaitAnswer(rules: Rules, subject: Subject, verdict: 'unverified' | 'break', now: string): Change {
  const dueAt = dueFor(rules, ANSWER, now);
  const waited = awaitWord(rules, subject, { word: WAITS.answer, dueAt, alert: verdict }, now);
  if (subject.asked !== 'unreachable') return waited;
  // On the next step of the ladder the partner is asked anew.
  const { asked, ...again } = waited.subject;
  const noted = note(rules, again, 'unreachable', 'the events of the partner', now);
  return noted.overdue ? { ...waited, subject: noted } : escalateJudging(rules, noted, 'unreachable', now);
}

/** The wait for one thing that is owed, counted from its first day; what is past its time is overdue and escalated. */
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
  if (isPast(dueAt, now)) return escalateJudging(rules, { ...waiting, overdue: true }, wait.alert, now);
  return changed({ ...waiting, read: { at: dueAt, purpose: 'judge' } });
}

/** One step up the ladder: alerted where the step says so, and judged from the ledger again later. */
function escalateJudging(rules: Rules, subject: Subject, alert: AlertKind, now: string): Change {
  const read = { at: later(now, stepWaitMs(rules, subject.step)), purpose: 'judge' } as const;
  const next: Subject = { ...subject, step: subject.step + 1, tries: 0, read };
  return changed(next, isAlertStep(rules, subject.step) ? [alert] : []);
}

/** The set under another policy: what it waits for is due by the new one, counted from when the wait began. */
export function arrangeSetUnderPolicy(rules: Rules, subject: Subject): Subject {
  const [word] = subject.waitingFor;
  if (word !== WAITS.quiet && word !== WAITS.answer) return subject;
  const dueAt = dueFor(rules, word, subject.since);
  const isPlannedThen = subject.read?.at === subject.dueAt;
  return { ...subject, dueAt, read: isPlannedThen ? { at: dueAt, purpose: 'judge' } : subject.read };
}
