import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Payouts of Bitpanda to us, by reference; that they were initiated, not that they have arrived (vendors.md §3.2). */
export const bitpandaPayout: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  object: 'payout',
  lifecycle: 'transfer',
  title: 'Bitpanda payout',
  readable: false,
  firstDue: { businessDays: 2 },
  messages: { words: { 'send-money': 'announced', 'send-money-success': 'sent' } },
  states: {
    'send-money': { rank: 1, owed: ['send-money-success'], due: { businessDays: 2 }, identifiedBy: 'pid' },
    'send-money-success': {
      rank: 2,
      owed: [],
      due: 'P1D',
      ends: 'at once',
      tells: 'transfer.done',
      identifiedBy: 'id',
    },
  },
};
