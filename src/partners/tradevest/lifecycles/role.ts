import type { LifecycleTable, StateRule } from '../../../domain/lifecycles/table';

/**
 * States of people and roles: customer, natural person, proxy, beneficial owner (vendors.md §1.3; the union of what is
 * documented and assumed for each). A fixable rejection of an onboarding takes them back to CREATED, and suspensions
 * end; the partner's own `modifiedOn` says which of two is newer.
 */
const states: Readonly<Record<string, StateRule>> = {
  RECEIVED: { rank: 1, owed: ['CREATED', 'INVALID'], due: 'PT1H' },
  CREATED: { rank: 2, owed: [], due: 'PT1H', rests: true, mayReturnFrom: ['PENDING', 'REVIEW', 'REJECTED'] },
  PENDING: {
    rank: 3,
    owed: ['ACTIVE', 'REVIEW', 'REJECTED', 'CREATED'],
    due: { businessDays: 3 },
    mayReturnFrom: ['REVIEW', 'REJECTED'],
  },
  // An administrator of the partner decides: days are normal.
  REVIEW: { rank: 4, owed: ['ACTIVE', 'REJECTED', 'PENDING', 'CREATED'], due: { businessDays: 10 } },
  REJECTED: { rank: 5, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['ACTIVE'], contradictsAfter: ['ACTIVE'] },
  INVALID: { rank: 5, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['CREATED', 'PENDING', 'REVIEW', 'ACTIVE'] },
  ACTIVE: {
    rank: 6,
    owed: [],
    due: 'P1D',
    ends: 'at once',
    mayReturnFrom: ['SUSPENDED', 'SUSPENDED_COMPLIANCE', 'INACTIVE'],
  },
  SUSPENDED: { rank: 7, owed: [], due: 'P1D', ends: 'at once', mayReturnFrom: ['SUSPENDED_COMPLIANCE'] },
  SUSPENDED_COMPLIANCE: { rank: 7, owed: [], due: 'P1D', ends: 'at once', mayReturnFrom: ['SUSPENDED'] },
  INACTIVE: { rank: 8, owed: [], due: 'P1D', ends: 'at once' },
  ESTATE: { rank: 9, owed: [], due: 'P1D', ends: 'at once' },
  DECEASED: { rank: 9, owed: [], due: 'P1D', ends: 'at once' },
};

/** The table of one kind of role, without the states that it does not have. */
export function roleTable(object: string, title: string, left: readonly string[]): LifecycleTable {
  const own = Object.entries(states).filter(([state]) => !left.includes(state));
  return {
    partner: 'tradevest',
    calendar: 'TARGET',
    object,
    lifecycle: 'onboarding',
    title,
    readable: true,
    wakes: true,
    firstDue: 'PT1H',
    states: Object.fromEntries(own),
  };
}
