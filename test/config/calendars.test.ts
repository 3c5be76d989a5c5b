import { BUILT_IN_CALENDARS, closedDays, isClosedDayRule } from '../../src/config/closed-days';
import { createLocalCalendar } from '../../src/config/local-calendar';
import { createPolicies, DEFAULT_POLICY_SETTINGS, type PolicySettings } from '../../src/config/policy';
import { addBusinessDays, dueAfter } from '../../src/domain/policy';
import { bitpandaPayout } from '../../src/partners/bitpanda/lifecycles/payout';
import { bitpandaTransfer } from '../../src/partners/bitpanda/lifecycles/transfer';
import { tradevestCustomer } from '../../src/partners/tradevest/lifecycles/customer';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';

const TARGET = BUILT_IN_CALENDARS.TARGET ?? [];
const NOW = new Date('2026-11-30T00:00:00Z');

function policyOf(table: typeof tradevestOrder, settings: Partial<PolicySettings> = {}) {
  return createPolicies({ ...DEFAULT_POLICY_SETTINGS, ...settings }, 1, false, () => NOW).policyOf(table);
}

describe('the calendar TARGET', () => {
  // The list that the European Central Bank prints for these years, without weekends.
  test.each([
    [2024, ['2024-01-01', '2024-03-29', '2024-04-01', '2024-05-01', '2024-12-25', '2024-12-26']],
    [2025, ['2025-01-01', '2025-04-18', '2025-04-21', '2025-05-01', '2025-12-25', '2025-12-26']],
    [2026, ['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-12-25']],
    [2027, ['2027-01-01', '2027-03-26', '2027-03-29']],
  ])('closes in %s', (year, days) => {
    expect(closedDays(TARGET, year, year)).toEqual(days);
  });

  test('knows Easter in every year there is', () => {
    for (let year = 1970; year <= 9999; year += 1) {
      const days = closedDays(TARGET, year, year);
      expect(days.length).toBeGreaterThanOrEqual(2);
      expect(days.every((day) => day.startsWith(String(year)))).toBe(true);
    }
  });

  test('is the one of Tradevest and Bitpanda: an order filled on Maundy Thursday settles after Easter', () => {
    expect(dueAfter(policyOf(tradevestOrder), { businessDays: 3 }, '2027-03-25T10:00:00.000Z')).toBe(
      '2027-04-01T10:00:00.000Z',
    );
    expect(dueAfter(policyOf(bitpandaPayout), { businessDays: 2 }, '2026-12-24T10:00:00.000Z')).toBe(
      '2026-12-29T10:00:00.000Z',
    );
  });

  test('reaches a flow as days, for as long as it lives, and no flow that counts none', () => {
    const { holidays } = policyOf(tradevestOrder);
    expect(holidays).toContain('2025-12-25');
    expect(holidays).toContain('2031-01-01');
    expect(JSON.stringify(holidays).length).toBeLessThan(600);
    expect(policyOf(bitpandaTransfer).holidays).toEqual([]);
  });

  test('is right in ten years without an update', () => {
    const later = createPolicies(DEFAULT_POLICY_SETTINGS, 1, false, () => new Date('2036-11-30T00:00:00Z'));
    expect(later.policyOf(tradevestOrder).holidays).toContain('2037-04-03');
  });
});

describe('another calendar', () => {
  const calendars = { NYSE: ['2026-11-26', '07-04', 'easter-2'] };

  test('is chosen by partner, by lifecycle or by object: the nearest name counts', () => {
    const calendar = { tradevest: 'WEEKENDS', 'tradevest:onboarding': 'TARGET', 'tradevest:order': 'NYSE' };
    expect(policyOf(tradevestOrder, { calendars, calendar }).holidays).toContain('2026-11-26');
    expect(policyOf(tradevestOrder, { calendars, calendar }).holidays).not.toContain('2026-12-25');
    expect(policyOf(tradevestCustomer, { calendars, calendar }).holidays).toContain('2026-12-25');
  });

  test('has further days of its own, and those of the house', () => {
    expect(policyOf(tradevestOrder, { holidays: ['2026-12-31'] }).holidays).toEqual(
      expect.arrayContaining(['2026-12-25', '2026-12-31']),
    );
  });

  test.each([
    ['2026-12-25', true],
    ['12-25', true],
    ['easter', true],
    ['easter-2', true],
    ['easter+50', true],
    ['2026-02-29', false],
    ['02-30', false],
    ['02-29', false],
    ['christmas', false],
    ['', false],
  ])('a rule %p: %p', (rule, isRule) => {
    expect(isClosedDayRule(rule)).toBe(isRule);
  });

  test('business days leave out what it closes', () => {
    expect(new Date(addBusinessDays(Date.parse('2026-12-24T10:00:00Z'), 1, ['2026-12-25'])).toISOString()).toBe(
      '2026-12-28T10:00:00.000Z',
    );
  });
});

describe('a plan’s recurrences over five years in Vienna', () => {
  const vienna = createLocalCalendar('Europe/Vienna');

  /** The wall clock in Vienna, asked of the platform and not of the library. */
  const wallClock = (moment: string): string =>
    new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Vienna',
      dateStyle: 'short',
      timeStyle: 'medium',
    }).format(new Date(moment));

  const follow = (first: string, frequency: string, day: number | null, count: number): readonly string[] => {
    const moments = [first];
    for (let index = 1; index < count; index += 1)
      moments.push(vienna.periodLater(moments.at(-1) ?? '', frequency, day));
    return moments;
  };

  test.each([
    ['weekly', 7],
    ['biweekly', 14],
  ])('%s: each on the same weekday and hour, through ten changes of clocks', (frequency, days) => {
    const count = Math.ceil((5 * 366) / days);
    follow('2026-01-05T11:00:00.000Z', frequency, 1, count).forEach((moment, index) => {
      const day = new Date(Date.UTC(2026, 0, 5 + index * days)).toISOString().slice(0, 10);
      expect(wallClock(moment)).toBe(`${day} 12:00:00`);
    });
  });

  test.each([1, 15, 28, 29, 30, 31])(
    'monthly on the %sth: that day, cut to the month’s length, at the same hour',
    (day) => {
      const first = new Date(Date.UTC(2026, 0, day, 11)).toISOString();
      follow(first, 'monthly', day, 61).forEach((moment, index) => {
        const lastOfMonth = new Date(Date.UTC(2026, index + 1, 0)).getUTCDate();
        const date = new Date(Date.UTC(2026, index, Math.min(day, lastOfMonth))).toISOString().slice(0, 10);
        expect(wallClock(moment)).toBe(`${date} 12:00:00`);
      });
    },
  );

  test('late in the evening the day is the one of Vienna, not of UTC', () => {
    // 00:30 on the 1st in Vienna is still the last day of the month before in UTC.
    expect(follow('2026-05-31T22:30:00.000Z', 'monthly', 1, 3).map(wallClock)).toEqual([
      '2026-06-01 00:30:00',
      '2026-07-01 00:30:00',
      '2026-08-01 00:30:00',
    ]);
  });

  test('where the plan’s day is not told, the last day of a month may stand for any later one', () => {
    expect(vienna.periodLater('2026-02-28T11:00:00.000Z', 'monthly', null)).toBe('2026-03-31T10:00:00.000Z');
    expect(vienna.periodLater('2026-02-15T11:00:00.000Z', 'monthly', null)).toBe('2026-03-15T11:00:00.000Z');
  });

  test('an hour that a change of clocks leaves out comes after it', () => {
    expect(wallClock(vienna.periodLater('2026-03-22T01:30:00.000Z', 'weekly', null))).toBe('2026-03-29 03:30:00');
  });
});
