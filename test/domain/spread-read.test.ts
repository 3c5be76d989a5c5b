import { newSubject } from '../../src/domain/lifecycles/rules';
import { spreadRead } from '../../src/domain/lifecycles/spread';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { lifecycleTableOf } from '../support/partners';

const NOW = '2026-11-30T10:00:00.000Z';

function readingAt(at: string | null) {
  const table = lifecycleTableOf('tradevest', 'order');
  if (table === undefined) throw new Error('no table of orders');
  const rules = { table, policy: createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(table) };
  const subject = newSubject(rules, 'o1', NOW, null);
  return { ...subject, read: at === null ? null : ({ at, purpose: 'agreement' } as const) };
}

function spread(at: string | null, share: number): string | undefined {
  return spreadRead(readingAt(at), share, NOW).read?.at;
}

describe('the next read of a flow whose partner is away', () => {
  test('is put off by the given share of its wait', () => {
    expect(spread('2026-11-30T10:00:10.000Z', 0.5)).toBe('2026-11-30T10:00:15.000Z');
    expect(spread('2026-11-30T10:00:10.000Z', 0)).toBe('2026-11-30T10:00:10.000Z');
  });

  test('is put off by half a minute at most, also where the wait is a day', () => {
    expect(spread('2026-12-01T10:00:00.000Z', 1)).toBe('2026-12-01T10:00:30.000Z');
  });

  test('that is due already, or not planned, stays as it is', () => {
    expect(spread('2026-11-30T09:59:00.000Z', 1)).toBe('2026-11-30T09:59:00.000Z');
    expect(spread(null, 1)).toBeUndefined();
  });
});
