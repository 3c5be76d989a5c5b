import * as t from 'io-ts';

import { decode } from '../../src/codecs/decode';
import { parseJson } from '../../src/codecs/json';
import { ChangeTime, Instant, isoOf, Moment, UnixSeconds } from '../../src/codecs/partner-times';
import { optional, shortList } from '../../src/codecs/primitives';
import { side } from '../../src/codecs/side-fields';
import { createLocalClock } from '../../src/config/local-calendar';
import type { LocalClock } from '../../src/domain/lifecycles/local-calendar';

function read(codec: typeof Instant, value: unknown, clock: LocalClock | null = null): string | null {
  const decoded = decode(codec, value, clock);
  return decoded.ok ? decoded.value : null;
}

/** A time as somebody may write it, the same in the one notation, and to the microsecond in UTC. */
const NOTATIONS = [
  ['2024-11-15T11:00:00Z', '2024-11-15T11:00:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-11-15T11:00:00.123456+01:00', '2024-11-15T11:00:00.123456+01:00', '2024-11-15T10:00:00.123456Z'],
  ['2024-11-15 11:00:00Z', '2024-11-15T11:00:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-11-15 11:00:00 +0100', '2024-11-15T10:00:00Z', '2024-11-15T10:00:00.000000Z'],
  ['2024-11-15T11:00:00+0000', '2024-11-15T11:00:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-11-15T11:00:00+00Z', '2024-11-15T11:00:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-11-15T11:00:00+01', '2024-11-15T10:00:00Z', '2024-11-15T10:00:00.000000Z'],
  ['2024-11-15T11:00:00,5Z', '2024-11-15T11:00:00.5Z', '2024-11-15T11:00:00.500000Z'],
  ['2024-11-15T11:00:00.1234567891234Z', '2024-11-15T11:00:00.123456789Z', '2024-11-15T11:00:00.123456Z'],
  ['2024-11-15T11:00Z', '2024-11-15T11:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-11-15t11:00:00z', '2024-11-15T11:00:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-11-15T11:00:00', '2024-11-15T11:00:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-11-15T11:00:00.25', '2024-11-15T11:00:00.25Z', '2024-11-15T11:00:00.250000Z'],
  ['2024-11-15 11:00:00 UTC', '2024-11-15T11:00:00Z', '2024-11-15T11:00:00.000000Z'],
  ['2024-02-29T23:59:59-12:00', '2024-02-29T23:59:59-12:00', '2024-03-01T11:59:59.000000Z'],
] as const;

describe('a time in whatever notation', () => {
  test.each(NOTATIONS)('%s', (written, instant, moment) => {
    expect([read(Instant, written), read(ChangeTime, written), read(Moment, written)]).toEqual([
      instant,
      instant,
      moment,
    ]);
  });

  test.each([
    '2024-02-30T11:00:00Z',
    '2023-02-29T11:00:00Z',
    '2024-13-01T11:00:00Z',
    '2024-11-15T25:00:00Z',
    '2024-11-15T11:60:00Z',
    '2024-11-15T11:00:00+25:00',
    '1969-12-31T23:59:59Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    'yyyy-mm-ddThh:mm:ss.msZ',
    'soon',
    '',
    1_700_000_000,
    null,
  ])('%j is none', (written) => {
    expect([read(Instant, written), read(ChangeTime, written), read(Moment, written)]).toEqual([null, null, null]);
  });

  test('a day alone orders changes, and is no moment that something hangs on', () => {
    expect([read(ChangeTime, '2024-11-15'), read(Instant, '2024-11-15'), read(Moment, '2024-11-15')]).toEqual([
      '2024-11-15T00:00:00Z',
      null,
      null,
    ]);
  });
});

describe('a time without an offset, where the partner’s zone is told', () => {
  const vienna = createLocalClock('Europe/Vienna');

  test.each([
    ['in winter', '2026-01-15T12:00:00', '2026-01-15T11:00:00Z'],
    ['in summer', '2026-07-15 12:00:00,25', '2026-07-15T10:00:00.25Z'],
    ['in the hour that is skipped: the next', '2026-03-29T02:30:00', '2026-03-29T01:30:00Z'],
    ['in the hour that comes twice: the first', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
    ['after it', '2026-10-25T03:00:00', '2026-10-25T02:00:00Z'],
    ['with an offset it counts as told', '2026-01-15T12:00:00+05:00', '2026-01-15T12:00:00+05:00'],
    ['with a Z too', '2026-01-15T12:00:00Z', '2026-01-15T12:00:00Z'],
    ['a day that does not exist stays none', '2026-02-30T12:00:00', null],
    ['a time before 1970 there stays none', '1970-01-01T00:30:00', null],
  ])('%s', (_what, written, expected) => {
    expect(read(Instant, written, vienna)).toBe(expected);
  });

  test('the beginning of a day is that of the partner’s day', () => {
    expect(read(ChangeTime, '2026-01-15', vienna)).toBe('2026-01-14T23:00:00Z');
    expect(read(ChangeTime, '2026-01-15', createLocalClock('Pacific/Kiritimati'))).toBe('2026-01-14T10:00:00Z');
  });

  test('reaches every depth of a body', () => {
    const body = t.intersection([
      t.type({ list: shortList(t.type({ at: optional(Moment) }), 5) }),
      t.partial({ more: side(t.partial({ at: side(Instant) })) }),
    ]);
    const value = { list: [{ at: '2026-01-15 12:00' }], more: { at: '2026-01-15T12:00:00' } };
    expect(decode(body, value, vienna)).toEqual({
      ok: true,
      value: { list: [{ at: '2026-01-15T11:00:00.000000Z' }], more: { at: '2026-01-15T11:00:00Z' } },
    });
  });
});

describe('seconds since 1970', () => {
  test.each([
    ['1700000300', '1700000300'],
    ['"1700000300"', '1700000300'],
    ['1700000300000', '1700000300'],
    ['1700000300.0', '1700000300'],
    ['1700000300123', '1700000300.123'],
    ['1.7000003e9', '1700000300'],
    ['99999999999999', null],
    ['253402300800', null],
    ['-1', null],
    ['"soon"', null],
    ['{}', null],
  ])('%s', (written, seconds) => {
    const json = parseJson(Buffer.from(`{"timestamp":${written}}`));
    expect(json.ok && read(UnixSeconds, Object(json.value).timestamp)).toBe(seconds);
  });

  test('are a time in UTC', () => {
    expect(isoOf('1700000300.123')).toBe('2023-11-14T22:18:20.123Z');
  });
});
