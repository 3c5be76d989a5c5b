import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * A Coinify trader's identification, state by the event's suffix (vendors.md §2.2). A rejected attempt is not the end of
 * a trader: a later one may be approved. Attempts have no id in the webhook, and no read is known.
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
    rejected: { rank: 1, owed: [], due: 'P7D', ends: 'at once' },
    approved: { rank: 2, owed: [], due: 'P7D', ends: 'at once' },
  },
};
