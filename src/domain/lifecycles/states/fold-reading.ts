import { mergeAmounts } from '../../details';
import { isPast, later } from '../../moments';
import { isOlderThan, type Reading, type ReadResult } from '../../reading';
import type { ReadPurpose, Subject } from '../../subject';
import { escalate, findingOf, stepWaitMs, waitForBacklog } from '../escalate';
import { type Change, changed, endSubject, note, type Rules } from '../rules';
import { type Comparison, compare } from '../table';
import { arrange, awaitsFirstRead, dueForState, overdueRead, withState } from './arrange';
import { enterTold, mayFollow } from './contradictions';

/** The fold of a reading of the object; synchronous, never throws. One that comes after the end changes nothing. */
export function foldReading(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  result: ReadResult,
  now: string,
): Change {
  if (subject.end !== null) return changed(subject);
  const isLate = isOvertaken(subject, purpose, now) || isOlder(rules, subject, result);
  if (purpose === 'first') return isLate ? changed(subject) : foldFirst(rules, subject, result.reading, now);
  if (isLate) return foldOvertaken(rules, subject, result.reading, now);
  const learned = withUrgentDue(rules, subject, learn(rules, subject, result.reading));
  if (purpose === 'overdue') return foldOverdue(rules, learned, result, now);
  return foldConfirming(rules, learned, purpose, result, now);
}

/**
 * The fold of the read of an id that is new to us, or of an object that is about to end. It brings what only a read
 * shows; the state is the webhooks' to say, of which the next may be on its way. One try is enough.
 */
function foldFirst(rules: Rules, subject: Subject, reading: Reading, now: string): Change {
  const learned = withUrgentDue(rules, subject, learn(rules, subject, withoutNamed(reading)));
  const tried: Subject = { ...learned, readIn: subject.state };
  return changed(awaitsFirstRead(subject) ? arrange(rules, tried, false, now) : resume(rules, tried, now));
}

/** The related objects are read when their states are asked for. */
function withoutNamed(reading: Reading): Reading {
  if (reading.kind !== 'object') return reading;
  const { named: _, ...shown } = reading;
  return shown;
}

/** True when a notification that came during the read has changed the plan: what was read may be older. */
function isOvertaken(subject: Subject, purpose: ReadPurpose, now: string): boolean {
  const { read } = subject;
  return read?.purpose !== purpose || !isPast(read.at, now);
}

/** True for an answer of before the notification that it would be held against, also where that left the plan as it was. */
function isOlder(rules: Rules, subject: Subject, result: ReadResult): boolean {
  return isOlderThan(result, subject) && rules.goesNewWay?.('older-reads-prove-nothing') !== false;
}

/**
 * An overtaken read may confirm the notification or go further, but it proves no finding: what was owed when the read
 * began is not owed any more. Whatever else it says, the plan that the notification made stays.
 */
function foldOvertaken(rules: Rules, subject: Subject, reading: Reading, now: string): Change {
  if (reading.kind !== 'object') return changed(subject);
  const comparison = compareReading(rules, subject, reading);
  const proves = comparison === 'ahead' || (comparison === 'same' && subject.waitingFor.includes('agreement'));
  if (!proves) return changed(subject);
  if (wentBack(rules, subject) && rules.goesNewWay?.('older-reads-prove-nothing') !== false) {
    return changed(comparison === 'ahead' ? { ...subject, read: { at: now, purpose: 'fill' } } : subject);
  }
  const learned = learn(rules, subject, reading);
  return comparison === 'same' ? agree(rules, learned, now) : enterTold(rules, learned, reading.status, 'read', now);
}

/**
 * True where the subject stands behind a state that it had: a fill was taken back, or the partner has gone back. An
 * older answer shows that very state, and would bring it back.
 */
function wentBack({ table }: Rules, { corrected, state, statesSeen }: Subject): boolean {
  const { mayReturnFrom = [] } = table.states[state ?? ''] ?? {};
  return corrected || mayReturnFrom.some((before) => statesSeen.includes(before));
}

/** The subject with what the object says of executions and reasons; its status is decided on elsewhere. */
export function learn(rules: Rules, subject: Subject, reading: Reading): Subject {
  if (reading.kind !== 'object') return subject;
  return {
    ...subject,
    executions: reading.executions.length > 0 ? reading.executions : subject.executions,
    quantityRead: quantityOf(rules, subject, reading),
    reason: reading.reason ?? subject.reason,
    ...(reading.facts === undefined ? {} : { facts: { ...subject.facts, ...reading.facts } }),
    ...(reading.amounts === undefined ? {} : { amounts: mergeAmounts(subject.amounts ?? [], reading.amounts) }),
    ...(rules.readsNewIds === true ? { readIn: subject.state } : {}),
    ...(reading.named === undefined ? {} : { named: newestNames({ ...subject.named, ...reading.named }) }),
  };
}

/** The most related objects of one subject; an object that names others at each read would let the row grow without end. */
const MOST_NAMES = 1_000;

function newestNames(named: NonNullable<Subject['named']>): NonNullable<Subject['named']> {
  const all = Object.entries(named);
  return all.length <= MOST_NAMES ? named : Object.fromEntries(all.slice(-MOST_NAMES));
}

/** The quantity as far as reads have shown it; what was read before a correction, or lags behind it, counts no more. */
function quantityOf(rules: Rules, { corrected, quantityRead }: Subject, reading: ObjectReading): boolean | null {
  const { quantityExecuted, status } = reading;
  const asRead = quantityExecuted ?? quantityRead;
  const firstCorrection = !corrected && rules.table.states[status]?.corrects === true;
  const counting = firstCorrection
    ? quantityExecuted
    : lagsBehindCorrection(rules, corrected, status)
      ? quantityRead
      : asRead;
  return counting !== asRead && rules.goesNewWay?.('corrections-take-back') !== false ? counting : asRead;
}

/** True for the status of an object that does not show yet that a fill was taken back. */
function lagsBehindCorrection({ table }: Rules, corrected: boolean, status: string): boolean {
  const correction = Object.values(table.states).find(({ corrects }) => corrects === true);
  const rank = table.states[status]?.rank;
  return corrected && correction !== undefined && rank !== undefined && rank < correction.rank;
}

/** The shorter due time of a reason that only the read shows: else an immediate offboarding would be awaited for two months. */
function withUrgentDue(rules: Rules, before: Subject, learned: Subject): Subject {
  const isUrgent = rules.table.states[learned.state ?? '']?.urgent !== undefined && learned.reason !== before.reason;
  return isUrgent ? { ...learned, dueAt: dueForState(rules, learned) } : learned;
}

/** The fold of a state that is due and that only a read has shown. While deliveries of ours wait for dispatch nothing is called missed. */
function foldAhead(rules: Rules, subject: Subject, status: string, backlog: boolean, now: string): Change {
  return backlog ? changed(waitForBacklog(subject, now)) : advanceFromRead(rules, subject, status, now);
}

/** The fold of an overdue read. */
function foldOverdue(rules: Rules, subject: Subject, result: ReadResult, now: string): Change {
  const { reading, backlog } = result;
  const comparison = reading.kind === 'object' ? compareReading(rules, subject, reading, 'overdue') : null;
  if (reading.kind === 'object' && comparison === 'ahead')
    return foldAhead(rules, subject, reading.status, backlog, now);
  if (comparison === 'same' && awaitsRecord(rules, subject)) return foldOverdueRecord(rules, subject, now);
  const arranged = comparison === 'same' ? arrangedAnew(rules, subject, now) : null;
  if (arranged !== null) return changed(arranged);
  const { finding, found } = findingOf(reading, comparison !== 'same');
  return escalate(rules, subject, finding, found, now);
}

/** The subject that by now owes something else than it waits for, because of what reads have shown; null where it does not. */
function arrangedAnew(rules: Rules, subject: Subject, now: string): Subject | null {
  const calm: Subject = { ...subject, finding: null, overdue: false, step: 0, tries: 0 };
  const arranged = arrange(rules, calm, true, now);
  const owesOther = arranged.end !== null || arranged.waitingFor.join() !== subject.waitingFor.join();
  return owesOther && rules.goesNewWay?.('corrections-take-back') !== false ? arranged : null;
}

/** The subject in a state that no webhook told: it takes it from the read, and what was lost is counted. */
export function advanceFromRead(rules: Rules, subject: Subject, status: string, now: string): Change {
  if (rules.table.states[status]?.mayBeSilent === true) return advanceQuietly(rules, subject, status, now);
  const missed = note(rules, subject, 'missed', status, now);
  const { subject: entered, alerts } = enterTold(rules, missed, status, 'read', now);
  return changed({ ...entered, finding: entered.finding ?? 'missed' }, ['missed', ...alerts], 1);
}

/** A state the partner may not report is learned, but what was owed stays owed: the partner is late, nothing was lost. */
function advanceQuietly(rules: Rules, subject: Subject, status: string, now: string): Change {
  const waitingFor = rules.table.states[status]?.owed ?? subject.waitingFor;
  const learned: Subject = {
    ...subject,
    state: status,
    stateBy: 'read',
    statesSeen: withState(subject, status),
    waitingFor,
  };
  return escalate(rules, learned, 'slow', status, now);
}

/** True where the subject waits for what reads bring, not for a status. */
function awaitsRecord({ table }: Rules, subject: Subject): boolean {
  if (table.statusless === true) return true;
  const ends = table.states[subject.state ?? '']?.ends;
  return subject.end === null && ends !== undefined && ends !== 'at once' && ends !== 'when read agrees';
}

/** The fold of an overdue read for the record: the finding names what is missing. */
function foldOverdueRecord(rules: Rules, subject: Subject, now: string): Change {
  const after = recorded(rules, subject, now);
  if (after.end !== null) return changed(after);
  return escalate(rules, { ...subject, waitingFor: after.waitingFor }, 'slow', after.waitingFor.join(', '), now);
}

/** The subject after a read that was to be recorded: ended, or still missing something. */
function recorded(rules: Rules, subject: Subject, now: string): Subject {
  const calm: Subject = { ...subject, finding: subject.finding === 'missed' ? 'missed' : null };
  if (rules.table.statusless === true) return endSubject(calm, now, 'partner', rules.table.wakes === true);
  return arrange(rules, calm, true, now);
}

/** The fold of a read that was to confirm a fill, an end or a contradiction, or that an operator asked for. */
function foldConfirming(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  { reading, backlog }: ReadResult,
  now: string,
): Change {
  if (reading.kind !== 'object') return retryRead(rules, subject, purpose, reading, now);
  const ends = rules.table.states[subject.state ?? '']?.ends;
  switch (compareReading(rules, subject, reading, purpose)) {
    case 'same':
      return awaitsRecord(rules, subject) ? foldRecord(rules, subject, now) : agree(rules, subject, now);
    case 'ahead':
      // What was due and did not come is missing, whoever had it read.
      return subject.overdue && rules.goesNewWay?.('overdue-is-missed') !== false
        ? foldAhead(rules, subject, reading.status, backlog, now)
        : enterTold(rules, subject, reading.status, 'read', now);
    case 'behind':
    case 'contradicting':
      // Where no money moves the webhook's word stands: the object was read, and what it showed is kept.
      if (ends === 'when read') return foldRecord(rules, subject, now);
      return retryRead(rules, subject, purpose, reading, now);
  }
}

/** Repeats the read for what is missing, ever less often, until it is due; after one that brought something, soon. */
function foldRecord(rules: Rules, subject: Subject, now: string): Change {
  const arranged = recorded(rules, subject, now);
  if (arranged.end !== null || subject.dueAt === null) return changed(arranged);
  // An operator may have given it more time than its state does.
  const after = { ...arranged, dueAt: subject.dueAt };
  if (subject.overdue) return changed(resume(rules, { ...after, finding: subject.finding }, now));
  const isProgress = after.waitingFor.length < subject.waitingFor.length;
  const tries = isProgress ? 0 : subject.tries;
  const waitMs = isProgress && rules.table.readsOnlyNamed === true ? 0 : rules.policy.agreementWaitsMs[tries];
  const again = waitMs === undefined ? after.dueAt : later(now, waitMs);
  const read = isPast(after.dueAt, again) ? overdueRead(after.dueAt) : ({ at: again, purpose: 'record' } as const);
  return changed({ ...after, tries: tries + 1, read });
}

/** A read said the same as the webhooks: an awaited agreement ends the subject, or shows that settlement is owed. */
function agree(rules: Rules, subject: Subject, now: string): Change {
  if (subject.waitingFor.includes('agreement')) {
    return changed(arrange(rules, { ...subject, finding: null, overdue: false, tries: 0 }, true, now));
  }
  const holds = subject.overdue || subject.finding === 'missed';
  return changed(resume(rules, holds ? subject : { ...subject, finding: null }, now));
}

/** The wait as it was before the read: until the due time, or on the same step of the ladder. */
function resume(rules: Rules, subject: Subject, now: string): Subject {
  const at = subject.overdue ? later(now, stepWaitMs(rules, subject.step - 1)) : subject.dueAt;
  return { ...subject, tries: 0, read: at === null ? null : overdueRead(at) };
}

/** A read that does not say yet what a webhook said is repeated; when the waits are used up it is a finding. */
function retryRead(rules: Rules, subject: Subject, purpose: ReadPurpose, reading: Reading, now: string): Change {
  const waitMs = rules.policy.agreementWaitsMs[subject.tries];
  const { finding, found } = findingOf(reading, true);
  const noted = finding === 'unreachable' ? note(rules, subject, finding, found, now) : subject;
  if (waitMs !== undefined) {
    return changed({ ...noted, tries: subject.tries + 1, read: nextTry(subject, purpose, later(now, waitMs)) });
  }
  const final = note(rules, subject, finding, found, now);
  if (purpose !== 'agreement' && !awaitsRecord(rules, subject)) return changed(resume(rules, final, now), [finding]);
  const read = { at: later(now, rules.policy.thenEveryMs), purpose };
  return changed({ ...final, overdue: true, read }, subject.overdue ? [] : [finding]);
}

/** The next try, but no later than the due time: what is owed then would be overdue, and nobody would see it. */
function nextTry({ dueAt, overdue }: Subject, purpose: ReadPurpose, again: string): Subject['read'] {
  const isAfterDue = !overdue && isPast(dueAt, again);
  return dueAt !== null && isAfterDue && purpose !== 'agreement' ? overdueRead(dueAt) : { at: again, purpose };
}

type ObjectReading = Extract<Reading, { kind: 'object' }>;

/** The comparison of a reading with the known state; where there is no status to compare, the object has only to be read. */
export function compareReading(
  rules: Rules,
  subject: Subject,
  reading: ObjectReading,
  purpose?: ReadPurpose,
): Comparison {
  const { table } = rules;
  if (table.statusless === true || table.readsOnlyNamed === true) return 'same';
  const { status } = reading;
  // No webhook came until it was due, so the read is newer than what is known.
  const comparison = compare(table, subject.state, status, purpose === 'overdue' ? 'newer' : 'unknown');
  return comparison !== 'ahead' && mayDecide(purpose) && mayFollow(rules, subject, status) ? 'ahead' : comparison;
}

/** True for a read that decides between two words of the partner, goes on where none came, or that an operator asked for. */
function mayDecide(purpose: ReadPurpose | undefined): boolean {
  return purpose === 'overdue' || purpose === 'operator' || purpose === 'illegal' || purpose === 'agreement';
}
