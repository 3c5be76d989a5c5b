import { awaitsFirstRead } from '../lifecycles/states/arrange';
import type { LifecycleTable } from '../lifecycles/table';
import { messageOf, type OutgoingMessage, outcomesBetween } from '../outgoing';
import type { Finding, Subject } from '../subject';
import { recurrenceMessages } from './recurrence-messages';
import { recordedType, stateType } from './state-types';
import { detailsOf, presentDetails, type SubjectChange, told } from './told';

/**
 * Messages of a change of a subject's row, in the order in which a reader wants them: its state, its recurrences, what
 * was found, that it is overdue, its end.
 */
export function subjectMessages(table: LifecycleTable | undefined, given: SubjectChange): readonly OutgoingMessage[] {
  const change = { ...given, before: given.before === null ? null : toldOf(given.before) };
  const rules = table ?? unknownTable(change.after);
  const outcomes = outcomeMessages(rules, change);
  const isToldByOutcome = outcomes.some(({ type }) => type !== 'plan.confirmed');
  return [
    ...(isToldByOutcome ? [] : stateMessages(rules, change)),
    ...recurrenceMessages(change),
    ...outcomes,
    ...findingMessages(change),
    ...overdueMessages(change),
    ...(isToldByOutcome || isToldByState(rules, change) ? [] : endMessages(change)),
  ];
}

/**
 * The subject as it was told: a state that ends as soon as the object is read is told with its end, when the reason is
 * known.
 */
function toldOf(subject: Subject): Subject {
  return awaitsFirstRead(subject) ? { ...subject, state: subject.statesSeen.at(-2) ?? null } : subject;
}

/** Message of a subject that is only recorded: each of its deliveries is told. */
export function recordedMessage(change: SubjectChange): OutgoingMessage {
  return told(change, recordedType(change.after.object), change.after.since);
}

/** Words for the object of a partner that is no longer among the partners. */
function unknownTable({ partner, object }: Subject): Pick<LifecycleTable, 'partner' | 'object' | 'states'> {
  return { partner, object, states: {} };
}

type Words = Pick<LifecycleTable, 'object' | 'states' | 'messages' | 'statusless'>;

/** Messages of good ends and confirmations, under the types that the first release had, with what was added to them. */
function outcomeMessages(table: Words, change: SubjectChange): readonly OutgoingMessage[] {
  const { workflowId, before, after } = change;
  return outcomesBetween(table, before, after).map((outcome) => {
    const message = messageOf(workflowId, after, outcome);
    const isEnd = outcome.type !== 'plan.confirmed';
    const added = isEnd ? { previousState: before?.state ?? undefined, ...presentDetails(detailsOf(change)) } : {};
    return { ...message, data: { ...message.data, ...added } };
  });
}

function stateMessages(table: Words, change: SubjectChange): readonly OutgoingMessage[] {
  const { before, after } = change;
  if (table.statusless === true) return isEndNew(change) ? [told(change, stateType(table, '*'), endAt(change))] : [];
  if (after.state === null || after.state === (before?.state ?? null) || awaitsFirstRead(after)) return [];
  return [told(change, stateType(table, after.state), isEndNew(change) ? endAt(change) : after.since)];
}

/** True where the message of the state also tells the end. */
function isToldByState({ statusless }: Words, { before, after }: SubjectChange): boolean {
  return statusless === true || (after.state !== null && after.state !== (before?.state ?? null));
}

/** True for an end that was not there before, or is another one. */
function isEndNew({ before, after }: SubjectChange): boolean {
  return after.end !== null && after.end.at !== before?.end?.at;
}

function endAt({ after }: SubjectChange): string {
  return after.end?.at ?? after.since;
}

/** An end that comes without a change of state: what a read had to show is read, or an operator closed it. */
function endMessages(change: SubjectChange): readonly OutgoingMessage[] {
  return isEndNew(change) ? [told(change, 'flow.ended', endAt(change))] : [];
}

function findingMessages(change: SubjectChange): readonly OutgoingMessage[] {
  const known = new Set((change.before?.findings ?? []).map(nameOf));
  return change.after.findings
    .filter((one) => !known.has(nameOf(one)))
    .map((one) => told(change, 'flow.finding', one.at, { key: nameOf(one), data: { finding: findingData(one) } }));
}

function nameOf({ finding, at, state, found }: Finding): string {
  return JSON.stringify([finding, at, state, found]);
}

function findingData({ finding, state, found, at }: Finding) {
  return { finding, state, found, at };
}

function overdueMessages(change: SubjectChange): readonly OutgoingMessage[] {
  const { before, after, at } = change;
  return after.overdue && before?.overdue !== true
    ? [told(change, 'flow.overdue', at, { data: { overdue: { waitingFor: after.waitingFor, dueAt: after.dueAt } } })]
    : [];
}
