import { parse, toSeconds } from 'iso8601-duration';

import type { DueSetting, LifecycleTable } from '../domain/lifecycles/table';
import type { Due, LadderStep } from '../domain/policy';
import type { LocalClocks } from '../domain/lifecycles/local-calendar';
import type { Policies } from '../domain/lifecycles/rules';
import { URGENT } from '../domain/lifecycles/states/arrange';
import { BUILT_IN_CALENDARS, closedDays, type ClosedDayRule } from './closed-days';
import { createLocalCalendar, createLocalClock } from './local-calendar';

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
  /** Days that no calendar has, for all of them. */
  readonly holidays: readonly string[];
  /** Business calendars beside those that are built in: the rules of their closed days, by name. */
  readonly calendars: Readonly<Record<string, readonly ClosedDayRule[]>>;
  /** The calendar of business days by partner, `<partner>:<lifecycle>` or `<partner>:<object>`; the nearest name counts before the table's. */
  readonly calendar: Readonly<Record<string, string>>;
  /** The time zone in which a partner's times recur, and in which those without an offset are told, likewise. */
  readonly timeZone: Readonly<Record<string, string>>;
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
  calendars: {},
  calendar: {},
  timeZone: {},
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
export function createPolicies(
  settings: PolicySettings,
  scale: number,
  usesPriority = false,
  now: () => Date = () => new Date(),
): Policies {
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
      const dueByState = Object.fromEntries(
        Object.entries(durationsOf(table)).map(([name, usual]) => [name, due(override[name] ?? usual, scale)]),
      );
      const firstDue = due(override.first ?? table.firstDue, scale);
      const countsDays = [firstDue, ...Object.values(dueByState)].some((one) => 'businessDays' in one);
      return {
        dueByState,
        firstDue,
        ladder,
        thenEveryMs: milliseconds(settings.thenEvery, scale),
        agreementWaitsMs: settings.agreementWaits.map((wait) => milliseconds(wait, scale)),
        holidays: countsDays ? holidaysOf(settings, table, now()) : settings.holidays,
        scale,
        ...prioritised,
      };
    },
    localCalendarOf(table) {
      const zone = nearest(settings.timeZone, table) ?? table.timeZone;
      return zone === undefined ? null : createLocalCalendar(zone);
    },
    localClockOf(kind) {
      const zone = nearest(settings.timeZone, kind);
      return zone === undefined ? null : createLocalClock(zone);
    },
  };
}

/**
 * Years before and after the present one whose days reach a flow: it counts on from the beginning of a wait, and may live
 * for years. Each start, and `policy apply`, brings those of its own time.
 */
const YEARS = { before: 1, after: 5 };

function holidaysOf(settings: PolicySettings, table: LifecycleTable, now: Date): readonly string[] {
  const name = nearest(settings.calendar, table) ?? table.calendar ?? 'WEEKENDS';
  const rules = settings.calendars[name] ?? BUILT_IN_CALENDARS[name] ?? [];
  const year = now.getUTCFullYear();
  return [...new Set([...closedDays(rules, year - YEARS.before, year + YEARS.after), ...settings.holidays])].sort();
}

/** The setting of a subject's kind: by its object, else by its lifecycle, else by its partner. */
function nearest(
  settings: Readonly<Record<string, string>>,
  { partner, object, lifecycle }: Parameters<LocalClocks>[0],
): string | undefined {
  return settings[`${partner}:${object}`] ?? settings[`${partner}:${lifecycle}`] ?? settings[partner];
}
