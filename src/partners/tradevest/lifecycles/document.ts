import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Tradevest documents (vendors.md §1.3); read and recorded where they rest. Ids we never created are normal. */
export const tradevestDocument: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'document',
  lifecycle: 'document',
  title: 'Tradevest document',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  states: {
    RECEIVED: { rank: 1, owed: ['CREATED', 'PENDING', 'INVALID'], due: 'PT1H' },
    CREATED: { rank: 2, owed: [], due: 'PT1H', rests: true },
    PENDING: { rank: 3, owed: ['APPROVED', 'REJECTED'], due: { businessDays: 3 } },
    APPROVED: { rank: 4, owed: [], due: 'P1D', ends: 'when read' },
    REJECTED: { rank: 4, owed: [], due: 'P1D', ends: 'when read', contradictsAfter: ['APPROVED'] },
    INVALID: { rank: 4, owed: [], due: 'P1D', ends: 'at once' },
    ARCHIVED: { rank: 5, owed: [], due: 'P1D', ends: 'when read' },
  },
};
