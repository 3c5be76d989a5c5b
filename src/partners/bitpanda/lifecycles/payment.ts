import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Transactions of Bitpanda's Crypto Pay, told by Transaction Update (vendors.md §3.3): each of its three words is an end,
 * on the webhook's word, because no read of them is known. `cancelled` has two L there.
 */
export const bitpandaPayment: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  object: 'payment',
  lifecycle: 'transfer',
  title: 'Bitpanda payment',
  readable: false,
  firstDue: 'P1D',
  states: {
    completed: { rank: 1, owed: [], due: 'P1D', ends: 'at once', tells: 'transfer.done' },
    failed: { rank: 1, owed: [], due: 'P1D', ends: 'at once' },
    cancelled: { rank: 1, owed: [], due: 'P1D', ends: 'at once', cancels: true },
  },
};
