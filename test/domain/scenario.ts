import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import type { Reading } from '../../src/domain/reading';
import type { AlertKind, FindingKind, Outcome, Subject } from '../../src/domain/subject';
import { type Arrival, HOUR_MS, rulesOf, runSubject } from './run-subject';

/** A life on a virtual clock: what arrived, what reads showed, and what an operator would see of it. */
export interface Scenario {
  readonly title: string;
  readonly table: LifecycleTable;
  readonly arrivals: readonly Arrival[];
  /** What a read gives at a time, by hours; the last entry at or before it counts. */
  readonly truth: readonly (readonly [fromHours: number, reading: Reading])[];
  readonly untilHours: number;
  readonly outcomes: readonly Outcome[];
  readonly state: string | null;
  readonly end: 'partner' | 'read' | null;
  readonly waitingFor?: readonly string[];
  readonly findings: readonly FindingKind[];
  /** What the last finding found. */
  readonly found?: string | null;
  readonly overdue?: boolean;
  readonly finding?: FindingKind | null;
  readonly recovered?: number;
  readonly alerts?: readonly AlertKind[];
  /** Facts and reason, and whatever else is shown of the subject. */
  readonly shown?: Partial<Subject>;
}

export function hours(...statuses: readonly (readonly [number, string | null])[]): Arrival[] {
  return statuses.map(([at, status]) => ({ atMs: at * HOUR_MS, status }));
}

/** A notification with the partner's own time of the change. */
export function changedAt(atHours: number, status: string, time: string): Arrival {
  return { atMs: atHours * HOUR_MS, status, more: { changedAt: time } };
}

/** What an object's read gives that brings facts or names others. */
export function reading(status: string, more: Partial<Extract<Reading, { kind: 'object' }>> = {}): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted: null, reason: null, ...more };
}

export function expectScenario(scenario: Scenario): void {
  const truthAt = (atMs: number): Reading =>
    scenario.truth.filter(([fromHours]) => fromHours * HOUR_MS <= atMs).at(-1)?.[1] ?? { kind: 'absent' };
  const run = runSubject(
    rulesOf(scenario.table),
    scenario.arrivals,
    (atMs) => ({ reading: truthAt(atMs) }),
    scenario.untilHours * HOUR_MS,
  );
  expect(run.outcomes).toEqual(scenario.outcomes);
  expect(run.subject.state).toBe(scenario.state);
  expect(run.subject.end?.by ?? null).toBe(scenario.end);
  expect(run.subject.findings.map(({ finding }) => finding)).toEqual(scenario.findings);
  expect(run.recovered).toBe(scenario.recovered ?? 0);
  if (scenario.waitingFor !== undefined) expect(run.subject.waitingFor).toEqual(scenario.waitingFor);
  if (scenario.found !== undefined) expect(run.subject.findings.at(-1)?.found).toBe(scenario.found);
  if (scenario.finding !== undefined) expect(run.subject.finding).toBe(scenario.finding);
  if (scenario.overdue !== undefined) expect(run.subject.overdue).toBe(scenario.overdue);
  if (scenario.alerts !== undefined) expect(run.alerts).toEqual(scenario.alerts);
  if (scenario.shown !== undefined) expect(run.subject).toMatchObject(scenario.shown);
}
