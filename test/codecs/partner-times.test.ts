import { decode } from '../../src/codecs/decode';
import { parseJson } from '../../src/codecs/json';
import { ChangeTime, Instant, isoOf, Moment, UnixSeconds } from '../../src/codecs/partner-times';

function read(codec: typeof Instant, value: unknown): string | null {
  const decoded = decode(codec, value);
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
