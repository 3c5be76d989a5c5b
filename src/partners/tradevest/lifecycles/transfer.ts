import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Tradevest transfers (vendors.md §1.3, §1.4). An incoming one is first heard of as PROCESSED, under an id never seen:
 * it is read and recorded once, like the end of an outgoing one.
 */
export const tradevestTransfer: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'transfer',
  lifecycle: 'transfer',
  title: 'Tradevest transfer',
  readable: true,
  firstDue: 'PT1H',
  states: {
    RECEIVED: { rank: 1, owed: ['PENDING', 'PROCESSED', 'REJECTED', 'INVALID'], due: 'PT1H' },
    PENDING: { rank: 2, owed: ['PROCESSED', 'REJECTED'], due: { businessDays: 2 } },
    PROCESSED: { rank: 3, owed: [], due: 'P1D', ends: 'when read agrees', tells: 'transfer.done' },
    REJECTED: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['PROCESSED'] },
    INVALID: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['PENDING', 'PROCESSED'] },
  },
};
