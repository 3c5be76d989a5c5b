import { dueAfter, type Policy } from '../policy';
import {
  type AlertKind,
  blankSubject,
  type End,
  type Finding,
  type FindingKind,
  type Outcome,
  type Subject,
} from '../subject';
import type { LifecycleTable } from './table';

/** The table and the policy on which decisions about a subject rest. */
export interface Rules {
  readonly table: LifecycleTable;
  readonly policy: Policy;
  /**
   * False where a running flow came to this place before the named change was deployed, and has to go on as it began.
   * Asked only where old and new differ: every answer stands in the flow's history. Absent: the new way.
   */
  readonly goesNewWay?: (change: FoldChange) => boolean;
}

/** The changes of folds that running flows must not meet half-way; workflows/patches.ts says what each is. */
export const FOLD_CHANGES = ['conflict-folds-all-again', 'older-reads-prove-nothing', 'corrections-take-back'] as const;
/** A change of folds that running flows must not meet half-way. */
export type FoldChange = (typeof FOLD_CHANGES)[number];

/** The policy in force: settings in numbers, scaled, for each kind of subject. */
export interface Policies {
  policyOf(table: LifecycleTable): Policy;
  /** Alerts of one partner and finding within this time are one. */
  readonly alertWindowMs: number;
  /** Number of tries that may fail for a delivery alone before it is parked. */
  readonly dispatchTries: number;
  /** Interval of each partner's sweeps, and the period each covers. */
  readonly sweeps: { readonly everyMs: number; readonly windowMs: number };
  /** The smallest amount a partner books, by asset group; `*` for every other group. */
  readonly precisions: Readonly<Record<string, string>>;
}

/** A subject after something happened, with what is to be counted and alerted. */
export interface Change {
  readonly subject: Subject;
  /** Statuses first learned by an overdue read. */
  readonly recovered: number;
  readonly alerts: readonly AlertKind[];
}

/** The change that leaves a subject so, by default without an alert and with nothing recovered. */
export function changed(subject: Subject, alerts: readonly AlertKind[] = [], recovered = 0): Change {
  return { subject, alerts, recovered };
}

/** The change that a notification made, and its outcome. */
export interface Folded extends Change {
  readonly outcome: Outcome;
  /** Part that dispatch wrote in the transaction of a booking; absent: nothing, so that the flow has to write both. */
  readonly alreadyWritten?: 'outcome' | 'outcome and row';
}

/** A notification's outcome together with the change it made. */
export function folded(outcome: Outcome, change: Change): Folded {
  return { ...change, outcome };
}

/** A subject of which nothing is known yet. `dueAt` null takes the policy's first due time. */
export function newSubject(rules: Rules, id: string, now: string, dueAt: string | null): Subject {
  const due = dueAt ?? dueAfter(rules.policy, rules.policy.firstDue, now);
  const { partner, object, lifecycle } = rules.table;
  const blank = blankSubject({ partner, object, id }, lifecycle, now);
  return { ...blank, waitingFor: ['notification'], dueAt: due, read: { at: due, purpose: 'overdue' } };
}

/** The subject as it ends: for good, or, where its table wakes, until the next notification. */
export function endSubject(subject: Subject, at: string, by: End['by'], wakes = false): Subject {
  const end = { state: subject.state, at, by };
  return { ...subject, end, closedForGood: !wakes, waitingFor: [], dueAt: null, read: null, overdue: false };
}

/** The subject with a finding; the same one again adds no line, so that a flow stuck for months keeps a short list. */
export function note(subject: Subject, finding: FindingKind, found: string | null, now: string): Subject {
  const last: Finding | undefined = subject.findings.at(-1);
  const same = last?.finding === finding && last.state === subject.state && last.found === found;
  const record: Finding = { finding, at: now, state: subject.state, found };
  return { ...subject, finding, findings: same ? subject.findings : [...subject.findings, record] };
}
