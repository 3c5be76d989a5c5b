import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Tradevest users, accounts of the partner's staff (vendors.md §1.3; most states are assumed). */
export const tradevestUser: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'user',
  lifecycle: 'onboarding',
  title: 'Tradevest user',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  states: {
    RECEIVED: { rank: 1, owed: ['CREATED', 'PENDING', 'ACTIVE', 'INVALID'], due: 'PT1H' },
    CREATED: { rank: 2, owed: [], due: 'P1D', rests: true },
    PENDING: { rank: 3, owed: ['ACTIVE', 'REJECTED'], due: { businessDays: 3 } },
    REJECTED: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['ACTIVE'], contradictsAfter: ['ACTIVE'] },
    INVALID: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['ACTIVE'] },
    ACTIVE: { rank: 5, owed: [], due: 'P1D', ends: 'at once', mayReturnFrom: ['INACTIVE'] },
    INACTIVE: { rank: 6, owed: [], due: 'P1D', ends: 'at once' },
  },
};
