import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Searches for a legal entity at a vendor of the partner (vendors.md §1.3). */
export const tradevestSearch: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'search',
  lifecycle: 'document',
  title: 'Tradevest legal entity search',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  states: {
    PREPARING: { rank: 1, owed: ['WAITING_FOR_DATA', 'READY_DATA', 'COMPLETED', 'FAILED', 'ERROR'], due: 'PT4H' },
    WAITING_FOR_DATA: { rank: 2, owed: ['READY_DATA', 'COMPLETED', 'FAILED', 'ERROR'], due: { businessDays: 1 } },
    READY_DATA: {
      rank: 3,
      owed: ['WAITING_FOR_DOCUMENTS', 'READY_DOCUMENTS', 'COMPLETED', 'FAILED'],
      due: { businessDays: 1 },
    },
    WAITING_FOR_DOCUMENTS: {
      rank: 4,
      owed: ['READY_DOCUMENTS', 'COMPLETED', 'FAILED', 'ERROR'],
      due: { businessDays: 3 },
    },
    READY_DOCUMENTS: { rank: 5, owed: ['COMPLETED', 'FAILED', 'ERROR'], due: { businessDays: 1 } },
    COMPLETED: { rank: 6, owed: [], due: 'P1D', ends: 'when read' },
    FAILED: { rank: 6, owed: [], due: 'P1D', ends: 'at once' },
    ERROR: { rank: 6, owed: [], due: 'P1D', ends: 'at once' },
  },
};
