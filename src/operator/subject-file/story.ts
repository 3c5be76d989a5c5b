import type { SubjectDelivery } from '../../store/deliveries/of-subject';
import type { SubjectMessage, SubjectRecord } from '../../store/flows/record';

/** Kinds of what a story tells. */
export type StoryKind =
  'came' | 'decided' | 'folded' | 'read' | 'found' | 'moved' | 'owed' | 'told' | 'acted' | 'ended';

/** One thing that happened to a subject, in words; `at` is ISO 8601 UTC. */
export interface StoryItem {
  readonly at: string;
  readonly kind: StoryKind;
  readonly text: string;
  /** Delivery that it is of; null for everything else. */
  readonly deliveryId: string | null;
}

/** Everything that happened to a subject, in the order of time. */
export function storyOf(record: SubjectRecord, deliveries: readonly SubjectDelivery[]): readonly StoryItem[] {
  const items = [
    ...deliveries.flatMap(ofDelivery),
    ...ofReads(record),
    ...ofMoney(record),
    ...record.messages.flatMap(ofMessage),
    ...ofActions(record),
    ...ofEnd(record),
  ];
  // Things of one moment stay in the order in which they follow from each other.
  return items.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function ofDelivery(delivery: SubjectDelivery): readonly StoryItem[] {
  const { id, source, route, event, verdict, status, outcome, receivedAt, decidedAt, outcomeAt } = delivery;
  const one = (at: string | null, kind: StoryKind, text: string): readonly StoryItem[] =>
    at === null ? [] : [{ at, kind, text, deliveryId: id }];
  const way = source === 'webhook' ? `webhook, ${verdict}` : 'found by a sweep: the webhook never came';
  return [
    ...one(receivedAt, 'came', `${event ?? route} (${way})`),
    ...one(decidedAt, 'decided', `${event ?? route}: ${DECIDED[status] ?? status}`),
    ...(outcome === null ? [] : one(outcomeAt, 'folded', `${event ?? route}: ${outcome}`)),
  ];
}

const DECIDED: Readonly<Record<string, string>> = {
  delivered: 'given to the subject',
  duplicate: 'duplicate: the same event had come before',
  parked: 'parked: kept, and nobody could act on it',
};

function ofReads({ flow, object }: SubjectRecord): readonly StoryItem[] {
  const { lastReading, findings } = flow;
  const reading = lastReading?.reading;
  const word = reading === undefined ? '' : reading.kind === 'object' ? `status ${reading.status}` : reading.kind;
  return [
    ...(lastReading === null ? [] : [item(lastReading.at, 'read', `the object at the partner: ${word}`)]),
    ...(object?.readAt == null ? [] : [item(object.readAt, 'read', 'the whole answer of this read is kept')]),
    ...findings.map(({ at, finding, state, found, count }) =>
      item(
        at,
        'found',
        `${finding}: known ${state ?? 'nothing'}, found ${found ?? 'nothing'}${count === undefined ? '' : `, ${count} times`}`,
      ),
    ),
  ];
}

function item(at: string, kind: StoryKind, text: string): StoryItem {
  return { at, kind, text, deliveryId: null };
}

function ofMoney({ movements, obligations }: SubjectRecord): readonly StoryItem[] {
  return [
    ...movements.map((one) => ({
      ...item(
        one.bookedAt,
        'moved',
        `${one.amount} of ${one.instrument} for user ${one.userId}, ${one.type}, credited ${one.creditedAt}${one.isReversing ? ', takes a booking back' : ''}`,
      ),
      deliveryId: one.deliveryId,
    })),
    ...obligations.flatMap(({ amount, instrument, userId, since, dueAt, paidAt, paidBy, reference }) => [
      item(since, 'owed', `${amount} of ${instrument} to user ${userId}, due ${dueAt}`),
      ...(paidAt === null ? [] : [item(paidAt, 'owed', `passed on by ${paidBy ?? 'nobody'}: ${reference ?? ''}`)]),
    ]),
  ];
}

function ofMessage({ at, type, id, sending }: SubjectMessage): readonly StoryItem[] {
  const told = item(at, 'told', `${type}, message ${id}${sending === null ? ', in the feed' : ''}`);
  if (sending === null) return [told];
  const { state, attempts, endedAt, lastFailure } = sending;
  const failure = lastFailure === null ? '' : `, last failure: ${lastFailure}`;
  const answer = `${type}: ${SENDING[state] ?? state} after ${attempts} tries${failure}`;
  return endedAt === null
    ? [{ ...told, text: `${told.text}: ${SENDING[state] ?? state}${failure}` }]
    : [told, item(endedAt, 'told', answer)];
}

const SENDING: Readonly<Record<string, string>> = {
  waiting: 'waits to be taken by the receiver',
  sent: 'taken by the receiver',
  dead: 'given up: the receiver did not take it',
};

function ofActions({ flow }: SubjectRecord): readonly StoryItem[] {
  return flow.operatorActions.map(({ at, by, action, reason, details }) => {
    const words = Object.entries(details).map(([name, value]) => `${name} ${value}`);
    return item(at, 'acted', [`${by}: ${action}`, ...words, ...(reason === null ? [] : [reason])].join(', '));
  });
}

function ofEnd({ flow }: SubjectRecord): readonly StoryItem[] {
  return flow.end === null
    ? []
    : [item(flow.end.at, 'ended', `${flow.end.state ?? 'without a state'}, by ${flow.end.by}`)];
}
