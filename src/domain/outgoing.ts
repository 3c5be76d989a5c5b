import type { LifecycleTable } from './lifecycles/table';
import type { Recurrence } from './lifecycles/savings-plan/recurrence';
import type { Subject } from './subject';

/** The types of messages that have been there from the first: outcomes, and alerts. Their names, fields and form stay. */
export const OUTGOING_TYPES = [
  'order.settled',
  'transfer.done',
  'plan.confirmed',
  'movement.booked',
  'obligation.due',
  'alert.raised',
] as const;
/** The type of a message that has been there from the first. */
export type OutgoingType = (typeof OUTGOING_TYPES)[number];

/** True for a type that has been there from the first. */
export function isOutgoingType(type: string): type is OutgoingType {
  return OUTGOING_TYPES.some((one) => one === type);
}

/** The receivers of messages: the system that waits for outcomes, or the one that alerts go to. */
export const OUTGOING_TARGETS = ['outcomes', 'alerts'] as const;
/** The receiver of a message. */
export type OutgoingTarget = (typeof OUTGOING_TARGETS)[number];

/**
 * The lanes of the outbox. Messages and outcomes have one receiver; `outcomes` are those that a process of 0.2.0 wrote, whose
 * senders must not see messages: they know neither their encryption nor their form.
 */
export const OUTBOX_LANES = ['messages', ...OUTGOING_TARGETS] as const;
/** The lane of a message in the outbox. */
export type OutboxLane = (typeof OUTBOX_LANES)[number];

/** The receiver of a lane's messages. */
export function targetOf(lane: OutboxLane): OutgoingTarget {
  return lane === 'messages' ? 'outcomes' : lane;
}

/** The lanes that lead to a receiver. */
export function lanesOf(target: OutgoingTarget): readonly OutboxLane[] {
  return OUTBOX_LANES.filter((lane) => targetOf(lane) === target);
}

/** The states of a message: to be sent (again), taken, or given up until an operator has it tried again. */
export const OUTBOX_STATES = ['waiting', 'sent', 'dead'] as const;
/** The state of a message. */
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** A message as it is going to be told. */
export interface OutgoingMessage {
  /** `<object>.<word>`. */
  readonly type: string;
  /** Messages of one subject are sent in their order: a workflow id, or an alert's. */
  readonly subject: string;
  /** Id by which it is known elsewhere; absent where it is made of subject and key. */
  readonly id?: string;
  /** The fact about the subject, by the same word whenever it is sent again: repetitions are recognised by it. */
  readonly key: string;
  /** Time of the event, ISO 8601 UTC. */
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The outcome that a write of a subject's row has to send. */
export type SubjectOutcome =
  | { readonly type: 'order.settled' | 'transfer.done' }
  | { readonly type: 'plan.confirmed'; readonly transactionId: string };

/** The outcome that a subject's end is; null where it has none, or where an operator ended it. */
function endOutcome(
  { states }: Pick<LifecycleTable, 'states'>,
  { state, end }: Subject,
): 'order.settled' | 'transfer.done' | null {
  if (state === null || end === null || end.by === 'operator') return null;
  return states[state]?.tells ?? null;
}

function confirmed({ recurrences = [] }: Subject): readonly Recurrence[] {
  return recurrences.filter(({ confirmedAt }) => confirmedAt !== null);
}

/** The outcomes that have come about between what was written last (null: nothing yet) and what is written now. */
export function outcomesBetween(
  table: Pick<LifecycleTable, 'states'>,
  before: Subject | null,
  after: Subject,
): readonly SubjectOutcome[] {
  const type = endOutcome(table, after);
  const isNews = type !== null && (before === null || endOutcome(table, before) !== type);
  const known = new Set(before === null ? [] : confirmed(before).map(({ transactionId }) => transactionId));
  const fresh = confirmed(after).filter(({ transactionId }) => !known.has(transactionId));
  return [
    ...(isNews ? [{ type }] : []),
    ...fresh.map(({ transactionId }) => ({ type: 'plan.confirmed', transactionId }) as const),
  ];
}

function confirmation(subject: Subject, transactionId: string) {
  const one = subject.recurrences?.find((recurrence) => recurrence.transactionId === transactionId);
  const { userId = null, amount = null, currency = null, deadline = null, confirmedAt = null } = one ?? {};
  return { transactionId, userId, amount, currency, deadline, confirmedAt };
}

/** The message of an outcome, from the subject as it is written with it, under the id of its row. */
export function messageOf(workflowId: string, subject: Subject, outcome: SubjectOutcome): OutgoingMessage {
  const { partner, object, id: objectId, state, end, executions, facts = {} } = subject;
  const about = { workflowId, partner, object, objectId };
  if (outcome.type === 'plan.confirmed') {
    const { type, transactionId } = outcome;
    const data = confirmation(subject, transactionId);
    const at = data.confirmedAt ?? subject.since;
    return { type, subject: workflowId, key: `${type}:${transactionId}`, at, data: { ...about, ...data } };
  }
  const { type } = outcome;
  const at = end?.at ?? subject.since;
  const data = { ...about, state, at, by: end?.by ?? null, executions, facts };
  return { type, subject: workflowId, key: type, at, data };
}
