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
import type { LocalCalendar, LocalClocks } from './local-calendar';
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
  /** True where an id that is new to us is read, whatever its status says: flows that began before this was so go on without. */
  readonly readsNewIds?: boolean;
}

/** The changes of folds that running flows must not meet half-way; workflows/patches.ts says what each is. */
export const FOLD_CHANGES = [
  'conflict-folds-all-again',
  'older-reads-prove-nothing',
  'corrections-take-back',
  'findings-are-counted',
  'recurrences-are-bounded',
  'contradictions-are-told',
  'overdue-is-missed',
] as const;
/** A change of folds that running flows must not meet half-way. */
export type FoldChange = (typeof FOLD_CHANGES)[number];

/** True where a flow tells what its release before this kept to itself. */
export function tellsAll(rules: Rules): boolean {
  return rules.goesNewWay?.('contradictions-are-told') !== false;
}

/** The policy in force: settings in numbers, scaled, for each kind of subject. */
export interface Policies {
  policyOf(table: LifecycleTable): Policy;
  /** The calendar by which a partner's local times are resolved before they reach a flow; absent where there is none. */
  localCalendarOf?(table: LifecycleTable): LocalCalendar | null;
  /** The clocks by which its times without an offset are read; absent where all are UTC. */
  readonly localClockOf?: LocalClocks;
  /** Alerts of one partner and finding within this time are one. */
  readonly alertWindowMs: number;
  /** Number of tries that may fail for a delivery alone before it is parked. */
  readonly dispatchTries: number;
  /** Interval of each partner's sweeps, and the period each covers. */
  readonly sweeps: { readonly everyMs: number; readonly windowMs: number; readonly usesPriority?: true };
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

/**
 * The subject with a finding. One that was made before adds no line, it is counted: neither a flow stuck for months nor
 * two findings that alternate may let the row grow.
 */
export function note(rules: Rules, subject: Subject, finding: FindingKind, found: string | null, now: string): Subject {
  const { findings, state } = subject;
  const isSame = (one: Finding | undefined): boolean =>
    one?.finding === finding && one.state === state && one.found === found;
  const known = findings.findIndex(isSame);
  const added: Finding = { finding, at: now, state, found };
  const isBounded = isSame(findings.at(-1)) || (known < 0 && findings.length < MOST_FINDINGS);
  // Where the list no longer grows, a flow writes less often than it did.
  if (!isBounded && rules.goesNewWay?.('findings-are-counted') === false)
    return { ...subject, finding, findings: [...findings, added] };
  if (known < 0) return withNewFinding({ ...subject, finding }, added);
  return { ...subject, finding, findings: findings.map((one, index) => (index === known ? again(one, now) : one)) };
}

/** The most findings that a row keeps, each with its count; of them the first ones made. */
const MOST_FINDINGS = 50;
const FIRST_FINDINGS = 10;

function again(one: Finding, now: string): Finding {
  return { ...one, count: (one.count ?? 1) + 1, latestAt: now };
}

/** The first and the latest findings stay; of those between only their number. */
function withNewFinding(subject: Subject, added: Finding): Subject {
  const findings = [...subject.findings, added];
  if (findings.length <= MOST_FINDINGS) return { ...subject, findings };
  const kept = findings.filter((_, index) => index !== FIRST_FINDINGS);
  return { ...subject, findings: kept, findingsLeftOut: (subject.findingsLeftOut ?? 0) + 1 };
}
