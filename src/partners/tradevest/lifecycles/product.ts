import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Tradevest customer products (vendors.md §1.3; CANCELLED with two L is the partner's spelling, the one with one L is accepted). */
export const tradevestProduct: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'product',
  lifecycle: 'onboarding',
  title: 'Tradevest customer product',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  states: {
    RECEIVED: { rank: 1, owed: ['CREATED', 'PENDING', 'ACTIVE', 'INVALID'], due: 'PT1H' },
    CREATED: { rank: 2, owed: [], due: 'P1D', rests: true },
    PENDING: { rank: 3, owed: ['ACTIVE', 'REJECTED', 'CANCELLED'], due: { businessDays: 3 } },
    REJECTED: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['ACTIVE'], contradictsAfter: ['ACTIVE'] },
    INVALID: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['ACTIVE'] },
    ACTIVE: {
      rank: 5,
      owed: [],
      due: 'P1D',
      ends: 'at once',
      mayReturnFrom: ['BLOCKED', 'RESTRICTED', 'INACTIVE'],
    },
    // Words of the read's list (vendors-2): what leads to them is not printed, so that the partner's own time decides.
    BLOCKED: { rank: 6, owed: [], due: 'P1D', ends: 'at once', mayReturnFrom: ['RESTRICTED', 'INACTIVE'] },
    RESTRICTED: { rank: 6, owed: [], due: 'P1D', ends: 'at once', mayReturnFrom: ['BLOCKED', 'INACTIVE'] },
    INACTIVE: { rank: 6, owed: [], due: 'P1D', ends: 'at once', mayReturnFrom: ['BLOCKED', 'RESTRICTED'] },
    CANCELLED: { rank: 7, owed: [], due: 'P1D', ends: 'at once', cancels: true },
    CLOSED: { rank: 8, owed: [], due: 'P1D', ends: 'at once' },
  },
};
