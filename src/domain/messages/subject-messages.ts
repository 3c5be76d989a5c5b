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
export function subjectMessages(table: Words | undefined, given: SubjectChange): readonly OutgoingMessage[] {
  const change = { ...given, before: given.before === null ? null : toldOf(given.before) };
  const rules = table ?? unknownTable(change.after);
  const passed = passedStates(rules, change);
  const previousState = passed.at(-1) ?? change.before?.state ?? null;
  const outcomes = outcomeMessages(rules, change, previousState);
  const isToldByOutcome = outcomes.some(({ type }) => type !== 'plan.confirmed');
  return [
    ...passedMessages(rules, change, passed),
    ...(isToldByOutcome ? [] : stateMessages(rules, change, previousState)),
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
  if (!awaitsFirstRead(subject)) return subject;
  const statesSeen = subject.statesSeen.filter((state) => state !== subject.state);
  return { ...subject, state: statesSeen.at(-1) ?? null, statesSeen };
}

/** Message of a subject that is only recorded: each of its deliveries is told. */
export function recordedMessage(change: SubjectChange): OutgoingMessage {
  return told(change, recordedType(change.after.object), change.after.since);
}

/** Words for the object of a partner that is no longer among the partners. */
function unknownTable({ object }: Subject): Words {
  return { object, states: {} };
}

type Words = Pick<LifecycleTable, 'object' | 'states' | 'messages' | 'statusless'>;

/** Messages of good ends and confirmations, under the types that the first release had, with what was added to them. */
function outcomeMessages(
  table: Words,
  change: SubjectChange,
  previousState: string | null,
): readonly OutgoingMessage[] {
  const { workflowId, before, after } = change;
  return outcomesBetween(table, before, after).map((outcome) => {
    const message = messageOf(workflowId, after, outcome);
    const isEnd = outcome.type !== 'plan.confirmed';
    const added = isEnd ? { previousState: previousState ?? undefined, ...presentDetails(detailsOf(change)) } : {};
    return { ...message, data: { ...message.data, ...added } };
  });
}

/**
 * States that came and went between two writes: what is heard together is written once. What was heard later than a
 * state that follows it was never the state.
 */
function passedStates(table: Words, { before, after }: SubjectChange): readonly string[] {
  const seen = after.statesSeen.slice(0, Math.max(0, after.statesSeen.indexOf(after.state ?? '')));
  const passed: string[] = [];
  let known = before?.state ?? null;
  for (const state of seen) {
    if (before?.statesSeen.includes(state) === true || !isAhead(table, known, state)) continue;
    passed.push(state);
    known = state;
  }
  return passed;
}

function passedMessages(table: Words, change: SubjectChange, passed: readonly string[]): readonly OutgoingMessage[] {
  const { before, after } = change;
  return passed.map((state, index) => {
    const previousState = passed[index - 1] ?? before?.state ?? null;
    return told(change, stateType(table, state), after.since, { data: { state, previousState, ended: false } });
  });
}

function isAhead({ states }: Words, known: string | null, state: string): boolean {
  const rank = (name: string): number => (Object.hasOwn(states, name) ? (states[name]?.rank ?? 0) : 0);
  return Object.hasOwn(states, state) && (known === null || rank(state) > rank(known));
}

function stateMessages(table: Words, change: SubjectChange, previousState: string | null): readonly OutgoingMessage[] {
  const { before, after } = change;
  if (table.statusless === true) return isEndNew(change) ? [told(change, stateType(table, '*'), endAt(change))] : [];
  if (after.state === null || after.state === (before?.state ?? null) || awaitsFirstRead(after)) return [];
  const at = isEndNew(change) ? endAt(change) : after.since;
  return [told(change, stateType(table, after.state), at, { data: { previousState } })];
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
