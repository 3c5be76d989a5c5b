import fc from 'fast-check';

import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { tradevestCustomer } from '../../src/partners/tradevest/lifecycles/customer';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';
import { foldNews, foldRead } from '../../src/domain/lifecycles/kinds';
import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import { later } from '../../src/domain/moments';
import type { FlowNews, StateContent } from '../../src/domain/notification';
import type { Reading } from '../../src/domain/reading';
import { newSubject } from '../../src/domain/lifecycles/rules';
import type { ReadPurpose, Subject } from '../../src/domain/subject';
import { fate } from './fates';
import { type Arrival, HOUR_MS, objectRead, rulesOf, runSubject, START } from './run-subject';

const LONG_MS = 400 * 24 * HOUR_MS;

/** Lives in which a fill was taken back; the quantity that a read shows in each state, null where it says nothing of it. */
const CORRECTED_LIVES = [
  { states: ['PLACED', 'FILLED', 'CORRECTED', 'CANCELED'], ends: true },
  { states: ['FILLED', 'CORRECTED', 'CANCELED'], ends: true },
  { states: ['PARTIALLY_FILLED', 'FILLED', 'CORRECTED', 'CANCELED'], ends: true },
  { states: ['PLACED', 'FILLED', 'CORRECTED', 'EXPIRED'], ends: true },
  { states: ['PLACED', 'FILLED', 'CORRECTED', 'SETTLED'], ends: true },
] as const;

describe('an order whose fill was corrected', () => {
  test('ends, whatever was late or doubled, however long reads take, and whether or not they speak of quantities', () => {
    const story = fc.record({
      life: fc.constantFrom(...CORRECTED_LIVES),
      fates: fc.array(fate, { minLength: 4, maxLength: 4 }),
      readLagHours: fc.integer({ min: 0, max: 20 }),
      readTakesHours: fc.constantFrom(0, 1, 30),
      saysNone: fc.boolean(),
    });
    fc.assert(
      fc.property(story, ({ life, fates, readLagHours, readTakesHours, saysNone }) => {
        let atMs = 0;
        const truth = life.states.map((status, index) => {
          atMs += (fates[index]?.gapHours ?? 1) * HOUR_MS;
          return { atMs, status };
        });
        const arrivals = truth.flatMap(({ atMs: saidMs, status }, index): Arrival[] => {
          const { delayHours, copies } = fates[index] ?? { delayHours: 0, copies: 1 };
          return Array.from({ length: copies }, (_, copy) => ({
            atMs: saidMs + delayHours * HOUR_MS + copy * 60_000,
            status,
          }));
        });
        const read = (readMs: number): { reading: Reading } => {
          const known = truth.filter((moment) => moment.atMs + readLagHours * HOUR_MS <= readMs).at(-1);
          if (known === undefined) return { reading: { kind: 'absent' } };
          const isFill = known.status.endsWith('FILLED');
          return {
            reading: objectRead(known.status, isFill || known.status === 'SETTLED' || (saysNone ? false : null)),
          };
        };
        const run = runSubject(rulesOf(tradevestOrder), arrivals, read, LONG_MS, readTakesHours * HOUR_MS);
        expect(run.subject.state).toBe(life.states.at(-1));
        expect(run.subject.end).not.toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });
});

/** A subject that is told and read step by step; each step says when it was asked, and when answered. */
function follow(table: LifecycleTable) {
  const rules = rulesOf(table);
  let subject: Subject = newSubject(rules, 'x', START, null);
  let deliveries = 0;
  return {
    subject: () => subject,
    hear(atSeconds: number, news: FlowNews): void {
      deliveries += 1;
      const now = later(START, atSeconds * 1000);
      const arrival = { deliveryId: String(deliveries), receivedAt: now, contradictsEarlier: false };
      subject = foldNews(rules, subject, { ...news, ...arrival }, now).subject;
    },
    read(purpose: ReadPurpose, [asked, answered]: readonly [number, number], reading: Reading): void {
      const result = { reading, backlog: false, askedAt: later(START, asked * 1000) };
      subject = foldRead(rules, subject, purpose, result, later(START, answered * 1000)).subject;
    },
  };
}

function says(lifecycle: StateContent['lifecycle'], status: string, more: Partial<StateContent> = {}): StateContent {
  return { lifecycle, event: 'T', status, reason: null, executions: [], readHints: {}, ...more };
}

const order = (status: string, more: Partial<StateContent> = {}) => says('order', status, more);

describe('a read that was asked before what it is held against', () => {
  test('revives no fill that a correction took back meanwhile: CANCELED then ends the order', () => {
    const flow = follow(tradevestOrder);
    flow.hear(0, order('FILLED'));
    flow.hear(2, order('CORRECTED'));
    flow.read('fill', [1, 3], objectRead('FILLED', true));
    expect(flow.subject()).toMatchObject({ state: 'CORRECTED', quantityRead: null, tries: 0 });
    expect(flow.subject().read).toEqual({ at: later(START, 2_000), purpose: 'fill' });
    flow.read('fill', [4, 5], objectRead('CORRECTED'));
    flow.hear(6, order('EXPIRED'));
    flow.read('agreement', [7, 8], objectRead('EXPIRED'));
    expect(flow.subject().end).toMatchObject({ state: 'EXPIRED' });
  });

  test('brings no executions of the fill before: the object is read again for those of the newest', () => {
    const flow = follow(tradevestOrder);
    const newer = { quantity: '7', price: null, amount: null };
    flow.hear(0, order('PARTIALLY_FILLED'));
    flow.hear(2, order('PARTIALLY_FILLED', { executions: [newer] }));
    const older: Reading = {
      ...{ kind: 'object', status: 'PARTIALLY_FILLED', quantityExecuted: true, reason: null },
      executions: [{ quantity: '3', price: null, amount: null }],
    };
    flow.read('fill', [1, 3], older);
    expect(flow.subject().executions).toEqual([newer]);
    expect(flow.subject().read).toMatchObject({ purpose: 'fill' });
  });

  test('is no try of the agreement that a newer end waits for', () => {
    const flow = follow(tradevestOrder);
    flow.hear(0, order('CANCELED'));
    flow.hear(2, order('SETTLED'));
    flow.read('agreement', [1, 3], objectRead('CANCELED', false));
    expect(flow.subject()).toMatchObject({ state: 'SETTLED', waitingFor: ['agreement'], tries: 0 });
    expect(flow.subject().read).toEqual({ at: later(START, 2_000), purpose: 'agreement' });
  });

  test('does not take a customer forward again whom the partner has set back meanwhile', () => {
    const flow = follow(tradevestCustomer);
    const at = (second: number): Partial<StateContent> => ({ changedAt: later(START, second * 1000) });
    flow.hear(0, says('onboarding', 'PENDING', at(0)));
    const purpose = 'overdue';
    flow.hear(2, says('onboarding', 'CREATED', at(2)));
    flow.read(purpose, [1, 3], objectRead('PENDING'));
    expect(flow.subject().state).toBe('CREATED');
  });

  test('cancels no savings plan that has announced a recurrence meanwhile: the plan is read again', () => {
    const flow = follow(bitpandaSavingsPlan);
    const more = { userId: 'u', amount: '1', currency: '1', nextRecurrence: null, frequency: null };
    const deadline = later(START, 86_400_000);
    flow.hear(2, {
      ...{ lifecycle: 'savingsPlan', event: 'T', readHints: {} },
      news: { kind: 'upcoming', transactionId: 'r1', deadline, ...more },
    });
    flow.read('overdue', [1, 3], objectRead('canceled'));
    expect(flow.subject()).toMatchObject({ state: 'active', recurrences: [{ decision: 'asked' }] });
    expect(flow.subject().read?.at).toBe(later(START, 3_000));
    flow.read(flow.subject().read?.purpose ?? 'overdue', [4, 5], objectRead('canceled'));
    expect(flow.subject()).toMatchObject({ state: 'canceled' });
  });
});

describe('what an order owes', () => {
  test('CORRECTED that comes after CANCELED takes the fill back: the order ends once a read agrees', () => {
    const run = runSubject(
      rulesOf(tradevestOrder),
      [
        { atMs: 0, status: 'FILLED' },
        { atMs: HOUR_MS, status: 'CANCELED' },
        { atMs: 2 * HOUR_MS, status: 'CORRECTED' },
      ],
      (atMs) => ({ reading: objectRead(atMs < HOUR_MS ? 'FILLED' : 'CANCELED', atMs < HOUR_MS ? true : null) }),
      LONG_MS,
    );
    expect(run.outcomes).toEqual(['applied', 'applied', 'applied']);
    expect(run.subject).toMatchObject({ state: 'CANCELED', end: { by: 'partner' }, findings: [] });
  });

  test('CANCELED after CORRECTED ends once a read agrees, whatever quantity the read still shows', () => {
    const run = runSubject(
      rulesOf(tradevestOrder),
      [
        { atMs: 0, status: 'FILLED' },
        { atMs: HOUR_MS, status: 'CORRECTED' },
        { atMs: 2 * HOUR_MS, status: 'CANCELED' },
      ],
      (atMs) => ({ reading: objectRead(atMs < 2 * HOUR_MS ? 'CORRECTED' : 'CANCELED', true) }),
      LONG_MS,
    );
    expect(run.subject).toMatchObject({ state: 'CANCELED', end: { by: 'partner' }, findings: [] });
  });

  test('a correction that only a read shows takes the fill back too', () => {
    const run = runSubject(
      rulesOf(tradevestOrder),
      [{ atMs: 0, status: 'FILLED' }],
      (atMs) => {
        if (atMs < 24 * HOUR_MS) return { reading: objectRead('FILLED', true) };
        return { reading: objectRead(atMs < 240 * HOUR_MS ? 'CORRECTED' : 'EXPIRED') };
      },
      LONG_MS,
    );
    expect(run.subject).toMatchObject({ state: 'EXPIRED' });
    expect(run.subject.end).not.toBeNull();
  });

  test('an overdue read that says the same arranges anew what is owed', () => {
    const flow = follow(tradevestOrder);
    flow.hear(0, order('PLACED'));
    flow.hear(1, order('CANCELED'));
    // As rows of earlier versions stand that waited for a settlement that nobody owes.
    const stuck: Subject = { ...flow.subject(), ...{ filled: true, corrected: true, waitingFor: ['SETTLED'] } };
    const read = { at: later(START, 2_000), purpose: 'overdue' } as const;
    const result = { reading: objectRead('CANCELED'), backlog: false, askedAt: later(START, 3_000) };
    const { subject } = foldRead(rulesOf(tradevestOrder), { ...stuck, read }, 'overdue', result, later(START, 4_000));
    expect(subject.end).toMatchObject({ state: 'CANCELED' });
  });
});
