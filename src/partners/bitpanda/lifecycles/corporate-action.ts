import { ANSWER, OBLIGATION, QUIET_PERIOD } from '../../../domain/lifecycles/corporate-actions/durations';
import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Bitpanda corporate actions, one flow per `ca_id` and user (vendors.md §3.3). Its state is the action's type; nobody
 * says how many movements belong to a set, so that it is judged from the ledger once nothing new comes.
 */
export const bitpandaCorporateAction: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  object: 'corporate-action',
  lifecycle: 'corporateAction',
  title: 'Bitpanda corporate action',
  readable: false,
  wakes: true,
  firstDue: 'P1D',
  further: { [QUIET_PERIOD]: 'PT15M', [ANSWER]: 'P1D', [OBLIGATION]: { businessDays: 2 } },
  // Its states are types of actions, which the partner may add to; the verdict on its set is told by itself.
  messages: { noun: 'set', anyState: 'received' },
  states: {},
};
