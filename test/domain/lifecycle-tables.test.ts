import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import { lifecycleTables } from '../support/partners';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { createPolicies, DEFAULT_POLICY_SETTINGS, durationsOf } from '../../src/config/policy';

const tables: readonly (readonly [string, LifecycleTable])[] = lifecycleTables.map((table) => [table.title, table]);

/** What a savings plan owes hangs on its recurrences: its words are those of `savings-plan/`, not states. */
const WORDS_OF_NO_STATE = new Map<LifecycleTable, readonly string[]>([[bitpandaSavingsPlan, ['upcoming']]]);

function isEnd(table: LifecycleTable, state: string): boolean {
  const rule = table.states[state];
  return rule?.ends !== undefined || rule?.rests === true;
}

/** The states that can be reached from one by what it owes, by settling, and by going back. */
function next(table: LifecycleTable, state: string): readonly string[] {
  const settles = table.states[state]?.settlesWhenExecuted === true ? [table.settlement ?? ''] : [];
  return [...(table.states[state]?.owed ?? []), ...settles];
}

function reachesAnEnd(table: LifecycleTable, state: string, seen: readonly string[] = []): boolean {
  if (isEnd(table, state)) return true;
  if (seen.includes(state)) return false;
  return next(table, state).some((to) => reachesAnEnd(table, to, [...seen, state]));
}

describe('every lifecycle table', () => {
  test.each(tables)('%s: each word that is owed is a state of it', (_title, table) => {
    const known = [...Object.keys(table.states), ...(WORDS_OF_NO_STATE.get(table) ?? [])];
    for (const rule of Object.values(table.states)) {
      for (const word of [...rule.owed, ...(rule.mayReturnFrom ?? []), ...(rule.neverAfter ?? [])]) {
        expect(known).toContain(word);
      }
    }
    if (table.settlement !== undefined) expect(known).toContain(table.settlement);
  });

  test.each(tables)('%s: each state owes something, or is an end, or rests', (_title, table) => {
    const idle = Object.keys(table.states).filter(
      (state) => !isEnd(table, state) && table.states[state]?.owed.length === 0,
    );
    expect(idle).toEqual([]);
  });

  test.each(tables.filter(([, table]) => !WORDS_OF_NO_STATE.has(table)))(
    '%s: from each state an end can be reached through what is owed',
    (_title, table) => {
      expect(Object.keys(table.states).filter((state) => !reachesAnEnd(table, state))).toEqual([]);
    },
  );

  test.each(tables)('%s: what is owed is ahead of the state, or the partner may go back to it', (_title, table) => {
    const impossible = Object.entries(table.states).flatMap(([state, { rank, owed }]) =>
      owed.filter((word) => {
        const rule = table.states[word];
        if (rule === undefined || word === state) return false;
        const isAhead = rule.rank > rank && rule.neverAfter?.includes(state) !== true;
        return !isAhead && rule.mayReturnFrom?.includes(state) !== true;
      }),
    );
    expect(impossible).toEqual([]);
  });

  test.each(tables)('%s: every duration of it can be read, and is longer than nothing', (_title, table) => {
    const policy = createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(table);
    expect(Object.keys(policy.dueByState)).toEqual(Object.keys(durationsOf(table)));
    for (const due of [policy.firstDue, ...Object.values(policy.dueByState)]) {
      expect('ms' in due ? due.ms : due.businessDays).toBeGreaterThan(0);
    }
  });

  test.each(tables)('%s: an end that waits for a read belongs to an object that can be read', (_title, table) => {
    const ends = Object.values(table.states).flatMap(({ ends: end }) => (end === undefined ? [] : [end]));
    if (!table.readable) expect(ends.filter((end) => end !== 'at once')).toEqual([]);
    if (table.statusless === true) expect(table.states).toEqual({});
  });
});
