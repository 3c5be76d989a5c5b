import { readFileSync } from 'node:fs';

import * as t from 'io-ts';
import { parse } from 'iso8601-duration';

import { decode } from '../codecs/decode';
import { isDay } from '../domain/partner-time';
import type { LifecycleTable } from '../domain/lifecycles/table';
import { BUILT_IN_CALENDARS, isClosedDayRule } from './closed-days';
import { isTimeZone } from './local-calendar';
import { DEFAULT_POLICY_SETTINGS, durationsOf, type PolicySettings } from './policy';

/** Reason why a policy file cannot be used; a fault within it is named with its place. */
export interface PolicyFileFault {
  readonly expected: string;
  readonly found: string;
}

/**
 * Settings in force: the defaults, overridden by those of the file. A file that cannot be used is complained about,
 * and the defaults are used in its place, so that other bad variables are found in the same run.
 */
export function readPolicySettings(
  path: string | null,
  tables: readonly LifecycleTable[],
  complain: (fault: PolicyFileFault) => void,
): PolicySettings {
  if (path === null) return DEFAULT_POLICY_SETTINGS;
  const overrides = overridesIn(path, tables);
  if ('expected' in overrides) {
    complain(overrides);
    return DEFAULT_POLICY_SETTINGS;
  }
  const { due = {}, precisions = {}, ...rest } = overrides;
  const usual = DEFAULT_POLICY_SETTINGS.precisions;
  return { ...DEFAULT_POLICY_SETTINGS, ...rest, precisions: { ...usual, ...precisions }, due };
}

const isText = (value: unknown): value is string => typeof value === 'string' && isDuration(value);

function isDuration(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

/** ISO 8601 duration such as `PT4H`. */
const Duration = new t.Type<string, string, unknown>(
  'an ISO 8601 duration such as PT4H',
  isText,
  (value, context) => (isText(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

/** Largest number of business days: more than a decade of them is a typing error. */
const MOST_BUSINESS_DAYS = 2_600;

const isBusinessDays = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MOST_BUSINESS_DAYS;

const BusinessDays = new t.Type<number, number, unknown>(
  `a whole number of business days, 1 to ${MOST_BUSINESS_DAYS}`,
  isBusinessDays,
  (value, context) => (isBusinessDays(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

const isDayText = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && isDay(value);

const Day = new t.Type<string, string, unknown>(
  'a day such as 2026-12-25',
  isDayText,
  (value, context) => (isDayText(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

const isRule = (value: unknown): value is string => typeof value === 'string' && isClosedDayRule(value);

const ClosedDay = new t.Type<string, string, unknown>(
  'a day such as 2026-12-25, of each year such as 12-25, or by Easter such as easter-2',
  isRule,
  (value, context) => (isRule(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

const isZone = (value: unknown): value is string => typeof value === 'string' && isTimeZone(value);

const TimeZone = new t.Type<string, string, unknown>(
  'a time zone such as Europe/Vienna',
  isZone,
  (value, context) => (isZone(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

/** Largest number of tries: at one a minute they last for more than a day. */
const MOST_DISPATCH_TRIES = 2_000;

const isTries = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MOST_DISPATCH_TRIES;

const DispatchTries = new t.Type<number, number, unknown>(
  `a whole number of tries, 1 to ${MOST_DISPATCH_TRIES}`,
  isTries,
  (value, context) => (isTries(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

const Due = t.union([Duration, t.type({ businessDays: BusinessDays })]);
const Ladder = t.refinement(
  t.array(t.type({ alert: t.boolean, wait: Duration })),
  (ladderSteps) => ladderSteps.length > 0,
  'a ladder of at least one rung',
);

const isPrecision = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{1,20}(\.\d{1,20})?$/.test(value) && /[1-9]/.test(value);

/** Smallest amount that is booked, such as `0.00000001`. */
const Precision = new t.Type<string, string, unknown>(
  'a decimal above 0 such as 0.00000001',
  isPrecision,
  (value, context) => (isPrecision(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

/** Policy file: every setting is optional and overrides the default. `due` is by `<partner>:<object>` and state. */
const PolicyFile = t.partial({
  ladder: Ladder,
  thenEvery: Duration,
  agreementWaits: t.array(Duration),
  alertWindow: Duration,
  dispatchTries: DispatchTries,
  sweepEvery: Duration,
  sweepWindow: Duration,
  holidays: t.array(Day),
  calendars: t.record(t.string, t.array(ClosedDay)),
  calendar: t.record(t.string, t.string),
  timeZone: t.record(t.string, TimeZone),
  precisions: t.record(t.string, Precision),
  due: t.record(t.string, t.record(t.string, Due)),
});

/** Settings in the file, or the first fault in it. */
function overridesIn(path: string, tables: readonly LifecycleTable[]): t.TypeOf<typeof PolicyFile> | PolicyFileFault {
  const content = contentOf(path);
  if (content === null) return { expected: 'a readable JSON file', found: path };
  const decoded = decode(PolicyFile, content.json);
  if (!decoded.ok) {
    const { path: where, expected, found } = decoded.problem;
    return { expected: `${expected} at ${where}`, found };
  }
  const settings = Object.keys(PolicyFile.props);
  const unknownSetting = Object.keys(decoded.value).find((name) => !settings.includes(name));
  if (unknownSetting !== undefined) return { expected: `one of ${settings.join(', ')}`, found: unknownSetting };
  const unknown = unknownName(decoded.value.due ?? {}, tables);
  if (unknown !== null) return { expected: 'a subject and a state that a lifecycle table knows', found: unknown };
  return faultOfCalendars(decoded.value, tables) ?? decoded.value;
}

/** Name of a partner, a lifecycle or a calendar that nobody knows: a typing error, as above. */
function faultOfCalendars(
  file: t.TypeOf<typeof PolicyFile>,
  tables: readonly LifecycleTable[],
): PolicyFileFault | null {
  const { calendar = {}, calendars = {}, timeZone = {} } = file;
  const kinds = tables.flatMap(({ partner, object, lifecycle }) => [
    ...[partner, `${partner}:${lifecycle}`, `${partner}:${object}`],
  ]);
  const unknownKind = Object.keys({ ...calendar, ...timeZone }).find((name) => !kinds.includes(name));
  if (unknownKind !== undefined) {
    return { expected: 'a partner, or <partner>:<lifecycle or object>, in calendar and timeZone', found: unknownKind };
  }
  const builtIn = Object.keys(calendars).find((name) => name in BUILT_IN_CALENDARS);
  if (builtIn !== undefined) return { expected: 'a name in calendars that is not built in', found: builtIn };
  const names = [...Object.keys(BUILT_IN_CALENDARS), ...Object.keys(calendars)];
  const unknownCalendar = Object.values(calendar).find((name) => !names.includes(name));
  return unknownCalendar === undefined
    ? null
    : { expected: `one of ${names.join(', ')} in calendar`, found: unknownCalendar };
}

function contentOf(path: string): { readonly json: unknown } | null {
  try {
    return { json: JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return null;
  }
}

/** Word under which the file has a lifecycle's first due time, beside its states. */
const FIRST = 'first';

/**
 * Subject or state in the file that no table has; it is a typing error that would otherwise change nothing, silently.
 */
function unknownName(due: NonNullable<PolicySettings['due']>, tables: readonly LifecycleTable[]): string | null {
  for (const [subject, states] of Object.entries(due)) {
    const table = tables.find(({ partner, object }) => `${partner}:${object}` === subject);
    if (table === undefined) return `due.${subject}`;
    const unknown = Object.keys(states).find((state) => state !== FIRST && !(state in durationsOf(table)));
    if (unknown !== undefined) return `due.${subject}.${unknown}`;
  }
  return null;
}
