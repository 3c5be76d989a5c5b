import { ageOf, momentOf } from '../../src/domain/partner-time';
import { inZone, ZONES } from '../support/in-zone';

describe('which of two times of a partner is newer, to the last digit as sent', () => {
  test.each([
    ['2026-03-02T09:00:00.000002Z', '2026-03-02T09:00:00.000001Z', 'newer'],
    ['2026-03-02T09:00:00.000001Z', '2026-03-02T09:00:00.000002Z', 'older'],
    ['2026-03-02T09:00:00.1Z', '2026-03-02T09:00:00.100000Z', 'unknown'],
    ['2026-03-02T09:00:00.1000001Z', '2026-03-02T09:00:00.1Z', 'newer'],
    ['2026-03-02T09:00:00.000000001Z', '2026-03-02T09:00:00Z', 'newer'],
    ['2026-03-02T09:00:01Z', '2026-03-02T09:00:00.999999Z', 'newer'],
    ['2026-03-02T11:00:00.000001+02:00', '2026-03-02T09:00:00.000000Z', 'newer'],
    ['2026-03-02T10:59:59.999999+02:00', '2026-03-02T09:00:00Z', 'older'],
    ['2026-03-02T11:00:00+02:00', '2026-03-02T09:00:00Z', 'unknown'],
    ['2026-03-02T09:00:00.123456', '2026-03-02T09:00:00.123455', 'newer'],
    ['yesterday', '2026-03-02T09:00:00Z', 'unknown'],
    ['2026-03-02T09:00:00Z', undefined, 'unknown'],
    [undefined, '2026-03-02T09:00:00Z', 'unknown'],
    // Without an offset it is UTC, so that the two are the same moment.
    ['2026-03-02T09:00:00', '2026-03-02T09:00:00Z', 'unknown'],
    ['2026-07-02T09:00:00', '2026-07-02T09:00:00Z', 'unknown'],
    ['2026-03-02T09:00:00,000002Z', '2026-03-02T09:00:00,000001Z', 'newer'],
    ['2026-03-02T09:00:00,5Z', '2026-03-02T09:00:00.4Z', 'newer'],
    // A day that does not exist is no time: it is neither the 2nd of March nor the 28th of February.
    ['2026-02-30T09:00:00Z', '2026-03-01T09:00:00Z', 'unknown'],
    ['2026-02-29T09:00:00Z', '2026-02-28T09:00:00Z', 'unknown'],
  ] as const)('%s beside %s is %s', (time, known, age) => {
    expect(ageOf(time, known)).toBe(age);
  });
});

describe('a partner’s time as a moment', () => {
  test.each([
    ['2026-03-02T09:00:00Z', Date.UTC(2026, 2, 2, 9)],
    ['2026-03-02T09:00:00.123456+02:00', Date.UTC(2026, 2, 2, 7, 0, 0, 123)],
    ['2026-03-02T09:00:00,123456+02:00', Date.UTC(2026, 2, 2, 7, 0, 0, 123)],
    ['2026-03-02T09:00:00', Date.UTC(2026, 2, 2, 9)],
    ['2026-03-02 09:00:00.5', Date.UTC(2026, 2, 2, 9, 0, 0, 500)],
    ['2026-03-02T09:00', Date.UTC(2026, 2, 2, 9)],
    ['2026-03-02T09:00:00+0200', Date.UTC(2026, 2, 2, 7)],
    ['2026-03-02T09:00:00-05', Date.UTC(2026, 2, 2, 14)],
    ['2026-03-02 09:00:00+00Z', Date.UTC(2026, 2, 2, 9)],
    ['2026-03-02', Date.UTC(2026, 2, 2)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['1970-01-01T00:00:00Z', 0],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    ['', null],
    ['soon', null],
    ['2026-13-02T09:00:00Z', null],
    ['+275760-09-13T00:00:00Z', null],
    ['2026-02-29T00:00:00Z', null],
    ['2026-02-30T00:00:00Z', null],
    ['2026-04-31T00:00:00', null],
    ['2100-02-29', null],
    ['2026-03-02T25:00:00Z', null],
    ['2026-03-02T09:60:00Z', null],
    ['2026-03-02T09:00:00+99:00', null],
    ['1969-12-31T23:59:59Z', null],
    ['1970-01-01T00:00:00+02:00', null],
    ['9999-12-31T23:59:59-02:00', null],
    ['0001-01-01T00:00:00Z', null],
  ])('%p', (time, moment) => {
    expect(momentOf(time)).toBe(moment);
  });
});

test('every process reads a time in the same way, whatever its own zone is', () => {
  const times = [
    '2026-03-29T02:30:00',
    '2026-10-25T02:30:00',
    '2026-07-01',
    '2026-07-01 12:00',
    '2026-03-08T02:30:00,5',
  ];
  const inUtc = times.map(momentOf);
  expect(inUtc).not.toContain(null);
  const read = `${JSON.stringify(times)}.map(module.momentOf)`;
  for (const zone of ZONES) expect(inZone(zone, require.resolve('../../src/domain/partner-time'), read)).toEqual(inUtc);
});
