import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Tradevest offboardings (vendors.md §1.3, §1.4). An ordinary one takes effect two months later, so that long a PENDING
 * is normal; reasons that end in `_IMMEDIATE` are done the same day. The reason is only in the read.
 */
export const tradevestOffboarding: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'offboarding',
  lifecycle: 'onboarding',
  title: 'Tradevest offboarding',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  states: {
    RECEIVED: { rank: 1, owed: ['CREATED', 'PENDING', 'INVALID'], due: 'PT1H' },
    CREATED: { rank: 2, owed: ['PENDING', 'APPROVED', 'REJECTED', 'CANCELED', 'INVALID'], due: { businessDays: 1 } },
    PENDING: {
      rank: 3,
      owed: ['APPROVED', 'REJECTED', 'CANCELED'],
      due: 'P2M7D',
      reads: true,
      urgent: { reasonEndsWith: '_IMMEDIATE', due: 'P1D' },
    },
    APPROVED: { rank: 4, owed: [], due: 'P1D', ends: 'at once' },
    REJECTED: { rank: 4, owed: [], due: 'P1D', ends: 'at once', contradictsAfter: ['APPROVED'] },
    CANCELED: { rank: 4, owed: [], due: 'P1D', ends: 'at once', cancels: true },
    INVALID: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['PENDING'] },
  },
};
