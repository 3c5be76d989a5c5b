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

/** Seconds since 1970 and the digits after the point, of a time as a partner sends it; null where it is none. */
function parsed(time: string): { readonly seconds: number; readonly fraction: string } | null {
  const [, fraction = ''] = /\.(\d+)/.exec(time) ?? [];
  const ms = Date.parse(time.replace(/\.\d+/, ''));
  return Number.isNaN(ms) ? null : { seconds: ms / 1000, fraction };
}

/** The milliseconds since 1970 of a partner's time; null where it is none, before 1970, or after the year 9999. */
export function momentOf(time: string): number | null {
  const ms = Date.parse(time);
  return ms >= 0 && ms <= LAST_MS ? ms : null;
}
