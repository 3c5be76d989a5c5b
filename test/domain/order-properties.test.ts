import fc from 'fast-check';

import { coinifyTrade } from '../../src/partners/coinify/lifecycles/trade';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';
import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import type { Reading } from '../../src/domain/reading';
import { type Fate, fate } from './fates';
import { type Arrival, HOUR_MS, objectRead, rulesOf, runSubject } from './run-subject';

const LONG_MS = 400 * 24 * HOUR_MS;

/** Whole lives as the partners document them; the last state is how the object truly ends. */
const LIVES: readonly {
  readonly table: LifecycleTable;
  readonly states: readonly string[];
  readonly executed: boolean;
}[] = [
  { table: tradevestOrder, states: ['RECEIVED', 'PLACED', 'FILLED', 'SETTLED'], executed: true },
  {
    table: tradevestOrder,
    states: ['PLACED', 'PARTIALLY_FILLED', 'PARTIALLY_FILLED', 'FILLED', 'SETTLED'],
    executed: true,
  },
  { table: tradevestOrder, states: ['PLACED', 'PARTIALLY_FILLED', 'EXPIRED', 'SETTLED'], executed: true },
  { table: tradevestOrder, states: ['PLACED', 'PARTIALLY_FILLED', 'CANCELED', 'SETTLED'], executed: true },
  { table: tradevestOrder, states: ['PENDING', 'CANCELED'], executed: false },
  { table: tradevestOrder, states: ['PLACED', 'EXPIRED'], executed: false },
  { table: tradevestOrder, states: ['PLACED', 'REJECTED'], executed: false },
  { table: tradevestOrder, states: ['RECEIVED', 'INVALID'], executed: false },
  { table: tradevestOrder, states: ['PLACED', 'FILLED', 'CORRECTED', 'SETTLED'], executed: true },
  { table: coinifyTrade, states: ['created', 'transfer-in-completed', 'completed'], executed: true },
  { table: coinifyTrade, states: ['created', 'cancelled'], executed: false },
  { table: coinifyTrade, states: ['created', 'transfer-in-completed', 'rejected'], executed: false },
];

const story = fc.record({
  life: fc.constantFrom(...LIVES),
  fates: fc.array(fate, { minLength: 5, maxLength: 5 }),
  readLagHours: fc.integer({ min: 0, max: 20 }),
  /** News that comes while a read is under way is folded before what was read. */
  readTakesHours: fc.constantFrom(0, 0, 1, 30),
  /** The least answer of a read is a status alone. */
  saysQuantity: fc.boolean(),
});

interface Told {
  readonly truth: readonly { readonly atMs: number; readonly status: string; readonly filled: boolean }[];
  readonly arrivals: readonly Arrival[];
}

function tell(states: readonly string[], executed: boolean, fates: readonly Fate[]): Told {
  let atMs = 0;
  const truth = states.map((status, index) => {
    atMs += (fates[index]?.gapHours ?? 1) * HOUR_MS;
    return { atMs, status, filled: executed && index > 0 };
  });
  const arrivals = truth.flatMap(({ atMs: saidMs, status }, index) => {
    const { lost, delayHours, copies } = fates[index] ?? { lost: false, delayHours: 0, copies: 1 };
    if (lost && index > 0) return [];
    return Array.from({ length: copies }, (_, copy) => ({
      atMs: saidMs + delayHours * HOUR_MS + copy * 60_000,
      status,
    }));
  });
  return { truth, arrivals };
}

describe('an order’s life under any order, duplication and loss', () => {
  test('ends in the true state, and where money moves only on a read that says so, whatever was lost, doubled or reordered', () => {
    fc.assert(
      fc.property(story, ({ life, fates, readLagHours, readTakesHours, saysQuantity }) => {
        const { truth, arrivals } = tell(life.states, life.executed, fates);
        // Whether an expired or canceled order still settles can only be known from its quantity.
        const needsQuantity = life.states.some((state) => life.table.states[state]?.settlesWhenExecuted === true);
        const read = (atMs: number): { reading: Reading } => {
          const known = truth.filter((moment) => moment.atMs + readLagHours * HOUR_MS <= atMs).at(-1);
          const quantity = saysQuantity || needsQuantity ? (known?.filled ?? null) : null;
          return { reading: known === undefined ? { kind: 'absent' } : objectRead(known.status, quantity) };
        };
        const run = runSubject(rulesOf(life.table), arrivals, read, LONG_MS, readTakesHours * HOUR_MS);
        expect(run.subject.end).not.toBeNull();
        expect(run.subject.state).toBe(life.states.at(-1));
        expect(Object.keys(run.outcomes)).toHaveLength(arrivals.length);
        const moves = life.table.states[run.subject.state ?? '']?.ends === 'when read agrees';
        const lastRead = read(run.reads.at(-1)?.atMs ?? 0).reading;
        if (moves) expect(lastRead).toMatchObject({ kind: 'object', status: run.subject.state });
      }),
      { numRuns: 2_000 },
    );
  });

  test('with nothing lost no notification is illegal when all arrive in the order they were sent', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LIVES), (life) => {
        const plain = life.states.map(() => ({ gapHours: 0.5, lost: false, delayHours: 0, copies: 2 }));
        const { truth, arrivals } = tell(life.states, life.executed, plain);
        const read = (atMs: number): { reading: Reading } => {
          const known = truth.filter((moment) => moment.atMs <= atMs).at(-1);
          return { reading: objectRead(known?.status ?? '', known?.filled ?? null) };
        };
        const run = runSubject(rulesOf(life.table), arrivals, read, LONG_MS);
        expect(run.outcomes).not.toContain('illegal');
        expect(run.subject.findings).toEqual([]);
        expect(run.recovered).toBe(0);
      }),
    );
  });

  test('when the partner can never be read, what is not settled by webhooks is open, overdue and named unreachable', () => {
    fc.assert(
      fc.property(story, ({ life, fates }) => {
        const { arrivals } = tell(life.states, life.executed, fates);
        const read = (): { reading: Reading } => ({ reading: { kind: 'unreachable', cause: 'timeout' } });
        const { subject } = runSubject(rulesOf(life.table), arrivals, read, LONG_MS);
        const stands = subject.end !== null ? 'ended' : `${String(subject.overdue)} ${subject.finding ?? 'none'}`;
        expect(['ended', 'true unreachable']).toContain(stands);
      }),
      { numRuns: 300 },
    );
  });

  test('every open state owes something and has a planned read, so that no flow can be forgotten', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: 300 }), ({ life, fates }, untilHours) => {
        const { arrivals } = tell(life.states, life.executed, fates);
        const read = (): { reading: Reading } => ({ reading: objectRead(life.states[0] ?? '') });
        const { subject } = runSubject(rulesOf(life.table), arrivals, read, untilHours * HOUR_MS);
        if (subject.end !== null) return;
        expect(subject.waitingFor.length).toBeGreaterThan(0);
        expect(subject.read).not.toBeNull();
        expect(subject.dueAt).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
