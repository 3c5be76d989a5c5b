import { parse, toSeconds } from 'iso8601-duration';

import type { DueSetting, LifecycleTable } from '../domain/lifecycles/table';
import type { Due, LadderStep } from '../domain/policy';
import type { Policies } from '../domain/lifecycles/rules';
import { URGENT } from '../domain/lifecycles/states/arrange';

/** Waiting rules of all lifecycles as a person writes them: ISO 8601 durations. */
export interface PolicySettings {
  /** Steps of the ladder: read, wait — alert, wait — alert again, wait — then an operator. */
  readonly ladder: readonly { readonly alert: boolean; readonly wait: string }[];
  readonly thenEvery: string;
  readonly agreementWaits: readonly string[];
  readonly alertWindow: string;
  /** Number of tries that may fail for a delivery alone before it is parked; the waits between them double, from 1 s to 1 min. */
  readonly dispatchTries: number;
  /** Interval at which each partner is asked for the webhooks it has sent. */
  readonly sweepEvery: string;
  readonly sweepWindow: string;
  readonly holidays: readonly string[];
  /** Smallest amount a partner books, a decimal, by asset group; `*` for every other group. */
  readonly precisions: Readonly<Record<string, string>>;
  /** Overrides of the tables: by `<partner>:<object>`, then by state, or `first` for the first notification. */
  readonly due: Readonly<Record<string, Readonly<Record<string, DueSetting>>>>;
}

/** Settings in force without a policy file. There is no alert at the first step: most late partners are only late. */
export const DEFAULT_POLICY_SETTINGS: PolicySettings = {
  ladder: [
    { alert: false, wait: 'PT1H' },
    { alert: true, wait: 'PT4H' },
    { alert: true, wait: 'P1D' },
  ],
  thenEvery: 'P1D',
  agreementWaits: ['PT10S', 'PT1M', 'PT10M', 'PT1H', 'PT6H', 'P1D'],
  alertWindow: 'PT1M',
  dispatchTries: 8,
  sweepEvery: 'PT15M',
  sweepWindow: 'P2D',
  holidays: [],
  precisions: { stock: '0.00000001', '*': '0.00000001' },
  due: {},
};

/** Durations of a table by name: its states, their shorter ones for urgent reasons, and those of no state. */
export function durationsOf(table: LifecycleTable): Readonly<Record<string, DueSetting>> {
  const states = Object.entries(table.states).flatMap(([state, { due: usual, urgent }]): [string, DueSetting][] => [
    [state, usual],
    ...(urgent === undefined ? [] : [[state + URGENT, urgent.due] satisfies [string, DueSetting]]),
  ]);
  return { ...Object.fromEntries(states), ...table.further };
}

function due(setting: DueSetting, scale: number): Due {
  return typeof setting === 'string' ? { ms: milliseconds(setting, scale) } : setting;
}

/** Milliseconds of an ISO 8601 duration, scaled; at least one. */
function milliseconds(duration: string, scale: number): number {
  return Math.max(1, Math.round(toSeconds(parse(duration)) * 1000 * scale));
}

/**
 * Settings as numbers. `scale` multiplies every policy duration and never a time that a partner set. `usesPriority`: the
 * Temporal server orders task queues by priority, which flows are told with their policy.
 */
export function createPolicies(settings: PolicySettings, scale: number, usesPriority = false): Policies {
  const prioritised = usesPriority ? ({ usesPriority: true } as const) : {};
  const ladder: readonly LadderStep[] = settings.ladder.map(({ alert, wait }) => ({
    alert,
    waitMs: milliseconds(wait, scale),
  }));
  return {
    alertWindowMs: milliseconds(settings.alertWindow, scale),
    dispatchTries: settings.dispatchTries,
    sweeps: {
      everyMs: milliseconds(settings.sweepEvery, scale),
      windowMs: milliseconds(settings.sweepWindow, scale),
      ...prioritised,
    },
    precisions: settings.precisions,
    policyOf: (table) => {
      const override = settings.due[`${table.partner}:${table.object}`] ?? {};
      return {
        dueByState: Object.fromEntries(
          Object.entries(durationsOf(table)).map(([name, usual]) => [name, due(override[name] ?? usual, scale)]),
        ),
        firstDue: due(override.first ?? table.firstDue, scale),
        ladder,
        thenEveryMs: milliseconds(settings.thenEvery, scale),
        agreementWaitsMs: settings.agreementWaits.map((wait) => milliseconds(wait, scale)),
        holidays: settings.holidays,
        scale,
        ...prioritised,
      };
    },
  };
}
