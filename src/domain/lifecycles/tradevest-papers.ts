import type { LifecycleTable } from '../lifecycle';

const paper = { partner: 'tradevest', lifecycle: 'document', readable: true, wakes: true, firstDue: 'PT1H' } as const;

/** Tradevest documents (vendors.md §1.3); read and recorded where they rest. Ids we never created are normal. */
export const tradevestDocument: LifecycleTable = {
  ...paper,
  object: 'document',
  title: 'Tradevest document',
  states: {
    RECEIVED: { rank: 1, owed: ['CREATED', 'PENDING', 'INVALID'], due: 'PT1H' },
    CREATED: { rank: 2, owed: [], due: 'PT1H', rests: true },
    PENDING: { rank: 3, owed: ['APPROVED', 'REJECTED'], due: { businessDays: 3 } },
    APPROVED: { rank: 4, owed: [], due: 'P1D', ends: 'when read' },
    REJECTED: { rank: 4, owed: [], due: 'P1D', ends: 'when read' },
    INVALID: { rank: 4, owed: [], due: 'P1D', ends: 'at once' },
    ARCHIVED: { rank: 5, owed: [], due: 'P1D', ends: 'when read' },
  },
};

/** Papers of the platform (terms, reports), not of one customer; the webhook names no status: fetch, publish. */
export const tradevestPartnerDocument: LifecycleTable = {
  ...paper,
  object: 'partner-document',
  title: 'Tradevest partner document',
  statusless: true,
  states: {},
};

/** Searches for a legal entity at a vendor of the partner (vendors.md §1.3). */
export const tradevestSearch: LifecycleTable = {
  ...paper,
  object: 'search',
  title: 'Tradevest legal entity search',
  states: {
    PREPARING: { rank: 1, owed: ['WAITING_FOR_DATA', 'READY_DATA', 'COMPLETED', 'FAILED', 'ERROR'], due: 'PT4H' },
    WAITING_FOR_DATA: { rank: 2, owed: ['READY_DATA', 'COMPLETED', 'FAILED', 'ERROR'], due: { businessDays: 1 } },
    READY_DATA: {
      rank: 3,
      owed: ['WAITING_FOR_DOCUMENTS', 'READY_DOCUMENTS', 'COMPLETED', 'FAILED'],
      due: { businessDays: 1 },
    },
    WAITING_FOR_DOCUMENTS: {
      rank: 4,
      owed: ['READY_DOCUMENTS', 'COMPLETED', 'FAILED', 'ERROR'],
      due: { businessDays: 3 },
    },
    READY_DOCUMENTS: { rank: 5, owed: ['COMPLETED', 'FAILED', 'ERROR'], due: { businessDays: 1 } },
    COMPLETED: { rank: 6, owed: [], due: 'P1D', ends: 'when read' },
    FAILED: { rank: 6, owed: [], due: 'P1D', ends: 'at once' },
    ERROR: { rank: 6, owed: [], due: 'P1D', ends: 'at once' },
  },
};

const STRATEGY_STATES = ['RECEIVED', 'CREATED', 'PENDING', 'EXECUTING', 'ACTIVE', 'INACTIVE', 'INVALID', 'REJECTED'];

/**
 * Tradevest strategies: they run again and again (vendors.md §1.3), so that none of their states is an end and none is
 * owed. Each is read and recorded; the newest by the partner's own time counts. Most words are assumed.
 */
export const tradevestStrategy: LifecycleTable = {
  ...paper,
  object: 'strategy',
  title: 'Tradevest strategy',
  states: Object.fromEntries(
    STRATEGY_STATES.map((state, index) => [
      state,
      { rank: index + 1, owed: [], due: 'P1D', ends: 'when read', mayReturnFrom: STRATEGY_STATES },
    ]),
  ),
};

/**
 * Updates of labels: one webhook names many customers, and each of them is read again (vendors.md §1.5). Its states are
 * the webhook's notification types; there is nothing to read of the update itself.
 */
export const tradevestLabels: LifecycleTable = {
  ...paper,
  object: 'labels',
  title: 'Tradevest labels update',
  readsOnlyNamed: true,
  states: Object.fromEntries(
    ['STARTED', 'CREATED', 'UPDATED', 'VALIDATION_ERROR'].map((state, index) => [
      state,
      { rank: index + 1, owed: [], due: 'PT1H', ends: 'when those named are read' },
    ]),
  ),
};
