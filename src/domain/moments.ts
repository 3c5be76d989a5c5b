/** The last moment of the calendar that `Date` and PostgreSQL write alike. */
export const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** The moment so many milliseconds after another, ISO 8601 UTC; never beyond the calendar, where no row could hold it. */
export function later(time: string, waitMs: number): string {
  return new Date(Math.min(LAST_MS, millisecondsOf(time) + waitMs)).toISOString();
}

/**
 * The milliseconds since 1970 of a moment in a row or a history: one of ours, or a partner's deadline as it was sent.
 * Without an offset it is UTC: `Date` would take it for the zone of the process, and the next worker would disagree.
 */
export function millisecondsOf(time: string): number {
  return Date.parse(WITHOUT_OFFSET.test(time) ? `${time.replace(',', '.')}Z` : time.replace(',', '.'));
}

/** True for a text that is a moment between 1970 and the last one of the calendar. */
export function isMoment(time: string): boolean {
  const ms = millisecondsOf(time);
  return ms >= 0 && ms <= LAST_MS;
}

const WITHOUT_OFFSET = /[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?$/;

/**
 * Moment that somebody names, ISO 8601 UTC: a day, which is its beginning in UTC, or a time with its offset. Null for
 * anything else: of a time without an offset nobody knows whose it is.
 */
export function namedMoment(given: string): string | null {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given);
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(given);
  const ms = isDay || isTime ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(ms) || ms < 0 || ms > LAST_MS) return null;
  const moment = new Date(ms).toISOString();
  // Of a day that does not exist `Date` makes another one.
  return !isDay || moment.startsWith(given) ? moment : null;
}

/** True for a moment that has come; there is none where it is null. */
export function isPast(time: string | null, now: string): boolean {
  return time !== null && millisecondsOf(time) <= millisecondsOf(now);
}

/** The earliest of some moments; null where there is none. */
export function earliest(times: readonly (string | null)[]): string | null {
  const known = times.flatMap((time) => (time === null ? [] : [time]));
  return known.sort((a, b) => millisecondsOf(a) - millisecondsOf(b))[0] ?? null;
}
