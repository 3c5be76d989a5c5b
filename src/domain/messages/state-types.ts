import type { LifecycleTable } from '../lifecycles/table';

type Words = Pick<LifecycleTable, 'object' | 'messages'>;

/** Type of the message by which a state of an object is told: its object, and the partner's own word for the state. */
export function stateType({ object, messages = {} }: Words, state: string): string {
  const { noun = object, anyState, words = {} } = messages;
  const own = Object.hasOwn(words, state) ? words[state] : undefined;
  return `${noun}.${anyState ?? own ?? wordOf(state)}`;
}

/** The types by which the states of an object are told, by state; `*` where all of them have one. */
export function stateTypes(
  table: Pick<LifecycleTable, 'object' | 'messages' | 'states'>,
): Readonly<Record<string, string>> {
  const states = table.messages?.anyState === undefined ? Object.keys(table.states) : ['*'];
  return Object.fromEntries(states.map((state) => [state, stateType(table, state)]));
}

/** A partner's word as it stands in a type: lower case, with hyphens. */
function wordOf(state: string): string {
  return state.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** Type of the message of a subject that is only recorded, by its object. */
const RECORDED_TYPES: Readonly<Record<string, string>> = {
  'top-up': 'top-up.requested',
  report: 'report.available',
  prices: 'prices.updated',
  transaction: 'transaction.booked',
  'crypto-action': 'crypto-action.booked',
};

/** Type of the message by which a subject that is only recorded is told. */
export function recordedType(object: string): string {
  return Object.hasOwn(RECORDED_TYPES, object) ? (RECORDED_TYPES[object] ?? object) : `${object}.recorded`;
}
