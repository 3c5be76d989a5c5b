/** The last moment of the calendar that `Date` and PostgreSQL write alike. */
export const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** The moment so many milliseconds after another, ISO 8601 UTC; never beyond the calendar, where no row could hold it. */
export function later(time: string, waitMs: number): string {
  return new Date(Math.min(LAST_MS, Date.parse(time) + waitMs)).toISOString();
}

/** True for a moment that has come; there is none where it is null. */
export function isPast(time: string | null, now: string): boolean {
  return time !== null && Date.parse(time) <= Date.parse(now);
}

/** The earliest of some moments; null where there is none. */
export function earliest(times: readonly (string | null)[]): string | null {
  const known = times.flatMap((time) => (time === null ? [] : [time]));
  return known.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}
