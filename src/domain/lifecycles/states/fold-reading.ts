import { escalate, later, stepWaitMs, waitForBacklog } from '../escalate';
import { type Age, type Comparison, compare } from '../table';
import type { Reading, ReadResult } from '../../reading';
import { arrange, type Change, changed, dueForState, endSubject, enter, note, type Rules, seen } from '../rules';
import type { FindingKind, ReadPurpose, Subject } from '../../subject';

/** Takes over what the object says of executions and reasons; its status is decided on elsewhere. */
function learn(subject: Subject, reading: Reading): Subject {
  if (reading.kind !== 'object') return subject;
  return {
    ...subject,
    executions: reading.executions.length > 0 ? reading.executions : subject.executions,
    quantityRead: reading.quantityExecuted ?? subject.quantityRead,
    reason: reading.reason ?? subject.reason,
    ...(reading.facts === undefined ? {} : { facts: { ...subject.facts, ...reading.facts } }),
    ...(reading.named === undefined ? {} : { named: { ...subject.named, ...reading.named } }),
  };
}

/** A reason that only the read shows may hurry a state: an immediate offboarding would be awaited for two months. */
function withUrgentDue(rules: Rules, before: Subject, learned: Subject): Subject {
  const isUrgent = rules.table.states[learned.state ?? '']?.urgent !== undefined && learned.reason !== before.reason;
  return isUrgent ? { ...learned, dueAt: dueForState(rules, learned) } : learned;
}

type ObjectReading = Extract<Reading, { kind: 'object' }>;

/** How a read stands to what is known; where no status can be compared, reading the object is all there is to it. */
function standing({ table }: Rules, subject: Subject, reading: ObjectReading, age: Age = 'unknown'): Comparison {
  if (table.statusless === true || table.readsOnlyNamed === true) return 'same';
  return compare(table, subject.state, reading.status, age);
}

/** True where the present wait is for what reads bring, not for a status. */
function awaitsRecord({ table }: Rules, subject: Subject): boolean {
  if (table.statusless === true) return true;
  const ends = table.states[subject.state ?? '']?.ends;
  return subject.end === null && ends !== undefined && ends !== 'at once' && ends !== 'when read agrees';
}

/** Which finding a reading is when it did not bring what was awaited. */
function shortfall(reading: Reading, moved: boolean): { finding: FindingKind; found: string | null } {
  switch (reading.kind) {
    case 'absent':
      return { finding: 'absent', found: null };
    case 'unreachable':
      return { finding: 'unreachable', found: reading.cause };
    case 'object':
      return { finding: moved ? 'contradiction' : 'slow', found: reading.status };
  }
}

/** A state the partner may not report is learned, but what was owed stays owed: the partner is late, nothing was lost. */
function advanceQuietly(rules: Rules, subject: Subject, status: string, now: string): Change {
  const waitingFor = rules.table.states[status]?.owed ?? subject.waitingFor;
  const learned: Subject = {
    ...subject,
    state: status,
    stateBy: 'read',
    statesSeen: seen(subject, status),
    waitingFor,
  };
  return escalate(rules, learned, 'slow', status, now);
}

/** The object has moved and no webhook said so: go on from what was read. */
function advanceFromRead(rules: Rules, subject: Subject, status: string, now: string): Change {
  if (rules.table.states[status]?.mayBeSilent === true) return advanceQuietly(rules, subject, status, now);
  const missed = note(subject, 'missed', status, now);
  const entered = enter(rules, missed, status, 'read', now);
  return changed({ ...entered, finding: 'missed' }, ['missed'], 1);
}

/** The subject after a read that was to be recorded: ended, or still missing something. */
function recorded(rules: Rules, subject: Subject, now: string): Subject {
  const calm: Subject = { ...subject, finding: subject.finding === 'missed' ? 'missed' : null };
  if (rules.table.statusless === true) return endSubject(calm, now, 'partner', rules.table.wakes === true);
  return arrange(rules, calm, true, now);
}

/** Reads again for what is still missing, ever less often, until it is due. Whoever makes progress is asked again soon. */
function foldRecord(rules: Rules, subject: Subject, now: string): Change {
  const arranged = recorded(rules, subject, now);
  if (arranged.end !== null || subject.dueAt === null) return changed(arranged);
  // An operator may have given it more time than its state does.
  const after = { ...arranged, dueAt: subject.dueAt };
  if (subject.overdue) return changed(resume(rules, { ...after, finding: subject.finding }, now));
  const progress = after.waitingFor.length < subject.waitingFor.length;
  const tries = progress ? 0 : subject.tries;
  const waitMs = progress && rules.table.readsOnlyNamed === true ? 0 : rules.policy.agreementWaitsMs[tries];
  const again = waitMs === undefined ? after.dueAt : later(now, waitMs);
  const isDue = Date.parse(again) >= Date.parse(after.dueAt);
  const read = isDue ? ({ at: after.dueAt, purpose: 'overdue' } as const) : ({ at: again, purpose: 'record' } as const);
  return changed({ ...after, tries: tries + 1, read });
}

/** What is missing when it is due is named. */
function foldOverdueRecord(rules: Rules, subject: Subject, now: string): Change {
  const after = recorded(rules, subject, now);
  if (after.end !== null) return changed(after);
  return escalate(rules, { ...subject, waitingFor: after.waitingFor }, 'slow', after.waitingFor.join(', '), now);
}

/** What an overdue read showed. While our own deliveries are pending nothing is called missed. */
function foldOverdue(rules: Rules, subject: Subject, result: ReadResult, now: string): Change {
  const { reading, backlog } = result;
  // Nothing was heard until it was due, so the read is newer than what is known.
  const comparison = reading.kind === 'object' ? standing(rules, subject, reading, 'newer') : null;
  if (reading.kind === 'object' && comparison === 'ahead') {
    return backlog ? changed(waitForBacklog(subject, now)) : advanceFromRead(rules, subject, reading.status, now);
  }
  if (comparison === 'same' && awaitsRecord(rules, subject)) return foldOverdueRecord(rules, subject, now);
  const { finding, found } = shortfall(reading, comparison !== 'same');
  return escalate(rules, subject, finding, found, now);
}

/** Where the plan goes on when nothing is left to confirm: at the due time, or on the rung where it stood. */
function resume(rules: Rules, subject: Subject, now: string): Subject {
  const at = subject.overdue ? later(now, stepWaitMs(rules, subject.step - 1)) : subject.dueAt;
  return { ...subject, tries: 0, read: at === null ? null : { at, purpose: 'overdue' } };
}

/** Repeating must not outlast the due time: what is owed then would be overdue, and nobody would see it. */
function nextTry({ dueAt, overdue }: Subject, purpose: ReadPurpose, again: string): Subject['read'] {
  const isAfterDue = dueAt !== null && !overdue && Date.parse(again) >= Date.parse(dueAt);
  return isAfterDue && purpose !== 'agreement' ? { at: dueAt, purpose: 'overdue' } : { at: again, purpose };
}

/** A read that does not say yet what a webhook said is repeated; when the waits are used up it is a finding. */
function retryRead(rules: Rules, subject: Subject, purpose: ReadPurpose, reading: Reading, now: string): Change {
  const waitMs = rules.policy.agreementWaitsMs[subject.tries];
  const { finding, found } = shortfall(reading, true);
  const noted = finding === 'unreachable' ? note(subject, finding, found, now) : subject;
  if (waitMs !== undefined) {
    return changed({ ...noted, tries: subject.tries + 1, read: nextTry(subject, purpose, later(now, waitMs)) });
  }
  const final = note(subject, finding, found, now);
  if (purpose !== 'agreement' && !awaitsRecord(rules, subject)) return changed(resume(rules, final, now), [finding]);
  const read = { at: later(now, rules.policy.thenEveryMs), purpose };
  return changed({ ...final, overdue: true, read }, subject.overdue ? [] : [finding]);
}

/** A read said the same as the webhooks: an awaited agreement ends the subject, or shows that settlement is owed. */
function agree(rules: Rules, subject: Subject, now: string): Change {
  if (subject.waitingFor.includes('agreement')) {
    return changed(arrange(rules, { ...subject, finding: null, overdue: false, tries: 0 }, true, now));
  }
  const holds = subject.overdue || subject.finding === 'missed';
  return changed(resume(rules, holds ? subject : { ...subject, finding: null }, now));
}

/** What a read showed that was to confirm a fill, an end or a contradiction, or that an operator asked for. */
function foldConfirming(rules: Rules, subject: Subject, purpose: ReadPurpose, reading: Reading, now: string): Change {
  if (reading.kind !== 'object') return retryRead(rules, subject, purpose, reading, now);
  const ends = rules.table.states[subject.state ?? '']?.ends;
  switch (standing(rules, subject, reading)) {
    case 'same':
      return awaitsRecord(rules, subject) ? foldRecord(rules, subject, now) : agree(rules, subject, now);
    case 'ahead':
      return changed(enter(rules, subject, reading.status, 'read', now));
    case 'behind':
    case 'contradicting':
      // Where no money moves the webhook's word stands: the object was read, and what it showed is kept.
      if (ends === 'when read') return foldRecord(rules, subject, now);
      return retryRead(rules, subject, purpose, reading, now);
  }
}

/** True when news that came while the object was being read changed the plan: what was read may be older than it. */
function isOvertaken(subject: Subject, purpose: ReadPurpose, now: string): boolean {
  const { read } = subject;
  return read?.purpose !== purpose || Date.parse(read.at) > Date.parse(now);
}

/**
 * An overtaken read may confirm the news or go further, but it proves no finding: what was owed when it was asked is
 * not owed any more. Whatever else it says, the plan that the news made stays.
 */
function foldOvertaken(rules: Rules, subject: Subject, reading: Reading, now: string): Change {
  if (reading.kind !== 'object') return changed(subject);
  switch (standing(rules, subject, reading)) {
    case 'same':
      return subject.waitingFor.includes('agreement') ? agree(rules, learn(subject, reading), now) : changed(subject);
    case 'ahead':
      return changed(enter(rules, learn(subject, reading), reading.status, 'read', now));
    case 'behind':
    case 'contradicting':
      return changed(subject);
  }
}

/** Folds what reading the object gave. A reading that comes after the end changes nothing. */
export function foldReading(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  result: ReadResult,
  now: string,
): Change {
  if (subject.end !== null) return changed(subject);
  if (isOvertaken(subject, purpose, now)) return foldOvertaken(rules, subject, result.reading, now);
  const learned = withUrgentDue(rules, subject, learn(subject, result.reading));
  if (purpose === 'overdue') return foldOverdue(rules, learned, result, now);
  return foldConfirming(rules, learned, purpose, result.reading, now);
}
