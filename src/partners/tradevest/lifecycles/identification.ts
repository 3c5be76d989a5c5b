import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Tradevest identification verifications (vendors.md §1.3, §1.5). With the approval a document appears, whose id is
 * only in the read. Nobody but the user can hurry a PENDING one. The failures are assumed; a manual review may approve what was
 * rejected, and a rejection after the approval is told.
 */
export const tradevestIdentification: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'identification',
  lifecycle: 'onboarding',
  title: 'Tradevest identification',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  states: {
    RECEIVED: { rank: 1, owed: ['PENDING', 'APPROVED', 'REJECTED', 'INVALID'], due: 'PT1H' },
    PENDING: { rank: 2, owed: ['APPROVED', 'REJECTED', 'CANCELED', 'EXPIRED'], due: 'P7D' },
    APPROVED: { rank: 3, owed: [], due: 'PT1H', ends: 'when read', readFor: 'documentId', mayReturnFrom: ['REJECTED'] },
    REJECTED: { rank: 3, owed: [], due: 'P1D', ends: 'at once', contradictsAfter: ['APPROVED'] },
    INVALID: { rank: 3, owed: [], due: 'P1D', ends: 'at once' },
    CANCELED: { rank: 3, owed: [], due: 'P1D', ends: 'at once', cancels: true },
    EXPIRED: { rank: 3, owed: [], due: 'P1D', ends: 'at once' },
  },
};
