import { easter } from 'date-easter';

import { isDay } from '../domain/partner-time';

/**
 * A rule by which days are no business days: one day, `2026-12-25`; the same day of each year, `12-25`; or so many days
 * before or after Easter Sunday, `easter-2`. The last two never need an update.
 */
export type ClosedDayRule = string;

/** Business calendars that are built in, by name; beside their days weekends are closed. */
export const BUILT_IN_CALENDARS: Readonly<Record<string, readonly ClosedDayRule[]>> = {
  // Closing days of the euro's settlement system, since 2002 until revoked: the European Central Bank, 14 December 2000.
  TARGET: ['01-01', 'easter-2', 'easter+1', '05-01', '12-25', '12-26'],
  WEEKENDS: [],
};

const EACH_YEAR = /^(\d{2}-\d{2})$/;
const AT_EASTER = /^easter(?:([+-]\d{1,3}))?$/;

/** True for a rule that names days: no 30th of February, none of each year that most years lack. */
export function isClosedDayRule(rule: string): boolean {
  if (EACH_YEAR.test(rule)) return isDay(`2027-${rule}`);
  return AT_EASTER.test(rule) || (/^\d{4}-\d{2}-\d{2}$/.test(rule) && isDay(rule));
}

/** The days of some years, `YYYY-MM-DD` in order, that a calendar's rules close; those of weekends are left out. */
export function closedDays(rules: readonly ClosedDayRule[], fromYear: number, toYear: number): readonly string[] {
  const years = Array.from({ length: toYear - fromYear + 1 }, (_, index) => fromYear + index);
  const days = new Set(years.flatMap((year) => rules.map((rule) => dayOf(rule, year))));
  return [...days].filter((day) => !isWeekend(day)).sort();
}

function dayOf(rule: ClosedDayRule, year: number): string {
  const [, eachYear] = EACH_YEAR.exec(rule) ?? [];
  if (eachYear !== undefined) return `${String(year)}-${eachYear}`;
  const atEaster = AT_EASTER.exec(rule);
  if (atEaster === null) return rule;
  const { month, day } = easter(year);
  return new Date(Date.UTC(year, month - 1, day + Number(atEaster[1] ?? 0))).toISOString().slice(0, 10);
}

function isWeekend(day: string): boolean {
  return [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
}
