import { endSubject } from '../lifecycles/rules';
import type { LifecycleTable } from '../lifecycles/table';
import { unannounced, type Recurrence } from '../lifecycles/savings-plan/recurrence';
import type { OutgoingMessage } from '../outgoing';
import { blankSubject, type Subject } from '../subject';
import { workflowIdOf } from '../subject-key';
import type { MessageSources } from './catalogue';
import { obligationMessage, type ObligationView, setMessages } from './ledger-messages';
import { recordedMessage, subjectMessages } from './subject-messages';
import { type SubjectChange, unreadableChange } from './told';

const AT = '2026-03-02T09:00:00.000Z';
const ID = '123e4567-e89b-42d3-a456-426614174000';
const USER = '7d1f0c4e-2f5b-4b57-9d36-0e5f1f2a3b4c';

/** An example of each type of message, as the code that tells it makes it. */
export function exampleMessages(sources: MessageSources): ReadonlyMap<string, OutgoingMessage> {
  const messages = [
    ...sources.lifecycleTables.flatMap(stateExamples),
    ...sources.recordedObjects.map((one) => recordedMessage(changeOf(null, blank({ ...one, lifecycle: 'recorded' })))),
    ...sources.lifecycleTables.slice(0, 1).flatMap(flowExamples),
    ...tablesOf(sources, 'savingsPlan').flatMap(recurrenceExamples),
    ...tablesOf(sources, 'corporateAction').flatMap(ledgerExamples),
    ...sources.lifecycleTables.slice(0, 1).map(alertExample),
    ...sources.lifecycleTables.slice(0, 1).map((table) => unreadableChange(changeOf(null, blank(table)))),
  ];
  const byType = new Map<string, OutgoingMessage>();
  for (const message of messages) if (!byType.has(message.type)) byType.set(message.type, message);
  return byType;
}

function tablesOf({ lifecycleTables }: MessageSources, wanted: Subject['lifecycle']): readonly LifecycleTable[] {
  return lifecycleTables.filter(({ lifecycle }) => lifecycle === wanted);
}

function blank({ partner, object, lifecycle }: Pick<Subject, 'partner' | 'object' | 'lifecycle'>): Subject {
  return { ...blankSubject({ partner, object, id: ID }, lifecycle, AT), stateBy: 'partner' };
}

function changeOf(before: Subject | null, after: Subject): SubjectChange {
  const amounts = [{ what: 'gross', amount: '1250.5', unit: 'EUR' }];
  const details = { userId: USER, reference: 'our-reference-1', side: 'BUY', amounts };
  return { id: ID, workflowId: workflowIdOf(after), before, after, at: AT, details };
}

function stateExamples(table: LifecycleTable): readonly OutgoingMessage[] {
  const start = blank(table);
  const states = table.messages?.anyState === undefined ? Object.keys(table.states) : ['EXAMPLE'];
  return states.flatMap((state) => {
    const reached: Subject = { ...start, state, waitingFor: table.states[state]?.owed ?? [] };
    const ended = endSubject(reached, AT, 'read');
    return [...subjectMessages(table, changeOf(start, reached)), ...subjectMessages(table, changeOf(start, ended))];
  });
}

function flowExamples(table: LifecycleTable): readonly OutgoingMessage[] {
  const [state = ''] = Object.keys(table.states);
  const before: Subject = { ...blank(table), state, waitingFor: ['NEXT'] };
  const found: Subject = {
    ...before,
    findings: [{ finding: 'missed', at: AT, state, found: 'NEXT' }],
    ...{ finding: 'missed', overdue: true, dueAt: AT },
  };
  return [
    ...subjectMessages(table, changeOf(before, found)),
    ...subjectMessages(table, changeOf(before, endSubject(before, AT, 'operator'))),
  ];
}

function recurrenceExamples(table: LifecycleTable): readonly OutgoingMessage[] {
  const plan: Subject = { ...blank(table), state: 'active' };
  const one: Recurrence = {
    ...unannounced('r-1'),
    ...{ announcedAt: AT, deadline: AT, userId: USER, amount: '25', currency: 'fiat:1', decision: 'asked' },
  };
  const confirmed: Recurrence = { ...one, decision: 'confirm', confirmedAt: AT };
  const finished: Recurrence = { ...confirmed, state: 'finished', final: true };
  const planWith = (...recurrences: readonly Recurrence[]): Subject => ({ ...plan, recurrences });
  return [
    ...subjectMessages(table, changeOf(planWith(), planWith(one))),
    ...subjectMessages(table, changeOf(planWith(one), planWith(confirmed))),
    ...subjectMessages(table, changeOf(planWith(confirmed), planWith(finished))),
    ...subjectMessages(table, changeOf(planWith(one), planWith({ ...one, decision: 'decline' }))),
  ];
}

const OWED: ObligationView = {
  ...{ obligationId: ID, state: 'open', amount: '3.2', instrument: 'fiat:1', transactionId: ID, leg: 'fiat' },
  ...{ userId: USER, caId: ID, since: AT, dueAt: AT, paidAt: null },
};

function ledgerExamples(table: LifecycleTable): readonly OutgoingMessage[] {
  const set = blank(table);
  const change = changeOf(set, { ...set, id: `${ID}:${USER}`, state: 'dividend' });
  const good = { verdict: null, breaks: [], heldEvents: [], isResolved: false };
  const who = { caId: ID, userId: USER, unverified: [] };
  const broken = { ...good, verdict: 'break', heldEvents: [ID] };
  const missing = [{ kind: 'missing', leg: null, instrument: 'asset:1', expected: '10', found: null }];
  return [
    ...setMessages(change, good, { ...broken, breaks: missing, ...who }, [OWED]),
    ...setMessages(change, broken, { ...good, verdict: 'complete', ...who }, [OWED]),
    obligationMessage(change, OWED),
    obligationMessage(change, { ...OWED, state: 'paid', paidAt: AT }),
    obligationMessage(change, { ...OWED, state: 'cancelled', amount: '0' }),
    ...bookedExamples(change),
  ];
}

function bookedExamples({ workflowId, after: { partner } }: SubjectChange): readonly OutgoingMessage[] {
  const about = {
    ...{ workflowId, partner, transactionId: ID, leg: 'fiat', userId: USER, caId: ID },
    ...{ instrument: 'fiat:1', amount: '3.2' },
  };
  const booked = { type: 'dividend', isObligation: true, fee: null, creditedAt: AT, bookedAt: AT, reversal: false };
  const place = { subject: workflowId, key: ID, at: AT };
  return [
    { ...place, type: 'movement.booked', data: { ...about, ...booked } },
    { ...place, type: 'obligation.due', data: { ...about, obligationId: ID, since: AT, dueAt: AT } },
  ];
}

function alertExample({ partner, object }: LifecycleTable): OutgoingMessage {
  const data = {
    ...{ partner, finding: 'missed', count: 3, windowStart: AT, windowEnd: '2026-03-02T09:01:00.000Z' },
    examples: [`${partner}:${object}:${ID}`],
  };
  return { type: 'alert.raised', subject: `alert:${ID}`, key: ID, at: data.windowEnd, data };
}
