import type { LifecycleTable } from '../lifecycle';

/** Before the deadline: an alert that a recurrence is not confirmed yet. */
export const CONFIRMATION_MARGIN = 'confirmation margin';
/** After the deadline: by then its end (finished or failed) is due. */
export const RECURRENCE_END = 'recurrence end';
/**
 * A next recurrence this close after the deadline is the one announced, by the partner's own example (deadline 11:00,
 * recurrence 12:00): the following one comes a period later.
 */
export const OWN_RECURRENCE = 'own recurrence';

/**
 * Bitpanda savings plans (vendors.md §3.3, §3.4). Its states are the words of the partner's read; what is owed hangs on
 * its recurrences, each with a deadline that the partner gave, and is decided in `savings-plan/`.
 */
export const bitpandaSavingsPlan: LifecycleTable = {
  partner: 'bitpanda',
  object: 'savings-plan',
  lifecycle: 'savingsPlan',
  title: 'Bitpanda savings plan',
  readable: true,
  firstDue: 'P35D',
  further: { [CONFIRMATION_MARGIN]: 'PT30M', [RECURRENCE_END]: 'P1D', [OWN_RECURRENCE]: 'P1D' },
  states: {
    active: { rank: 1, owed: ['upcoming'], due: 'P1D' },
    canceled: { rank: 2, owed: [], due: 'P1D', ends: 'at once' },
  },
};
