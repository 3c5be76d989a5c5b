import type { LifecycleTable, StateRule } from './table';
import type { Policy } from '../policy';
import { dueAfter } from '../policy';
import { judge, stillOwed } from './states/related-objects';
import { type AlertKind, blankSubject, type End, type Finding, type FindingKind, type Subject } from '../subject';

/** What decisions about a subject rest on. */
export interface Rules {
  readonly table: LifecycleTable;
  readonly policy: Policy;
}

/** The policy in force: settings in numbers, scaled, for each kind of subject. */
export interface Policies {
  policyOf(table: LifecycleTable): Policy;
  /** Alerts of one partner and finding within this time are one. */
  readonly alertWindowMs: number;
  /** How often each partner is asked what it has sent, and how far back. */
  readonly sweeps: { readonly everyMs: number; readonly windowMs: number };
  /** The smallest amount a partner books, by asset group; `*` for every other group. */
  readonly precisions: Readonly<Record<string, string>>;
}

/** A subject after something happened, and what the world has to be told of it. */
export interface Change {
  readonly subject: Subject;
  /** Statuses first learned by an overdue read. */
  readonly recovered: number;
  /** What people are to be alerted of. */
  readonly alerts: readonly AlertKind[];
}

/** A change of which the world has to be told nothing, or what is given. */
export function changed(subject: Subject, alerts: readonly AlertKind[] = [], recovered = 0): Change {
  return { subject, alerts, recovered };
}

/** A subject of which nothing is known yet. `dueAt` null takes the policy's first due time. */
export function newSubject(rules: Rules, id: string, now: string, dueAt: string | null): Subject {
  const due = dueAt ?? dueAfter(rules.policy, rules.policy.firstDue, now);
  const { partner, object, lifecycle } = rules.table;
  const blank = blankSubject({ partner, object, id }, lifecycle, now);
  return { ...blank, waitingFor: ['notification'], dueAt: due, read: { at: due, purpose: 'overdue' } };
}

/** True when a quantity is known to have been executed: by a fill that was not corrected, or by a read. */
export function executed(subject: Subject): boolean {
  return subject.quantityRead === true || (subject.filled && !subject.corrected);
}

/** The word under which a policy holds the shorter due time of a state. */
export const URGENT = ' urgent';

/** By when what is owed after the subject's state is due, counted from when it began; sooner for a reason that hurries it. */
export function dueForState(rules: Rules, subject: Subject): string {
  const { policy, table } = rules;
  const state = subject.state ?? '';
  const urgent = table.states[state]?.urgent;
  const isUrgent = urgent !== undefined && subject.reason?.endsWith(urgent.reasonEndsWith) === true;
  const due = policy.dueByState[isUrgent ? state + URGENT : state] ?? policy.firstDue;
  return dueAfter(policy, due, subject.since);
}

/** The subject ends here: for good, or, of a kind that wakes, until there is news. */
export function endSubject(subject: Subject, at: string, by: End['by'], wakes = false): Subject {
  const end = { state: subject.state, at, by };
  return { ...subject, end, closedForGood: !wakes, waitingFor: [], dueAt: null, read: null, overdue: false };
}

function endHere(rules: Rules, subject: Subject, now: string): Subject {
  return endSubject(subject, now, subject.stateBy ?? 'partner', rules.table.wakes === true);
}

/** Waits for a read that says what a webhook said. */
export function awaitAgreement(rules: Rules, subject: Subject, now: string): Subject {
  const wholeMs = rules.policy.agreementWaitsMs.reduce((sum, waitMs) => sum + waitMs, 0);
  const dueAt = new Date(Date.parse(now) + wholeMs).toISOString();
  return { ...subject, waitingFor: ['agreement'], dueAt, read: { at: now, purpose: 'agreement' }, end: null };
}

function awaitStatuses(
  rules: Rules,
  subject: Subject,
  owed: readonly string[],
  confirm: boolean,
  now: string,
): Subject {
  const dueAt = dueForState(rules, subject);
  const read = confirm ? ({ at: now, purpose: 'fill' } as const) : ({ at: dueAt, purpose: 'overdue' } as const);
  return { ...subject, waitingFor: owed, dueAt, read: rules.table.readable ? read : { at: dueAt, purpose: 'overdue' } };
}

/** Waits for what only a read brings; repeated while it does not, until it is due. */
function awaitRecord(rules: Rules, subject: Subject, owed: readonly string[], now: string): Subject {
  const dueAt = dueForState(rules, subject);
  return { ...subject, waitingFor: owed, dueAt, read: { at: now, purpose: 'record' } };
}

/** What a read still has to bring before the state's end; empty when nothing is missing. */
function missingAtEnd({ table }: Rules, rule: StateRule, subject: Subject, wasRead: boolean): readonly string[] {
  if (!wasRead && table.readsOnlyNamed !== true) return ['reading'];
  if (rule.readFor !== undefined && subject.facts?.[rule.readFor] === undefined) return [rule.readFor];
  return stillOwed(table, rule, subject);
}

/** Ends a subject whose state asks for more than a word of the partner, or waits for what is missing. */
function endWhenRead(rules: Rules, rule: StateRule, subject: Subject, wasRead: boolean, now: string): Subject {
  const missing = missingAtEnd(rules, rule, subject, wasRead);
  if (missing.length > 0) return awaitRecord(rules, subject, missing, now);
  if (rule.ends !== 'when judged') return endHere(rules, subject, now);
  return endHere(rules, { ...subject, facts: { ...subject.facts, rejection: judge(subject) } }, now);
}

/**
 * Arranges what is owed after the subject's state, or ends it. `agreed`: a read has just said the same,
 * so that no further read has to confirm it.
 */
export function arrange(rules: Rules, subject: Subject, agreed: boolean, now: string): Subject {
  const rule = rules.table.states[subject.state ?? ''];
  if (rule === undefined) return subject;
  if (rule.settlesWhenExecuted === true && executed(subject)) {
    return awaitStatuses(rules, subject, [rules.table.settlement ?? ''], false, now);
  }
  if (rule.rests === true) return endHere(rules, subject, now);
  if (rule.ends === undefined) {
    const learns = rule.fills === true || rule.corrects === true || rule.reads === true;
    return awaitStatuses(rules, subject, rule.owed, !agreed && learns, now);
  }
  if (rule.ends === 'at once' || !rules.table.readable) return endHere(rules, subject, now);
  if (rule.ends !== 'when read agrees') return endWhenRead(rules, rule, subject, agreed, now);
  return agreed ? endHere(rules, subject, now) : awaitAgreement(rules, subject, now);
}

/** An object whose notifications name no status: each wakes it, and it is read. */
export function awaitReading(rules: Rules, subject: Subject, now: string): Subject {
  const anew: Subject = { ...subject, since: now, step: 0, tries: 0, overdue: false, finding: null, end: null };
  return awaitRecord(rules, anew, ['reading'], now);
}

/** The subject takes a state on the word of a webhook or a read: what was overdue is not any more. */
export function enter(rules: Rules, subject: Subject, status: string, by: 'partner' | 'read', now: string): Subject {
  const rule = rules.table.states[status];
  const corrects = rule?.corrects === true;
  const entered: Subject = {
    ...subject,
    state: status,
    stateBy: by,
    since: now,
    statesSeen: seen(subject, status),
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

/** Something awaited came that leaves the state as it is (another partial fill): the wait starts anew, and nothing is overdue. */
export function awaitAnew(rules: Rules, subject: Subject, now: string): Subject {
  const anew: Subject = { ...subject, since: now, step: 0, tries: 0, overdue: false, finding: null };
  return arrange(rules, anew, false, now);
}

/** The states named so far, with one more. */
export function seen(subject: Subject, status: string): readonly string[] {
  return subject.statesSeen.includes(status) ? subject.statesSeen : [...subject.statesSeen, status];
}

/** Notes a finding; the same one again adds no line, so that a flow stuck for months keeps a short list. */
export function note(subject: Subject, finding: FindingKind, found: string | null, now: string): Subject {
  const last: Finding | undefined = subject.findings.at(-1);
  const same = last?.finding === finding && last.state === subject.state && last.found === found;
  const record: Finding = { finding, at: now, state: subject.state, found };
  return { ...subject, finding, findings: same ? subject.findings : [...subject.findings, record] };
}
