import { LAST_MS } from './moments';
import type { Age } from './lifecycles/table';

/**
 * The age of one time against another as sent, to the last digit: `Date` cuts microseconds, and two changes within a
 * millisecond would look equal.
 */
export function ageOf(time: string | undefined, known: string | undefined): Age {
  const [a, b] = [time, known].map((one) => (one === undefined ? null : parsed(one)));
  if (a === null || a === undefined || b === null || b === undefined) return 'unknown';
  if (a.seconds !== b.seconds) return a.seconds > b.seconds ? 'newer' : 'older';
  const digits = Math.max(a.fraction.length, b.fraction.length);
  const [left, right] = [a.fraction.padEnd(digits, '0'), b.fraction.padEnd(digits, '0')];
  if (left === right) return 'unknown';
  return left > right ? 'newer' : 'older';
}

/** The milliseconds since 1970 of a partner's time; null where it is none, before 1970, or after the year 9999. */
export function momentOf(time: string): number | null {
  const read = parsed(time);
  return read === null ? null : read.seconds * 1000 + Number(read.fraction.slice(0, 3).padEnd(3, '0'));
}

/** Notations of a time, with the fraction after a point or a comma. */
const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,100}))?)? *(Z|UTC|[+-]\d{2}(?::?\d{2})?Z?)?)?$/i;

/** Seconds since 1970, and the digits of the fraction, of a time that a partner sends. */
interface PartnerTime {
  readonly seconds: number;
  readonly fraction: string;
}

/**
 * A time as a partner sends it, read; null where it is none. One without an offset is UTC: `Date` would take it for the
 * zone of the process, and two processes would disagree. A day that does not exist is none: `Date` would take the 30th of
 * February for the 2nd of March.
 */
function parsed(time: string): PartnerTime | null {
  const [, day, minute = '00:00', second = '00', fraction = '', offset = 'Z'] = TIME.exec(time) ?? [];
  if (day === undefined || !isDay(day)) return null;
  const ms = Date.parse(`${day}T${minute}:${second}${isoOffset(offset)}`);
  return ms >= 0 && ms <= LAST_MS ? { seconds: ms / 1000, fraction } : null;
}

/** True for a day of the calendar, `2026-02-28`. */
export function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** An offset in the one notation that `Date` reads: `+02:00`. */
function isoOffset(offset: string): string {
  if (/^[zu]/i.test(offset)) return 'Z';
  const digits = offset.slice(1).replace(/[:Z]/gi, '').padEnd(4, '0');
  return `${offset.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
