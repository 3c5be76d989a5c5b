import { foldNotification } from '../../src/domain/lifecycles/states/fold-notification';
import { foldReading } from '../../src/domain/lifecycles/states/fold-reading';
import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import { nextStep } from '../../src/domain/lifecycles/kinds';
import type { Arrival as DeliveryArrival, StateContent } from '../../src/domain/notification';
import type { Reading } from '../../src/domain/reading';
import { newSubject, type Rules } from '../../src/domain/lifecycles/rules';
import type { AlertKind, Outcome, ReadPurpose, Subject } from '../../src/domain/subject';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';

export const START = '2026-03-02T09:00:00.000Z';
export const HOUR_MS = 3_600_000;

export function rulesOf(table: LifecycleTable): Rules {
  return { table, policy: createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(table) };
}

export interface Arrival {
  readonly atMs: number;
  readonly status: string | null;
  readonly more?: Partial<StateContent>;
  readonly contradictsEarlier?: boolean;
}

export interface Run {
  readonly subject: Subject;
  readonly outcomes: readonly Outcome[];
  readonly recovered: number;
  readonly alerts: readonly AlertKind[];
  readonly reads: readonly { readonly atMs: number; readonly purpose: ReadPurpose }[];
}

export function objectRead(status: string, quantityExecuted: boolean | null = null): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted, reason: null };
}

function lifecycleOf({ lifecycle }: LifecycleTable): StateContent['lifecycle'] {
  if (lifecycle === 'savingsPlan' || lifecycle === 'corporateAction')
    throw new Error('not followed by its states alone');
  return lifecycle;
}

function toNotification(
  table: LifecycleTable,
  arrival: Arrival,
  index: number,
  now: string,
): StateContent & DeliveryArrival {
  return {
    lifecycle: lifecycleOf(table),
    event: 'TEST',
    status: arrival.status,
    reason: null,
    executions: [],
    readHints: {},
    ...arrival.more,
    deliveryId: String(index),
    receivedAt: now,
    contradictsEarlier: arrival.contradictsEarlier ?? false,
  };
}

/**
 * Runs a subject through arrivals and reads on a virtual clock, as its flow would, until it ends or the time is over.
 * A read that takes `readTakesMs` shows the object as it was when it was asked; what arrives meanwhile is folded first.
 */
export function runSubject(
  rules: Rules,
  arrivals: readonly Arrival[],
  read: (atMs: number, purpose: ReadPurpose) => { reading: Reading; backlog?: boolean },
  untilMs: number,
  readTakesMs = 0,
): Run {
  const startMs = Date.parse(START);
  const pending = arrivals
    .map((arrival, index) => ({ arrival, index }))
    .sort((a, b) => a.arrival.atMs - b.arrival.atMs);
  const outcomes: Outcome[] = [];
  const reads: { atMs: number; purpose: ReadPurpose }[] = [];
  const alerts: AlertKind[] = [];
  let recovered = 0;
  let clockMs = pending[0]?.arrival.atMs ?? 0;
  let subject = newSubject(rules, 'x', new Date(startMs + clockMs).toISOString(), null);
  const foldArrivals = (): void => {
    while (pending[0] !== undefined && pending[0].arrival.atMs <= clockMs) {
      const { arrival, index } = pending[0];
      const now = new Date(startMs + arrival.atMs).toISOString();
      pending.shift();
      const folded = foldNotification(rules, subject, toNotification(rules.table, arrival, index, now), now);
      subject = folded.subject;
      outcomes[index] = folded.outcome;
      alerts.push(...folded.alerts);
    }
  };
  while (clockMs <= untilMs) {
    const now = new Date(startMs + clockMs).toISOString();
    foldArrivals();
    const step = nextStep(rules, subject, now);
    if (step.kind === 'read') {
      reads.push({ atMs: clockMs, purpose: step.purpose });
      const { reading, backlog } = read(clockMs, step.purpose);
      clockMs += readTakesMs;
      foldArrivals();
      const answered = new Date(startMs + clockMs).toISOString();
      const result = { reading, backlog: backlog ?? false, askedAt: now };
      const change = foldReading(rules, subject, step.purpose, result, answered);
      subject = change.subject;
      recovered += change.recovered;
      alerts.push(...change.alerts);
      continue;
    }
    const readAtMs = step.kind === 'wait' && step.until !== null ? Date.parse(step.until) - startMs : null;
    const nextMs = Math.min(pending[0]?.arrival.atMs ?? Number.POSITIVE_INFINITY, readAtMs ?? Number.POSITIVE_INFINITY);
    if (!Number.isFinite(nextMs)) break;
    clockMs = nextMs;
  }
  return { subject, outcomes, recovered, alerts, reads };
}
