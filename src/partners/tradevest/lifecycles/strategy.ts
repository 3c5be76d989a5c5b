import type { LifecycleTable } from '../../../domain/lifecycles/table';

const STRATEGY_STATES = ['RECEIVED', 'CREATED', 'PENDING', 'EXECUTING', 'ACTIVE', 'INACTIVE', 'INVALID', 'REJECTED'];

/**
 * Tradevest strategies: they run again and again (vendors.md §1.3), so that none of their states is an end and none is
 * owed. Each is read and recorded; the newest by the partner's own time counts. Most words are assumed.
 */
export const tradevestStrategy: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'strategy',
  lifecycle: 'document',
  title: 'Tradevest strategy',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  states: Object.fromEntries(
    STRATEGY_STATES.map((state, index) => [
      state,
      { rank: index + 1, owed: [], due: 'P1D', ends: 'when read', mayReturnFrom: STRATEGY_STATES },
    ]),
  ),
};
