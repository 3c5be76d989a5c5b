import fc from 'fast-check';

import { BREAK_KINDS, LEGS, VERDICTS } from '../../src/domain/lifecycles/corporate-actions/corporate-action';
import { foldNews, foldRead, nextStep } from '../../src/domain/lifecycles/kinds';
import { looksDifferent } from '../../src/domain/subject-write';
import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import { lifecycleTables } from '../support/partners';
import { bitpandaOrder } from '../../src/partners/bitpanda/lifecycles/order';
import { bitpandaDeposit } from '../../src/partners/bitpanda/lifecycles/deposit';
import { bitpandaPayout } from '../../src/partners/bitpanda/lifecycles/payout';
import { bitpandaTransfer } from '../../src/partners/bitpanda/lifecycles/transfer';
import { bitpandaUser } from '../../src/partners/bitpanda/lifecycles/user';
import { coinifyIdentification } from '../../src/partners/coinify/lifecycles/identification';
import { tradevestIdentification } from '../../src/partners/tradevest/lifecycles/identification';
import { tradevestOffboarding } from '../../src/partners/tradevest/lifecycles/offboarding';
import { tradevestOnboarding } from '../../src/partners/tradevest/lifecycles/onboarding';
import { tradevestDocument } from '../../src/partners/tradevest/lifecycles/document';
import { tradevestSearch } from '../../src/partners/tradevest/lifecycles/search';
import { tradevestStrategy } from '../../src/partners/tradevest/lifecycles/strategy';
import { tradevestProduct } from '../../src/partners/tradevest/lifecycles/product';
import { tradevestBeneficialOwner } from '../../src/partners/tradevest/lifecycles/beneficial-owner';
import { tradevestCustomer } from '../../src/partners/tradevest/lifecycles/customer';
import { tradevestNaturalPerson } from '../../src/partners/tradevest/lifecycles/natural-person';
import { tradevestProxy } from '../../src/partners/tradevest/lifecycles/proxy';
import { tradevestTransfer } from '../../src/partners/tradevest/lifecycles/transfer';
import { tradevestUser } from '../../src/partners/tradevest/lifecycles/user';
import type { CorporateActionNews, Notification } from '../../src/domain/notification';
import { LIFECYCLES } from '../../src/domain/lifecycle';
import type { Reading } from '../../src/domain/reading';
import { newSubject } from '../../src/domain/lifecycles/rules';
import { OUTCOMES, type ReadPurpose } from '../../src/domain/subject';
import { type Fate, fate } from './fates';
import { type Arrival, HOUR_MS, rulesOf, runSubject, START } from './run-subject';

const LONG_MS = 400 * 24 * HOUR_MS;

interface Life {
  readonly table: LifecycleTable;
  readonly states: readonly string[];
}

/** Whole lives as the partners document or imply them; the last state is where the object truly stands. */
const LIVES: readonly Life[] = [
  { table: tradevestTransfer, states: ['RECEIVED', 'PENDING', 'PROCESSED'] },
  { table: tradevestTransfer, states: ['PROCESSED'] },
  { table: tradevestTransfer, states: ['PENDING', 'REJECTED'] },
  { table: tradevestTransfer, states: ['RECEIVED', 'INVALID'] },
  { table: bitpandaTransfer, states: ['pending', 'processing', 'finished'] },
  { table: bitpandaTransfer, states: ['pending', 'canceled'] },
  { table: bitpandaDeposit, states: ['top-up-success'] },
  { table: bitpandaPayout, states: ['send-money', 'send-money-success'] },
  { table: bitpandaOrder, states: ['finished'] },
  { table: tradevestOnboarding, states: ['RECEIVED', 'CREATED', 'PENDING', 'APPROVED'] },
  { table: tradevestOnboarding, states: ['PENDING', 'REVIEW', 'REJECTED'] },
  { table: tradevestOnboarding, states: ['RECEIVED', 'INVALID'] },
  { table: tradevestOffboarding, states: ['CREATED', 'PENDING', 'APPROVED'] },
  { table: tradevestOffboarding, states: ['PENDING', 'CANCELED'] },
  { table: tradevestIdentification, states: ['PENDING', 'APPROVED'] },
  { table: tradevestIdentification, states: ['RECEIVED', 'PENDING', 'EXPIRED'] },
  { table: tradevestCustomer, states: ['CREATED', 'PENDING', 'ACTIVE'] },
  { table: tradevestCustomer, states: ['CREATED', 'PENDING', 'CREATED', 'PENDING', 'ACTIVE'] },
  { table: tradevestCustomer, states: ['PENDING', 'REVIEW', 'CREATED'] },
  { table: tradevestCustomer, states: ['PENDING', 'ACTIVE', 'SUSPENDED', 'ACTIVE'] },
  { table: tradevestNaturalPerson, states: ['PENDING', 'REJECTED', 'PENDING', 'ACTIVE'] },
  { table: tradevestNaturalPerson, states: ['ACTIVE', 'DECEASED'] },
  { table: tradevestProxy, states: ['CREATED', 'PENDING', 'REVIEW', 'PENDING', 'ACTIVE'] },
  { table: tradevestBeneficialOwner, states: ['ACTIVE', 'SUSPENDED', 'SUSPENDED_COMPLIANCE', 'ACTIVE'] },
  { table: tradevestProduct, states: ['CREATED', 'PENDING', 'ACTIVE', 'CLOSED'] },
  { table: tradevestUser, states: ['PENDING', 'ACTIVE', 'INACTIVE', 'ACTIVE'] },
  { table: coinifyIdentification, states: ['rejected', 'approved'] },
  { table: bitpandaUser, states: ['verification-failed', 'verification', 'verification-failed'] },
  { table: tradevestDocument, states: ['CREATED', 'PENDING', 'APPROVED', 'ARCHIVED'] },
  { table: tradevestSearch, states: ['PREPARING', 'WAITING_FOR_DATA', 'READY_DATA', 'COMPLETED'] },
  { table: tradevestStrategy, states: ['ACTIVE', 'EXECUTING', 'ACTIVE', 'EXECUTING', 'INACTIVE'] },
];

const story = fc.record({
  life: fc.constantFrom(...LIVES),
  fates: fc.array(fate, { minLength: 5, maxLength: 5 }),
  readLagHours: fc.integer({ min: 0, max: 20 }),
  readTakesHours: fc.constantFrom(0, 0, 1),
});

interface Told {
  readonly truth: readonly { readonly atMs: number; readonly status: string }[];
  readonly arrivals: readonly Arrival[];
}

/** Each state at its time, which the webhook names to the microsecond; webhooks are lost, late and repeated. */
function tell({ states, table }: Life, fates: readonly Fate[]): Told {
  let atMs = 0;
  const truth = states.map((status, index) => {
    atMs += (fates[index]?.gapHours ?? 1) * HOUR_MS;
    return { atMs, status };
  });
  const arrivals = truth.flatMap(({ atMs: saidMs, status }, index) => {
    const { lost, delayHours, copies } = fates[index] ?? { lost: false, delayHours: 0, copies: 1 };
    // What cannot be read, or may stand still, is only known from its newest webhook.
    const mayBeLost = table.readable && !isQuietOf(table, states) && index > 0;
    if (lost && mayBeLost) return [];
    const changedAt = new Date(Date.parse(START) + saidMs).toISOString().replace('Z', `00${String(index)}Z`);
    return Array.from({ length: copies }, (_, copy) => ({
      atMs: saidMs + delayHours * HOUR_MS + copy * 60_000,
      status,
      more: { changedAt },
    }));
  });
  return { truth, arrivals };
}

/** True where the life passes through a state in which nothing is owed: a loss after it is nobody's to find but a sweep's. */
function isQuietOf(table: LifecycleTable, states: readonly string[]): boolean {
  return states.slice(0, -1).some((state) => {
    const rule = table.states[state];
    return rule?.rests === true || rule?.ends !== undefined;
  });
}

function readingOf(status: string): Reading {
  return {
    kind: 'object',
    status,
    executions: [],
    quantityExecuted: null,
    reason: null,
    facts: { documentId: 'd1' },
    named: { 'customer:c1': 'ACTIVE' },
  };
}

describe('a life of every lifecycle under any order, duplication and loss', () => {
  test('ends or rests in the true state, with an outcome for each delivery', () => {
    fc.assert(
      fc.property(story, ({ life, fates, readLagHours, readTakesHours }) => {
        const { truth, arrivals } = tell(life, fates);
        const read = (atMs: number): { reading: Reading } => {
          if (!life.table.readable) return { reading: { kind: 'unreachable', cause: 'no read is offered' } };
          const known = truth.filter((moment) => moment.atMs + readLagHours * HOUR_MS <= atMs).at(-1);
          return { reading: known === undefined ? { kind: 'absent' } : readingOf(known.status) };
        };
        const run = runSubject(rulesOf(life.table), arrivals, read, LONG_MS, readTakesHours * HOUR_MS);
        expect(run.subject.state).toBe(life.states.at(-1));
        expect(run.subject.end).not.toBeNull();
        expect(run.subject.overdue).toBe(false);
        expect(run.outcomes).toHaveLength(arrivals.length);
        for (const outcome of run.outcomes) expect(OUTCOMES).toContain(outcome);
      }),
      { numRuns: 2_000 },
    );
  });

  test('with nothing lost or late nothing is illegal, found or recovered', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LIVES), (life) => {
        const plain = life.states.map(() => ({ gapHours: 0.5, lost: false, delayHours: 0, copies: 2 }));
        const { truth, arrivals } = tell(life, plain);
        const read = (atMs: number): { reading: Reading } => ({
          reading: readingOf(truth.filter((moment) => moment.atMs <= atMs).at(-1)?.status ?? ''),
        });
        const run = runSubject(rulesOf(life.table), arrivals, read, LONG_MS);
        expect(run.outcomes).not.toContain('illegal');
        expect(run.subject.findings).toEqual([]);
        expect(run.recovered).toBe(0);
        expect(run.alerts).toEqual([]);
      }),
    );
  });

  test('at any moment a subject has ended, or owes something by a time with a read planned; past that time it is overdue', () => {
    const reads = fc.constantFrom<'first' | 'last' | 'absent' | 'unreachable'>(
      'first',
      'last',
      'absent',
      'unreachable',
    );
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: 2_000 }), reads, ({ life, fates }, untilHours, shows) => {
        const { arrivals } = tell(life, fates);
        const status = (shows === 'first' ? life.states[0] : life.states.at(-1)) ?? '';
        const reading: Reading =
          shows === 'absent'
            ? { kind: 'absent' }
            : shows === 'unreachable'
              ? { kind: 'unreachable', cause: 'timeout' }
              : readingOf(status);
        const untilMs = untilHours * HOUR_MS;
        const { subject } = runSubject(rulesOf(life.table), arrivals, () => ({ reading }), untilMs);
        if (subject.end !== null) return;
        expect(subject.waitingFor.length).toBeGreaterThan(0);
        expect(subject.read).not.toBeNull();
        const isPast = Date.parse(subject.dueAt ?? START) <= Date.parse(START) + untilMs - HOUR_MS;
        if (isPast) expect(subject.overdue).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** A time that the columns of a row take: a day of the calendar, from 1970 to 9999. */
function expectWritable(time: string | null): void {
  if (time === null) return;
  expect(time).toMatch(/^(19[7-9]\d|[2-9]\d{3})-/);
  expect(new Date(time).toISOString()).toBe(time);
}

describe('whatever it is told, the interpreter', () => {
  const hostile = fc.oneof(
    fc.constantFrom('', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', ' ', '\u0000', '🦆'),
    fc.string(),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );
  const time = fc.oneof(
    fc.constantFrom(
      '2026-03-02T09:00:00Z',
      '2026-03-02T09:00:00.123456+02:00',
      '2026-03-02',
      '20260302T090000Z',
      '2026-W10-1',
      '2026-03-02T24:00:00Z',
      '2026-02-30T10:00:00Z',
      '9999-12-31T23:59:59Z',
      '+275760-09-13T00:00:00Z',
      '-271821-04-20T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '2026-03-02T09:00:00+00Z',
    ),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    hostile,
  );
  const word = (table: LifecycleTable): fc.Arbitrary<string> =>
    Object.keys(table.states).length === 0 ? hostile : fc.oneof(fc.constantFrom(...Object.keys(table.states)), hostile);
  const named = fc.oneof(hostile, fc.constantFrom('customer:c1', 'document:d1', ':', 'customer:'));

  const news = fc.oneof(
    fc.record({
      kind: fc.constant('upcoming' as const),
      transactionId: fc.constantFrom('r1', 'r2', '__proto__'),
      userId: hostile,
      amount: hostile,
      currency: hostile,
      deadline: time,
      nextRecurrence: fc.option(time),
      frequency: fc.option(fc.oneof(fc.constantFrom('weekly', 'monthly'), hostile)),
    }),
    fc.record({
      kind: fc.constant('final' as const),
      transactionId: fc.constantFrom('r1', 'r2', '__proto__'),
      status: fc.oneof(fc.constantFrom('finished', 'not_confirmed'), hostile),
      reason: fc.option(hostile),
    }),
    fc.record({ kind: fc.constant('auto-cancel' as const), reason: fc.option(hostile) }),
  );

  const setNews: fc.Arbitrary<CorporateActionNews['news']> = fc.oneof(
    fc.record({ kind: fc.constant('movement' as const), type: hostile }),
    fc.record({
      kind: fc.constant('standing' as const),
      standing: fc.record({
        version: fc.nat(5),
        verdict: fc.constantFrom(...VERDICTS, null),
        breaks: fc.array(
          fc.record({
            kind: fc.constantFrom(...BREAK_KINDS),
            leg: fc.constantFrom(...LEGS, null),
            instrument: fc.option(hostile),
            expected: fc.option(hostile),
            found: fc.option(hostile),
          }),
        ),
        resolved: fc.boolean(),
        obligationDueAt: fc.option(fc.date({ noInvalidDate: true }).map((date) => date.toISOString())),
        movements: fc.constant([]),
      }),
    }),
  );

  const notificationOf = (table: LifecycleTable): fc.Arbitrary<Notification> => {
    const arrival = fc.record(
      {
        deliveryId: hostile,
        receivedAt: time,
        contradictsEarlier: fc.boolean(),
        isSwept: fc.constant(true as const),
        event: hostile,
        readHints: fc.dictionary(hostile, hostile),
      },
      { requiredKeys: ['deliveryId', 'receivedAt', 'contradictsEarlier', 'event', 'readHints'] },
    );
    const lifecycle = LIFECYCLES.find((one) => one === table.lifecycle);
    if (lifecycle === 'savingsPlan') return fc.tuple(arrival, news).map(([a, n]) => ({ ...a, lifecycle, news: n }));
    if (lifecycle === 'corporateAction')
      return fc.tuple(arrival, setNews).map(([a, n]) => ({ ...a, lifecycle, news: n }));
    if (lifecycle === undefined || lifecycle === 'recorded') throw new Error('a lifecycle without a table');
    const content = fc.record(
      {
        status: fc.option(word(table)),
        reason: fc.option(hostile),
        executions: fc.array(
          fc.record({ quantity: fc.option(hostile), price: fc.option(hostile), amount: fc.option(hostile) }),
        ),
        changedAt: time,
        facts: fc.dictionary(hostile, hostile),
        named: fc.array(named),
        callToAct: fc.constantFrom('action-required' as const, 'top-up-requested' as const),
      },
      { requiredKeys: ['status', 'reason', 'executions'] },
    );
    return fc.tuple(arrival, content).map(([a, c]) => ({ ...a, ...c, lifecycle }));
  };

  const readingOfAny = (table: LifecycleTable): fc.Arbitrary<Reading> =>
    fc.oneof(
      fc.constant<Reading>({ kind: 'absent' }),
      hostile.map((cause): Reading => ({ kind: 'unreachable', cause })),
      fc.record(
        {
          kind: fc.constant('object' as const),
          status: word(table),
          executions: fc.constant([]),
          quantityExecuted: fc.option(fc.boolean()),
          reason: fc.option(hostile),
          facts: fc.dictionary(hostile, hostile),
          named: fc.dictionary(named, fc.option(hostile)),
        },
        { requiredKeys: ['kind', 'status', 'executions', 'quantityExecuted', 'reason'] },
      ),
    );

  const purpose = fc.constantFrom<ReadPurpose>('fill', 'agreement', 'illegal', 'record', 'overdue', 'operator');

  test.each(lifecycleTables.map((table) => [table.title, table] as const))(
    'never throws: %s, and what it remembers can be written down',
    (_title, table) => {
      const rules = rulesOf(table);
      const told = fc.oneof(
        fc.record({ notification: notificationOf(table) }),
        fc.record({ purpose, reading: readingOfAny(table), backlog: fc.boolean() }),
      );
      fc.assert(
        fc.property(fc.array(told, { maxLength: 8 }), (all) => {
          let subject = newSubject(rules, 'x', START, null);
          all.forEach((one, index) => {
            const now = new Date(Date.parse(START) + index * 7 * HOUR_MS).toISOString();
            const before = subject;
            if ('notification' in one) {
              const folded = foldNews(rules, subject, one.notification, now);
              expect(OUTCOMES).toContain(folded.outcome);
              subject = folded.subject;
            } else {
              const { reading, backlog } = one;
              subject = foldRead(rules, subject, one.purpose, { reading, backlog }, now).subject;
            }
            nextStep(rules, subject, now);
            looksDifferent(before, subject);
            expect(JSON.parse(JSON.stringify(subject))).toMatchObject({ id: 'x' });
            for (const time of [subject.since, subject.dueAt, subject.read?.at ?? null]) expectWritable(time);
          });
        }),
        { numRuns: 200 },
      );
    },
  );
});
