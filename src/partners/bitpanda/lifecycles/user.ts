import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * A Bitpanda user's updates (vendors.md §3.3): the action's name where it succeeded, with `-failed` where it did not.
 * The names for blacklisting and inactivation are not known: parked when they come. No read is known.
 */
export const bitpandaUser: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  object: 'user',
  lifecycle: 'onboarding',
  title: 'Bitpanda user',
  readable: false,
  wakes: true,
  firstDue: 'P7D',
  messages: { words: { verification: 'verified' } },
  states: {
    'verification-failed': { rank: 1, owed: [], due: 'P7D', ends: 'at once', mayReturnFrom: ['verification'] },
    verification: { rank: 2, owed: [], due: 'P7D', ends: 'at once' },
  },
};
