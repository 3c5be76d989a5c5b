import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Tradevest orders, digital and traditional. Edges: vendors.md §1.4 (status-codes page; those with * there are assumed).
 * RECEIVED is read within the hour because an INVALID order is purged after 48 hours and then only says 404.
 * A new status takes one line here (and a fixture): decoding and reading know the words by this table.
 */
export const tradevestOrder: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'order',
  lifecycle: 'order',
  title: 'Tradevest order',
  readable: true,
  settlement: 'SETTLED',
  firstDue: 'PT1H',
  // `order.settled` tells the end: a settlement that no read has confirmed yet needs another word.
  messages: { words: { SETTLED: 'settlement-reported' } },
  states: {
    RECEIVED: {
      rank: 1,
      owed: ['PLACED', 'FILLED', 'CANCELED', 'REJECTED', 'INVALID'],
      due: 'PT1H',
      mayBeSilent: true,
    },
    PENDING: { rank: 2, owed: ['PLACED', 'FILLED', 'CANCELED', 'REJECTED'], due: 'PT4H', mayBeSilent: true },
    PLACED: {
      rank: 3,
      owed: ['PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'],
      due: { businessDays: 1 },
      standsWhileValid: true,
    },
    PARTIALLY_FILLED: {
      rank: 4,
      owed: ['PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED'],
      due: { businessDays: 1 },
      fills: true,
      standsWhileValid: true,
    },
    FILLED: { rank: 5, owed: ['SETTLED'], due: { businessDays: 3 }, fills: true },
    CORRECTED: { rank: 6, owed: ['SETTLED', 'CANCELED'], due: { businessDays: 3 }, corrects: true },
    CANCELED: {
      rank: 7,
      owed: ['SETTLED'],
      due: { businessDays: 3 },
      ends: 'when read agrees',
      cancels: true,
      settlesWhenExecuted: true,
      endsOnceCorrected: true,
      neverAfter: ['EXPIRED'],
    },
    EXPIRED: {
      rank: 7,
      owed: ['SETTLED'],
      due: { businessDays: 3 },
      ends: 'when read agrees',
      settlesWhenExecuted: true,
      neverAfter: ['CANCELED', 'FILLED'],
    },
    SETTLED: { rank: 8, owed: [], due: 'P1D', ends: 'when read agrees', tells: 'order.settled' },
    REJECTED: {
      rank: 9,
      owed: [],
      due: 'P1D',
      ends: 'at once',
      neverAfter: ['PARTIALLY_FILLED', 'FILLED', 'CORRECTED', 'CANCELED', 'EXPIRED', 'SETTLED'],
    },
    INVALID: {
      rank: 9,
      owed: [],
      due: 'P1D',
      ends: 'at once',
      neverAfter: ['PLACED', 'PARTIALLY_FILLED', 'FILLED', 'CORRECTED', 'CANCELED', 'EXPIRED', 'SETTLED'],
    },
  },
};

/** The statuses an order may have; any other is parked. */
export const TRADEVEST_ORDER_STATUSES: readonly string[] = Object.keys(tradevestOrder.states);
