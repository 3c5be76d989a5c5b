import { ageOf, momentOf } from '../../src/domain/partner-time';

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
  ] as const)('%s beside %s is %s', (time, known, age) => {
    expect(ageOf(time, known)).toBe(age);
  });
});

describe('a partner’s time as a moment', () => {
  test.each([
    ['2026-03-02T09:00:00Z', Date.UTC(2026, 2, 2, 9)],
    ['2026-03-02T09:00:00.123456+02:00', Date.UTC(2026, 2, 2, 7, 0, 0, 123)],
    ['', null],
    ['soon', null],
    ['2026-13-02T09:00:00Z', null],
    ['+275760-09-13T00:00:00Z', null],
  ])('%p', (time, moment) => {
    expect(momentOf(time)).toBe(moment);
  });
});
