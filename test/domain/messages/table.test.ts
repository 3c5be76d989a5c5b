import { endSubject } from '../../../src/domain/lifecycles/rules';
import type { LifecycleTable } from '../../../src/domain/lifecycles/table';
import { messageTypes } from '../../../src/domain/messages/catalogue';
import { recordedType, stateTypes } from '../../../src/domain/messages/state-types';
import { recordedMessage, subjectMessages } from '../../../src/domain/messages/subject-messages';
import type { SubjectChange } from '../../../src/domain/messages/told';
import { unannounced, type Recurrence } from '../../../src/domain/lifecycles/savings-plan/recurrence';
import { blankSubject, type Finding, type Subject } from '../../../src/domain/subject';
import { PARTNERS } from '../../../src/partners';
import { messageSourcesOf } from '../../../src/partners/message-sources';
import { tradevestOrder } from '../../../src/partners/tradevest/lifecycles/order';
import { bitpandaSavingsPlan } from '../../../src/partners/bitpanda/lifecycles/savings-plan';

const AT = '2026-03-02T09:00:00.000Z';
const LATER = '2026-03-02T10:00:00.000Z';

/** States of people and roles; who has not all of them says so. */
const ROLE = [
  ...[
    'RECEIVED received',
    'CREATED created',
    'PENDING pending',
    'REVIEW review',
    'REJECTED rejected',
    'INVALID invalid',
  ],
  ...['ACTIVE active', 'SUSPENDED suspended', 'SUSPENDED_COMPLIANCE suspended-compliance', 'INACTIVE inactive'],
];

/** By which type each state of each kind of object is told: `<state> <word>`, the noun first. */
const TOLD: Readonly<Record<string, readonly [noun: string, ...states: string[]]>> = {
  'tradevest:order': [
    'order',
    ...['RECEIVED received', 'PENDING pending', 'PLACED placed', 'PARTIALLY_FILLED partially-filled', 'FILLED filled'],
    ...['CORRECTED corrected', 'CANCELED canceled', 'EXPIRED expired', 'SETTLED settlement-reported'],
    ...['REJECTED rejected', 'INVALID invalid'],
  ],
  'tradevest:transfer': [
    'transfer',
    ...['RECEIVED received', 'PENDING pending', 'PROCESSED processed', 'REJECTED rejected', 'INVALID invalid'],
  ],
  'tradevest:onboarding': [
    'onboarding',
    ...['RECEIVED received', 'CREATED created', 'PENDING pending', 'REVIEW review', 'APPROVED approved'],
    ...['REJECTED rejected', 'INVALID invalid'],
  ],
  'tradevest:offboarding': [
    'offboarding',
    ...['RECEIVED received', 'CREATED created', 'PENDING pending', 'APPROVED approved', 'REJECTED rejected'],
    ...['CANCELED canceled', 'INVALID invalid'],
  ],
  'tradevest:customer': ['customer', ...ROLE, 'ESTATE estate'],
  'tradevest:natural-person': ['natural-person', ...ROLE, 'DECEASED deceased'],
  'tradevest:proxy': ['proxy', ...ROLE],
  'tradevest:beneficial-owner': ['beneficial-owner', ...ROLE],
  'tradevest:identification': [
    'identification',
    ...['RECEIVED received', 'PENDING pending', 'APPROVED approved', 'REJECTED rejected', 'INVALID invalid'],
    ...['CANCELED canceled', 'EXPIRED expired'],
  ],
  'tradevest:product': [
    'product',
    ...['RECEIVED received', 'CREATED created', 'PENDING pending', 'REJECTED rejected', 'INVALID invalid'],
    ...['ACTIVE active', 'BLOCKED blocked', 'RESTRICTED restricted', 'INACTIVE inactive', 'CANCELLED cancelled'],
    'CLOSED closed',
  ],
  'tradevest:user': [
    'user',
    ...['RECEIVED received', 'CREATED created', 'PENDING pending', 'REJECTED rejected', 'INVALID invalid'],
    ...['ACTIVE active', 'INACTIVE inactive'],
  ],
  'tradevest:document': [
    'document',
    ...['RECEIVED received', 'CREATED created', 'PENDING pending', 'APPROVED approved', 'REJECTED rejected'],
    ...['INVALID invalid', 'ARCHIVED archived'],
  ],
  // Its webhook names no state, and the partner's list of them is not known: told once it is read.
  'tradevest:partner-document': ['partner-document', '* available'],
  'tradevest:search': [
    'search',
    ...['PREPARING preparing', 'WAITING_FOR_DATA waiting-for-data', 'READY_DATA ready-data'],
    ...['WAITING_FOR_DOCUMENTS waiting-for-documents', 'READY_DOCUMENTS ready-documents', 'COMPLETED completed'],
    ...['FAILED failed', 'ERROR error'],
  ],
  'tradevest:strategy': [
    'strategy',
    ...['RECEIVED received', 'CREATED created', 'PENDING pending', 'EXECUTING executing', 'ACTIVE active'],
    ...['INACTIVE inactive', 'INVALID invalid', 'REJECTED rejected'],
  ],
  'tradevest:savings-plan': [
    'plan',
    ...['RECEIVED received', 'PENDING pending', 'ACTIVE active', 'INACTIVE inactive', 'INVALID invalid'],
    'DELETED deleted',
  ],
  'tradevest:labels': [
    'labels',
    ...['STARTED started', 'CREATED created', 'UPDATED updated', 'VALIDATION_ERROR validation-error'],
  ],
  'coinify:trade': [
    'trade',
    ...['created created', 'transfer-in-completed transfer-in-completed', 'reviewing reviewing'],
    ...['completed completed', 'cancelled cancelled', 'expired expired', 'rejected rejected'],
  ],
  'coinify:otc-trade': ['otc-trade', 'completed completed'],
  'coinify:identification': ['identification', 'rejected rejected', 'approved approved'],
  'bitpanda:order': [
    'order',
    ...['created created', 'in progress in-progress', 'finished finished', 'failed failed', 'cancelled cancelled'],
    'expired expired',
  ],
  'bitpanda:transfer': [
    'transfer',
    ...['pending pending', 'processing processing', 'on-hold on-hold', 'finished finished', 'canceled canceled'],
    'rejected rejected',
  ],
  'bitpanda:deposit': ['deposit', 'top-up-success received'],
  'bitpanda:payout': ['payout', 'send-money announced', 'send-money-success sent'],
  'bitpanda:payment': ['payment', 'completed completed', 'failed failed', 'cancelled cancelled'],
  'bitpanda:user': ['user', 'verification-failed verification-failed', 'verification verified'],
  'bitpanda:savings-plan': ['plan', 'active active', 'canceled canceled'],
  // Its states are types of actions, to which the partner may add; the verdict is told as `set.judged`.
  'bitpanda:corporate-action': ['set', '* received'],
};

/** What the objects that are only recorded are told by. */
const RECORDED: Readonly<Record<string, string>> = {
  'tradevest:prices': 'prices.updated',
  'bitpanda:crypto-action': 'crypto-action.booked',
  'bitpanda:transaction': 'transaction.booked',
  'bitpanda:report': 'report.available',
  'bitpanda:top-up': 'top-up.requested',
};

const nameOf = ({ partner, object }: Pick<LifecycleTable, 'partner' | 'object'>): string => `${partner}:${object}`;

function expectedTypes(name: string): Readonly<Record<string, string>> {
  const [noun, ...states] = TOLD[name] ?? [''];
  return Object.fromEntries(
    states.map((one) => {
      const at = one.lastIndexOf(' ');
      return [one.slice(0, at), `${noun}.${one.slice(at + 1)}`];
    }),
  );
}

function change(before: Subject | null, after: Subject): SubjectChange {
  return { id: 'change', workflowId: 'w', before, after, at: LATER, details: {} };
}

function blank({ partner, object, lifecycle }: Pick<LifecycleTable, 'partner' | 'object' | 'lifecycle'>): Subject {
  return blankSubject({ partner, object, id: '1' }, lifecycle, AT);
}

describe.each(PARTNERS.lifecycleTables)('a $title', (table) => {
  const types = expectedTypes(nameOf(table));
  const told = (before: Subject | null, after: Subject) =>
    subjectMessages(table, change(before, after)).map(({ type }) => type);

  test('has a type for each of its states', () => {
    expect(stateTypes(table)).toEqual(types);
  });

  test('is told once that it has reached a state, and once that this is its end', () => {
    for (const [state, { tells }] of Object.entries(table.states)) {
      const start = blank(table);
      const reached: Subject = { ...start, state, stateBy: 'partner', statesSeen: [state] };
      const ended = endSubject(reached, LATER, 'read');
      expect(told(start, reached)).toEqual([types[state]]);
      expect(told(reached, { ...reached, step: 2, tries: 1 })).toEqual([]);
      expect(told(reached, ended)).toEqual([tells ?? 'flow.ended']);
      expect(told(start, ended)).toEqual([tells ?? types[state]]);
      expect(told(reached, endSubject(reached, LATER, 'operator'))).toEqual(['flow.ended']);
      expect(told(ended, ended)).toEqual([]);
    }
  });
});

test('a partner document is told each time it was read, for its webhook names no state', () => {
  const table = PARTNERS.lifecycleTables.find((one) => one.statusless === true);
  if (table === undefined) throw new Error('no such table');
  const woken = blank(table);
  const types = (before: Subject, after: Subject) =>
    subjectMessages(table, change(before, after)).map(({ type }) => type);
  expect(types(woken, endSubject(woken, LATER, 'read'))).toEqual(['partner-document.available']);
  expect(types(endSubject(woken, AT, 'read'), endSubject(woken, LATER, 'read'))).toEqual([
    'partner-document.available',
  ]);
});

test('every event of every partner is told by types that stand in the catalogue', () => {
  const known = new Set(messageTypes(messageSourcesOf(PARTNERS)).map(({ type }) => type));
  const events = PARTNERS.modules.flatMap(({ name, events: own }) => own.map((event) => ({ partner: name, ...event })));
  expect(events.length).toBeGreaterThanOrEqual(49);
  for (const { partner, object, lifecycle } of events) {
    const name = `${partner}:${object}`;
    if (lifecycle === 'recorded') expect(recordedType(object)).toBe(RECORDED[name]);
    else expect(Object.keys(expectedTypes(name))).not.toEqual([]);
    for (const type of Object.values(lifecycle === 'recorded' ? { type: recordedType(object) } : expectedTypes(name)))
      expect(known).toContain(type);
  }
});

describe('what is heard together', () => {
  const order = (state: string | null, ...statesSeen: string[]): Subject => ({
    ...blank(tradevestOrder),
    ...{ state, statesSeen, stateBy: 'partner' },
  });
  const chain = (before: Subject | null, after: Subject) =>
    subjectMessages(tradevestOrder, change(before, after)).map(({ type, data }) => [
      type,
      data.previousState,
      data.state,
    ]);

  test('is told state by state, each after the one before', () => {
    expect(chain(null, order('FILLED', 'PLACED', 'PARTIALLY_FILLED', 'FILLED'))).toEqual([
      ['order.placed', null, 'PLACED'],
      ['order.partially-filled', 'PLACED', 'PARTIALLY_FILLED'],
      ['order.filled', 'PARTIALLY_FILLED', 'FILLED'],
    ]);
    const settled = endSubject(order('SETTLED', 'PLACED', 'FILLED', 'SETTLED'), LATER, 'read');
    expect(chain(order('PLACED', 'PLACED'), settled)).toEqual([
      ['order.filled', 'PLACED', 'FILLED'],
      ['order.settled', 'FILLED', 'SETTLED'],
    ]);
  });

  test('is not told where it came too late to be the state', () => {
    expect(chain(order('FILLED', 'FILLED'), order('FILLED', 'FILLED', 'PLACED'))).toEqual([]);
    expect(chain(null, order('FILLED', 'FILLED', 'PLACED'))).toEqual([['order.filled', null, 'FILLED']]);
  });
});

describe('what is found of a subject', () => {
  const order: Subject = { ...blank(tradevestOrder), state: 'PLACED', waitingFor: ['FILLED'], dueAt: AT };
  const finding: Finding = { finding: 'missed', at: LATER, state: 'PLACED', found: 'FILLED' };
  const told = (before: Subject, after: Subject) =>
    subjectMessages(tradevestOrder, change(before, after)).map(({ type, data }) => [
      type,
      data.finding ?? data.overdue,
    ]);

  test('is told once, however often it is found again, and so is that it is overdue', () => {
    const overdue: Subject = { ...order, overdue: true, findings: [finding], finding: 'missed' };
    expect(told(order, overdue)).toEqual([
      ['flow.finding', { finding: 'missed', state: 'PLACED', found: 'FILLED', at: LATER }],
      ['flow.overdue', { waitingFor: ['FILLED'], dueAt: AT }],
    ]);
    expect(told(overdue, { ...overdue, findings: [{ ...finding, count: 2, latestAt: LATER }] })).toEqual([]);
  });
});

describe('a recurrence', () => {
  const plan = (...recurrences: readonly Recurrence[]): Subject => ({
    ...blank(bitpandaSavingsPlan),
    ...{ state: 'active', statesSeen: ['active'], recurrences },
  });
  const upcoming: Recurrence = { ...unannounced('r1'), announcedAt: AT, decision: 'asked', userId: 'u', amount: '25' };
  const confirmed: Recurrence = { ...upcoming, decision: 'confirm', confirmedAt: LATER };
  const told = (before: readonly Recurrence[], after: readonly Recurrence[]) =>
    subjectMessages(bitpandaSavingsPlan, change(plan(...before), plan(...after))).map(({ type }) => type);

  test('is told from its announcement to its end, and that what was reserved is free again', () => {
    expect(told([], [upcoming])).toEqual(['recurrence.upcoming']);
    expect(told([upcoming], [{ ...upcoming, decision: 'confirm' }])).toEqual([]);
    expect(told([upcoming], [confirmed])).toEqual(['recurrence.confirmed', 'plan.confirmed']);
    const finished: Recurrence = { ...confirmed, state: 'finished', final: true };
    expect(told([confirmed], [finished])).toEqual(['recurrence.finished']);
    const failed: Recurrence = { ...confirmed, state: 'failed', final: true };
    expect(told([confirmed], [failed])).toEqual(['recurrence.released']);
    const declined: Recurrence = { ...upcoming, decision: 'decline' };
    expect(told([upcoming], [declined])).toEqual(['recurrence.released']);
    expect(told([declined], [{ ...declined, state: 'not_confirmed', final: true }])).toEqual([]);
    expect(told([upcoming], [{ ...upcoming, decision: 'none' }])).toEqual(['recurrence.released']);
  });
});

test('each delivery of a recorded subject is told', () => {
  const subject = blankSubject({ partner: 'bitpanda', object: 'top-up', id: 'eur' }, 'recorded', AT);
  const state: Subject = { ...subject, state: 'requested', stateBy: 'partner', facts: { amount: '5' } };
  expect(recordedMessage(change(null, state))).toMatchObject({
    type: 'top-up.requested',
    at: AT,
    data: { state: 'requested', facts: { amount: '5' } },
  });
});
