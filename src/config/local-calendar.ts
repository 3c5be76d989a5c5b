import { DateTime, IANAZone } from 'luxon';

import type { LocalCalendar, LocalClock } from '../domain/lifecycles/local-calendar';
import { LAST_MS } from '../domain/moments';

/** True for the name of a time zone that this process knows, such as `Europe/Vienna`. */
export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** The clock of a time zone. */
export function createLocalClock(zone: string): LocalClock {
  return (local) => {
    const there = DateTime.fromISO(local, { zone });
    // Of an hour that comes twice luxon gives either; the first one keeps a deadline.
    return (there.getPossibleOffsets()[0] ?? there).toMillis();
  };
}

/** The calendar of a time zone: a period later it is the same hour there, also after a change of clocks. */
export function createLocalCalendar(zone: string): LocalCalendar {
  return {
    periodLater(moment, frequency, day) {
      const local = DateTime.fromISO(moment, { zone });
      const next =
        frequency === 'monthly' || frequency === null ? monthLater(local, day) : local.plus(weeksOf(frequency));
      return new Date(Math.min(LAST_MS, next.toMillis())).toISOString();
    },
  };
}

function weeksOf(frequency: string): { readonly weeks: number } {
  return { weeks: frequency === 'weekly' ? 1 : 2 };
}

/**
 * The plan's day in the next month, cut to that month's length: after February the 31st is the 31st again. Where the plan's
 * day is not told, the last day of a month may stand for any later one.
 */
function monthLater(local: DateTime, day: number | null): DateTime {
  const next = local.set({ day: 1 }).plus({ months: 1 });
  const told = day ?? (local.day === local.daysInMonth ? 31 : local.day);
  return next.set({ day: Math.min(told, next.daysInMonth ?? told) });
}
