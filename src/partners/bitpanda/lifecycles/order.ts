import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Bitpanda automated orders (vendors.md §3.3): one webhook ends them, on its word. `created`, `in progress` and
 * `expired` are words of the read alone.
 */
export const bitpandaOrder: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  object: 'order',
  lifecycle: 'order',
  title: 'Bitpanda automated order',
  readable: true,
  firstDue: 'P1D',
  states: {
    created: {
      rank: 1,
      owed: ['finished', 'failed', 'cancelled'],
      due: 'P1D',
      mayBeSilent: true,
      standsWhileValid: true,
    },
    'in progress': {
      rank: 2,
      owed: ['finished', 'failed', 'cancelled'],
      due: 'P1D',
      mayBeSilent: true,
      standsWhileValid: true,
    },
    finished: { rank: 3, owed: [], due: 'P1D', ends: 'at once', tells: 'order.settled' },
    failed: { rank: 3, owed: [], due: 'P1D', ends: 'at once' },
    cancelled: { rank: 3, owed: [], due: 'P1D', ends: 'at once', cancels: true },
    expired: { rank: 3, owed: [], due: 'P1D', ends: 'at once' },
  },
};
