import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Coinify trades, states named by the event's suffix (vendors.md §2.2). The payment of a bank transfer takes days;
 * after transfer-in-completed only the payout is owed. Cancelled or expired after the payment is not expected there: it is
 * read, ends so where the read says so too, and is told. `reviewing` is a word of the read alone.
 */
export const coinifyTrade: LifecycleTable = {
  partner: 'coinify',
  object: 'trade',
  lifecycle: 'order',
  title: 'Coinify trade',
  readable: true,
  settlement: 'completed',
  firstDue: 'PT1H',
  states: {
    created: {
      rank: 1,
      owed: ['transfer-in-completed', 'completed', 'cancelled', 'expired', 'rejected'],
      due: 'P3D',
      standsWhileValid: true,
    },
    'transfer-in-completed': { rank: 2, owed: ['completed', 'rejected'], due: 'P4D', pays: true },
    reviewing: { rank: 3, owed: ['completed', 'cancelled', 'expired', 'rejected'], due: 'P4D', mayBeSilent: true },
    completed: { rank: 4, owed: [], due: 'P1D', ends: 'when read agrees', tells: 'order.settled', pays: true },
    cancelled: {
      rank: 5,
      owed: [],
      due: 'P1D',
      ends: 'at once',
      cancels: true,
      neverAfter: ['transfer-in-completed', 'completed'],
      contradictsAfter: ['transfer-in-completed'],
    },
    expired: {
      rank: 5,
      owed: [],
      due: 'P1D',
      ends: 'at once',
      neverAfter: ['transfer-in-completed', 'completed'],
      contradictsAfter: ['transfer-in-completed'],
    },
    rejected: { rank: 5, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['completed'] },
  },
};
