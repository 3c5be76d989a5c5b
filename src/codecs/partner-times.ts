import * as t from 'io-ts';
import { isLosslessNumber } from 'lossless-json';

import type { LocalClock } from '../domain/lifecycles/local-calendar';
import { LAST_MS } from '../domain/moments';
import { canonicalDecimal } from './decimal';
import { clockIn } from './decode';

/**
 * Time that orders changes, with all its digits; a day alone is its beginning. Such times go into workflow histories and
 * rows, where a text of any length and content has no place.
 */
export const ChangeTime = timeCodec('a time such as 2024-11-15T11:00:00Z', (value, clock) =>
  asSent(parsed(value, clock)),
);

/** Moment that something hangs on, such as a deadline: a day alone would miss it by hours. */
export const Instant = timeCodec('a time such as 2024-11-15T11:00:00Z', (value, clock) => {
  const time = parsed(value, clock);
  return time?.hasHour === true ? asSent(time) : null;
});

/** Time of a credit, as ISO 8601 UTC to the microsecond: the database keeps no more. */
export const Moment = timeCodec('a time such as 2024-05-23T08:45:36Z', (value, clock) => {
  const time = parsed(value, clock);
  return time?.hasHour === true ? `${utc(time)}.${time.fraction.padEnd(6, '0').slice(0, 6)}Z` : null;
});

/** Seconds since 1970 (vendors.md §3.4), as a number or its digits; thirteen digits are milliseconds. */
export const UnixSeconds = timeCodec('unix seconds', (value) => {
  const text = isLosslessNumber(value) ? value.value : value;
  const number = typeof text === 'string' ? canonicalDecimal(text) : null;
  if (number === null || !/^\d{1,13}(\.\d{1,9})?$/.test(number)) return null;
  const seconds = /^\d{13}$/.test(number) ? canonicalDecimal(`${number}e-3`) : number;
  return Number(seconds) * 1000 <= LAST_MS ? seconds : null;
});

/** Unix seconds as ISO 8601 UTC. */
export function isoOf(seconds: string): string {
  return new Date(Number(seconds) * 1000).toISOString();
}

/** Codec of a time, which gives it in one notation. */
function timeCodec(name: string, read: (value: unknown, clock: LocalClock | null) => string | null) {
  return new t.Type<string, string, unknown>(
    name,
    (value): value is string => typeof value === 'string',
    (value, context) => {
      const time = read(value, clockIn(context));
      return time === null ? t.failure(value, context, name) : t.success(time);
    },
    t.identity,
  );
}

/** Notations of a time: `T` or blanks before the hour, `.` or `,` before any number of digits, the offset or none. */
const NOTATION =
  /^(\d{4}-\d{2}-\d{2})(?:(?:T| +)(\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,100}))?)?)? *(Z|UTC|[+-]\d{2}(?::?\d{2})?Z?)?$/i;

/** A partner's time. */
interface PartnerTime {
  readonly written: string;
  /** Milliseconds since 1970, without the fraction of a second. */
  readonly ms: number;
  readonly fraction: string;
  readonly hasHour: boolean;
}

/** Null for what is no time, for a day or hour that does not exist, and for a year before 1970 or after 9999. */
function parsed(value: unknown, clock: LocalClock | null): PartnerTime | null {
  if (typeof value !== 'string') return null;
  const [, day, minutes, seconds = '00', fraction = '', offset] = NOTATION.exec(value) ?? [];
  if (day === undefined) return null;
  const local = `${day}T${minutes ?? '00:00'}:${seconds}`;
  const localMs = Date.parse(`${local}Z`);
  // `Date` takes the 30th of February for the 1st of March.
  if (Number.isNaN(localMs) || !new Date(localMs).toISOString().startsWith(local)) return null;
  const ms = offset === undefined && clock !== null ? clock(local) : Date.parse(`${local}${plainOffset(offset)}`);
  return ms >= 0 && ms <= LAST_MS ? { written: value, ms, fraction, hasHour: minutes !== undefined } : null;
}

/** UTC where none is told and no clock is given, whatever the zone of this process is. */
function plainOffset(offset: string | undefined): string {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d{2}):?(\d{2})?/.exec(offset ?? '') ?? [];
  return sign === undefined || hours === undefined ? 'Z' : `${sign}${hours}:${minutes}`;
}

/** The notation that every reader of times understands, to the nanosecond. */
const PLAIN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** The time as it was sent where every reader understands it, otherwise the same in UTC. */
function asSent(time: PartnerTime | null): string | null {
  if (time === null || PLAIN.test(time.written)) return time?.written ?? null;
  const digits = time.fraction.slice(0, 9);
  return `${utc(time)}${digits === '' ? '' : `.${digits}`}Z`;
}

/** Without the fraction and the offset. */
function utc({ ms }: PartnerTime): string {
  return new Date(ms).toISOString().slice(0, 19);
}
