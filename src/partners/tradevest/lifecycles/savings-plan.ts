import type { LifecycleTable } from '../../../domain/lifecycles/table';

const PLAN_STATES = ['RECEIVED', 'PENDING', 'ACTIVE', 'INACTIVE', 'INVALID', 'DELETED'];

/**
 * Tradevest savings plans (vendors.md §1.3): a plan is switched on and off again, so that nothing is owed; each word is
 * read and recorded, the newest by the partner's own time counts. RECEIVED and PENDING are assumed.
 */
export const tradevestSavingsPlan: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'savings-plan',
  lifecycle: 'document',
  title: 'Tradevest savings plan',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  messages: { noun: 'plan' },
  states: Object.fromEntries(
    PLAN_STATES.map((state, index) => [
      state,
      { rank: index + 1, owed: [], due: 'P1D', ends: 'when read', mayReturnFrom: PLAN_STATES },
    ]),
  ),
};
