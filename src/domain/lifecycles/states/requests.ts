import { REQUEST_KINDS, type RequestKind } from '../../expectation';
import { isPast, later } from '../../moments';
import type { ReadResult } from '../../reading';
import type { FindingKind, Subject } from '../../subject';
import { findingOf } from '../escalate';
import { type Change, changed, note, type Rules } from '../rules';
import type { LifecycleTable } from '../table';
import { arrange } from './arrange';
import { advanceFromRead, compareReading, learn } from './fold-reading';

/** True for a state in which a cancellation has come about. */
export function isCanceled(table: LifecycleTable, state: string): boolean {
  return table.states[state]?.cancels === true;
}

/** True where the partner's objects of this kind can be cancelled. */
export function canBeCanceled({ states }: LifecycleTable): boolean {
  return Object.values(states).some(({ cancels }) => cancels === true);
}

/** The kind of the request whose answer is due and that no planned read comes before; null where there is none. */
export function dueRequest({ expected, read, end }: Subject, now: string): RequestKind | null {
  if (expected === undefined || end !== null || (read !== null && isPast(read.at, now))) return null;
  const isDue = (kind: RequestKind): boolean => isPast(expected[kind]?.dueAt ?? null, now);
  return isDue('cancellation') ? 'cancellation' : isDue('change') ? 'change' : null;
}

/** The moments by which requests are to be answered. */
export function requestsDue({ expected }: Subject): readonly (string | null)[] {
  return [expected?.cancellation?.dueAt ?? null, expected?.change?.dueAt ?? null];
}

/**
 * The subject whose cancellation has come about, or cannot any more. That it failed is a finding and no alert: an order
 * that was filled before is no fault of anybody.
 */
export function settleRequests(rules: Rules, subject: Subject, now: string): Change {
  if (subject.expected?.cancellation === undefined) return changed(subject);
  const { table } = rules;
  if (subject.statesSeen.some((state) => isCanceled(table, state)))
    return changed(answered(subject, 'cancellation', 'done'));
  return changed(mayStillCancel(table, subject) ? subject : fail(rules, subject, 'cancellation', now));
}

function mayStillCancel({ states }: LifecycleTable, { state, end }: Subject): boolean {
  if (end !== null) return false;
  const rule = states[state ?? ''];
  return rule === undefined || rule.rests === true || rule.owed.some((word) => states[word]?.cancels === true);
}

/** The subject after a notification that came while a change was asked for: the partner has answered. */
export function settleChange(subject: Subject, isRefused: boolean): Subject {
  if (subject.expected?.change === undefined) return subject;
  return answered(subject, 'change', isRefused ? 'refused' : 'done');
}

/**
 * The fold of the read that was made because a request was not answered in time. It may show that the answer was lost;
 * otherwise the request has failed. A read that shows nothing is repeated, and then the request stays without an answer.
 */
export function foldRequestRead(
  rules: Rules,
  subject: Subject,
  kind: RequestKind,
  { reading, backlog }: ReadResult,
  now: string,
): Change {
  if (reading.kind !== 'object') return foldUnanswered(rules, subject, kind, findingOf(reading, false), now);
  const learned = learn(rules, subject, reading);
  if (compareReading(rules, subject, reading, 'overdue') === 'ahead') {
    if (backlog) return changed(putOff(learned, kind, later(now, BACKLOG_WAIT_MS)));
    const { subject: ahead, ...counts } = advanceFromRead(rules, learned, reading.status, now);
    const settled = settleRequests(rules, ahead, now).subject;
    const isOpen = settled.expected?.[kind] !== undefined;
    return { ...counts, subject: isOpen ? failed(rules, settled, kind, now) : settled };
  }
  return changed(failed(rules, learned, kind, now));
}

/** Not policy: it says how fast our own dispatch catches up. */
const BACKLOG_WAIT_MS = 5_000;

function foldUnanswered(
  rules: Rules,
  subject: Subject,
  kind: RequestKind,
  { finding, found }: { readonly finding: FindingKind; readonly found: string | null },
  now: string,
): Change {
  const noted = note(rules, subject, finding, found, now);
  const tries = subject.expected?.[kind]?.tries ?? 0;
  const waitMs = rules.policy.agreementWaitsMs[tries];
  if (rules.table.readable && waitMs !== undefined) return changed(putOff(noted, kind, later(now, waitMs), tries + 1));
  return changed(rest(rules, answered(noted, kind, 'unanswered'), now), [finding]);
}

function putOff(subject: Subject, kind: RequestKind, dueAt: string, tries?: number): Subject {
  const request = subject.expected?.[kind];
  if (request === undefined) return subject;
  const again = { ...request, dueAt, tries: tries ?? request.tries };
  return { ...subject, expected: { ...subject.expected, [kind]: again } };
}

function failed(rules: Rules, subject: Subject, kind: RequestKind, now: string): Subject {
  return rest(rules, fail(rules, subject, kind, now), now);
}

function fail(rules: Rules, subject: Subject, kind: RequestKind, now: string): Subject {
  return note(rules, answered(subject, kind, 'failed'), 'slow', subject.state, now);
}

/** The subject without the request, and with the fact that says what became of it. */
function answered(subject: Subject, kind: RequestKind, word: 'done' | 'failed' | 'refused' | 'unanswered'): Subject {
  const { expected = {}, ...unexpected } = subject;
  const left = Object.fromEntries(Object.entries(expected).filter(([name]) => name !== kind));
  const known: Subject = { ...unexpected, facts: { ...subject.facts, [kind]: word } };
  return Object.keys(left).length === 0 ? known : { ...known, expected: left };
}

/** A subject that was awakened for answers alone goes back to its rest once all have come. */
export function rest(rules: Rules, subject: Subject, now: string): Subject {
  const isOpen = REQUEST_KINDS.some((kind) => subject.expected?.[kind] !== undefined);
  const waitsForAnswer = subject.waitingFor.join() === 'notification' && subject.state !== null;
  if (isOpen || !waitsForAnswer) return subject;
  return { ...arrange(rules, subject, true, now), finding: subject.finding };
}
