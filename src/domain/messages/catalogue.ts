import type { LifecycleTable } from '../lifecycles/table';
import { recordedType, stateTypes } from './state-types';
import { UNREADABLE_CHANGE } from './told';

/** The part of `data` that a type has beside what every message about a subject has. */
export type MessageExtra = 'recurrence' | 'finding' | 'overdue' | 'set' | 'obligation';

/** One type of message. */
export interface MessageType {
  readonly type: string;
  /** The occasion on which it is told, as a sentence without a full stop. */
  readonly when: string;
  readonly extra?: MessageExtra;
  /** Kinds of object that are told by it, each with the states; empty where it is told of any. */
  readonly objects: readonly { readonly title: string; readonly states: readonly string[] }[];
}

/** The kinds of object that there are. */
export interface MessageSources {
  readonly lifecycleTables: readonly LifecycleTable[];
  /** Kinds of object that are only recorded. */
  readonly recordedObjects: readonly Pick<LifecycleTable, 'partner' | 'object'>[];
}

/** Types of messages that no state names. */
const FURTHER_TYPES: readonly Omit<MessageType, 'objects'>[] = [
  {
    type: 'order.settled',
    when: 'an order or trade has ended settled, completed or finished; the read agrees where it has to',
  },
  { type: 'transfer.done', when: 'a transfer, deposit or payout has ended well, likewise' },
  { type: 'plan.confirmed', when: "the partner took the confirmation of a savings plan's recurrence" },
  { type: 'movement.booked', when: 'one leg of an event was booked, or taken back' },
  { type: 'obligation.due', when: 'money for a user has reached our corporate wallet' },
  { type: 'alert.raised', when: 'the window of an alert is over' },
  { type: 'recurrence.upcoming', when: 'a recurrence of a savings plan was announced', extra: 'recurrence' },
  { type: 'recurrence.confirmed', when: 'the partner took its confirmation', extra: 'recurrence' },
  { type: 'recurrence.finished', when: 'it was executed', extra: 'recurrence' },
  {
    type: 'recurrence.released',
    when: 'it was declined, failed, was not confirmed in time or given up with its plan: what was reserved is free again',
    extra: 'recurrence',
  },
  {
    type: 'set.judged',
    when: "the verdict on a corporate action's set, or what breaks it, is another one",
    extra: 'set',
  },
  {
    type: 'obligation.held',
    when: 'its set is a break: it is not to be passed on before that is resolved',
    extra: 'obligation',
  },
  { type: 'obligation.open', when: 'it is held no more', extra: 'obligation' },
  { type: 'obligation.paid', when: 'it was passed on', extra: 'obligation' },
  { type: 'obligation.changed', when: 'a part of its money was taken back', extra: 'obligation' },
  { type: 'obligation.cancelled', when: 'all of its money was taken back', extra: 'obligation' },
  { type: UNREADABLE_CHANGE, when: 'something of it changed that could not be told: ask for the flow' },
  { type: 'flow.finding', when: 'a read or a contradicting webhook found something', extra: 'finding' },
  { type: 'flow.overdue', when: 'what is owed did not come in time', extra: 'overdue' },
  { type: 'flow.ended', when: 'nothing more is expected, and the state was told before; or an operator closed it' },
];

/** Every type of message, by name. */
export function messageTypes({ lifecycleTables, recordedObjects }: MessageSources): readonly MessageType[] {
  const types = new Map<string, MessageType>(FURTHER_TYPES.map((one) => [one.type, { ...one, objects: [] }]));
  for (const table of lifecycleTables)
    for (const [state, type] of Object.entries(stateTypes(table)))
      types.set(type, withState(types.get(type), type, table, state));
  for (const { object } of recordedObjects) {
    const type = recordedType(object);
    types.set(type, { type, when: 'its webhook arrived; nothing is owed after it', objects: [] });
  }
  return [...types.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}

function withState(
  known: MessageType | undefined,
  type: string,
  { title }: LifecycleTable,
  state: string,
): MessageType {
  const given = known ?? { type, when: 'the state is reached', objects: [] };
  const same = given.objects.find((one) => one.title === title);
  const others = given.objects.filter((one) => one !== same);
  return { ...given, objects: [...others, { title, states: [...(same?.states ?? []), state] }] };
}
