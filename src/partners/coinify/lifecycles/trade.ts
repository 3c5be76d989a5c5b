import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Coinify trades, states named by the event's suffix (vendors.md §2.2). The payment of a bank transfer takes days;
 * after transfer-in-completed only the payout is owed. Cancelled or expired after the payment is unexpected there: raised.
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
    created: { rank: 1, owed: ['transfer-in-completed', 'completed', 'cancelled', 'expired', 'rejected'], due: 'P3D' },
    'transfer-in-completed': { rank: 2, owed: ['completed', 'rejected'], due: 'P4D' },
    completed: { rank: 3, owed: [], due: 'P1D', ends: 'when read agrees', tells: 'order.settled' },
    cancelled: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['transfer-in-completed', 'completed'] },
    expired: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['transfer-in-completed', 'completed'] },
    rejected: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['completed'] },
  },
};
