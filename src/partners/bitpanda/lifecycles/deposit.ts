import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Our own deposits at Bitpanda, by the reference they were announced with; the success is all there is to hear. */
export const bitpandaDeposit: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  object: 'deposit',
  lifecycle: 'transfer',
  title: 'Bitpanda deposit',
  readable: false,
  firstDue: { businessDays: 2 },
  messages: { words: { 'top-up-success': 'received' } },
  states: {
    'top-up-success': { rank: 1, owed: [], due: 'P1D', ends: 'at once', tells: 'transfer.done', identifiedBy: 'id' },
  },
};
