import type { LifecycleTable } from '../../../domain/lifecycles/table';

/**
 * Updates of labels: one webhook names many customers, and each of them is read again (vendors.md §1.5). Its states are
 * the webhook's notification types; there is nothing to read of the update itself.
 */
export const tradevestLabels: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'labels',
  lifecycle: 'document',
  title: 'Tradevest labels update',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  readsOnlyNamed: true,
  states: Object.fromEntries(
    ['STARTED', 'CREATED', 'UPDATED', 'VALIDATION_ERROR'].map((state, index) => [
      state,
      { rank: index + 1, owed: [], due: 'PT1H', ends: 'when those named are read' },
    ]),
  ),
};
