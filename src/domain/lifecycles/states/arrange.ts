import { isPast, later } from '../../moments';
import { dueAfter } from '../../policy';
import type { Subject } from '../../subject';
import { endSubject, type Rules } from '../rules';
import type { StateRule } from '../table';
import { rejectionOf, stillOwed } from './related-objects';

/** The subject in a state on the word of a webhook or a read; nothing that was overdue before is so any more. */
export function enter(rules: Rules, subject: Subject, status: string, by: 'partner' | 'read', now: string): Subject {
  const rule = rules.table.states[status];
  const corrects = rule?.corrects === true;
  const entered: Subject = {
    ...subject,
    state: status,
    stateBy: by,
    since: now,
    statesSeen: withState(subject, status),
    filled: subject.filled || rule?.fills === true,
    corrected: subject.corrected || corrects,
    quantityRead: corrects && by === 'partner' ? null : subject.quantityRead,
    step: 0,
    tries: 0,
    overdue: false,
    finding: null,
    end: null,
  };
  return arrange(rules, entered, by === 'read', now);
}

/** The subject with a new wait, in its old state: what was awaited has come and leaves the state as it is, as another partial fill does. */
export function awaitAnew(rules: Rules, subject: Subject, now: string): Subject {
  const anew: Subject = { ...subject, since: now, step: 0, tries: 0, overdue: false, finding: null };
  return arrange(rules, anew, false, now);
}

/** The subject as its object is to be read, where notifications name no status. */
export function awaitReading(rules: Rules, subject: Subject, now: string): Subject {
  const anew: Subject = { ...subject, since: now, step: 0, tries: 0, overdue: false, finding: null, end: null };
  return awaitRecord(rules, anew, ['reading'], now);
}

/**
 * The subject with what is owed after its state, or with its end. `agreed`: a read has just said the same,
 * so that no further read has to confirm it.
 */
export function arrange(rules: Rules, subject: Subject, agreed: boolean, now: string): Subject {
  const arranged = arrangeByState(rules, subject, agreed, now);
  const { table } = rules;
  const isReadable = table.readable && table.statusless !== true && table.readsOnlyNamed !== true;
  if (agreed || rules.readsNewIds !== true || !isReadable || !isUnread(rules, arranged, now)) return arranged;
  const read = { at: now, purpose: 'first' } as const;
  if (arranged.end === null) return { ...arranged, read };
  return { ...subject, waitingFor: ['reading'], dueAt: dueForState(rules, subject), read, end: null };
}

/**
 * True for an id that is new to us and has no read planned at once. We place orders ourselves, and those that go on are
 * read for their fills: an order is read before it ends, for the reason.
 */
function isUnread({ table }: Rules, { read, end, state, readIn }: Subject, now: string): boolean {
  if (read !== null && isPast(read.at, now)) return false;
  return table.lifecycle === 'order' ? end !== null && readIn !== state : readIn === undefined;
}

/** True for a subject that ends as soon as it has been read. */
export function awaitsFirstRead({ end, read, waitingFor }: Subject): boolean {
  return end === null && read?.purpose === 'first' && waitingFor.includes('reading');
}

function arrangeByState(rules: Rules, subject: Subject, agreed: boolean, now: string): Subject {
  const rule = rules.table.states[subject.state ?? ''];
  if (rule === undefined) return subject;
  if (rule.settlesWhenExecuted === true && isExecuted(subject) && !isTakenBack(rules, rule, subject)) {
    return awaitStatuses(rules, subject, [rules.table.settlement ?? ''], false, now);
  }
  if (rule.rests === true) return endHere(rules, subject, now);
  if (rule.ends === undefined) {
    const needsRead = rule.fills === true || rule.corrects === true || rule.reads === true;
    return awaitStatuses(rules, subject, rule.owed, !agreed && needsRead, now);
  }
  if (rule.ends === 'at once' || !rules.table.readable) return endHere(rules, subject, now);
  if (rule.ends !== 'when read agrees') return endWhenRead(rules, rule, subject, agreed, now);
  return agreed ? endHere(rules, subject, now) : awaitAgreement(rules, subject, now);
}

/** True when a quantity is known to have been executed: by a fill that was not corrected, or by a read. */
export function isExecuted(subject: Subject): boolean {
  return subject.quantityRead === true || (subject.filled && !subject.corrected);
}

/** True where a correction took the fill back that the end would owe a settlement for. */
function isTakenBack(rules: Rules, { endsOnceCorrected }: StateRule, { corrected }: Subject): boolean {
  return endsOnceCorrected === true && corrected && rules.goesNewWay?.('corrections-take-back') !== false;
}

function awaitStatuses(
  rules: Rules,
  subject: Subject,
  owed: readonly string[],
  confirm: boolean,
  now: string,
): Subject {
  const dueAt = dueForState(rules, subject);
  const readNow = confirm && rules.table.readable;
  return { ...subject, waitingFor: owed, dueAt, read: readNow ? { at: now, purpose: 'fill' } : overdueRead(dueAt) };
}

/** A read for the case that nothing comes before it is due. */
export function overdueRead(at: string): NonNullable<Subject['read']> {
  return { at, purpose: 'overdue' };
}

/** The ending of the word under which a policy holds the shorter due time of a state. */
export const URGENT = ' urgent';

/** The time when what is owed after the subject's state is due, counted from the state's beginning; sooner for an urgent reason, and at the end of an order's validity where our own backend said it. */
export function dueForState(rules: Rules, subject: Subject): string {
  const { policy, table } = rules;
  const state = subject.state ?? '';
  const { validUntil } = subject.expected ?? {};
  if (validUntil !== undefined && table.states[state]?.standsWhileValid === true) return validUntil;
  const urgent = table.states[state]?.urgent;
  const isUrgent = urgent !== undefined && subject.reason?.endsWith(urgent.reasonEndsWith) === true;
  const due = policy.dueByState[isUrgent ? state + URGENT : state] ?? policy.firstDue;
  return dueAfter(policy, due, subject.since);
}

function endHere(rules: Rules, subject: Subject, now: string): Subject {
  return endSubject(subject, now, subject.stateBy ?? 'partner', rules.table.wakes === true);
}

/** The subject as it ends in a state that asks for more than a word of the partner, or waits for what is missing. */
function endWhenRead(rules: Rules, rule: StateRule, subject: Subject, wasRead: boolean, now: string): Subject {
  const missing = missingAtEnd(rules, rule, subject, wasRead);
  if (missing.length > 0) return awaitRecord(rules, subject, missing, now);
  if (rule.ends !== 'when judged') return endHere(rules, subject, now);
  return endHere(rules, { ...subject, facts: { ...subject.facts, rejection: rejectionOf(subject) } }, now);
}

/** The words for what a read still has to bring before the state's end; empty when nothing is missing. */
function missingAtEnd({ table }: Rules, rule: StateRule, subject: Subject, wasRead: boolean): readonly string[] {
  if (!wasRead && table.readsOnlyNamed !== true) return ['reading'];
  if (rule.readFor !== undefined && subject.facts?.[rule.readFor] === undefined) return [rule.readFor];
  return stillOwed(table, rule, subject);
}

/** Waits for what only a read brings; repeated while it does not, until it is due. */
function awaitRecord(rules: Rules, subject: Subject, owed: readonly string[], now: string): Subject {
  const dueAt = dueForState(rules, subject);
  return { ...subject, waitingFor: owed, dueAt, read: { at: now, purpose: 'record' } };
}

/** The subject as it waits for a read that says what a webhook said. */
export function awaitAgreement(rules: Rules, subject: Subject, now: string): Subject {
  const allWaitsMs = rules.policy.agreementWaitsMs.reduce((sum, waitMs) => sum + waitMs, 0);
  const dueAt = later(now, allWaitsMs);
  return { ...subject, waitingFor: ['agreement'], dueAt, read: { at: now, purpose: 'agreement' }, end: null };
}

/** The states named so far, with one more. */
export function withState({ statesSeen }: Subject, status: string): readonly string[] {
  return statesSeen.includes(status) ? statesSeen : [...statesSeen, status];
}

/** The subject with what is owed after its state due by the policy in force, where it waits for nothing else. */
export function arrangeUnderPolicy(rules: Rules, subject: Subject): Subject {
  if (subject.state === null || subject.read?.purpose !== 'overdue') return subject;
  const dueAt = dueForState(rules, subject);
  return { ...subject, dueAt, read: overdueRead(dueAt) };
}
