import { CONFIRMATION_MARGIN, OWN_RECURRENCE, RECURRENCE_END } from '../../../domain/lifecycles/savings-plan/durations';
import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Bitpanda savings plans (vendors.md §3.3, §3.4). Its states are the words of the partner's read; what is owed hangs on
 * its recurrences, each with a deadline that the partner gave, and is decided in `savings-plan/`.
 */
export const bitpandaSavingsPlan: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  timeZone: 'Europe/Vienna',
  object: 'savings-plan',
  lifecycle: 'savingsPlan',
  title: 'Bitpanda savings plan',
  readable: true,
  firstDue: 'P35D',
  further: { [CONFIRMATION_MARGIN]: 'PT30M', [RECURRENCE_END]: 'P1D', [OWN_RECURRENCE]: 'P1D' },
  messages: { noun: 'plan' },
  states: {
    active: { rank: 1, owed: ['upcoming'], due: 'P1D' },
    canceled: { rank: 2, owed: [], due: 'P1D', ends: 'at once' },
  },
};
