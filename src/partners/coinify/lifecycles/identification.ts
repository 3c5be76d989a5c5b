import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * A Coinify trader's identification, state by the event's suffix (vendors.md §2.2). A rejected attempt is not the end of
 * a trader: a later one may be approved. One that is newer than an approval takes that back, and is told. Attempts have no id in the webhook, and no read is known.
 */
export const coinifyIdentification: LifecycleTable = {
  partner: 'coinify',
  object: 'identification',
  lifecycle: 'onboarding',
  title: 'Coinify identification',
  readable: false,
  wakes: true,
  firstDue: 'P7D',
  states: {
    rejected: { rank: 1, owed: [], due: 'P7D', ends: 'at once', contradictsAfter: ['approved'] },
    approved: { rank: 2, owed: [], due: 'P7D', ends: 'at once' },
  },
};
