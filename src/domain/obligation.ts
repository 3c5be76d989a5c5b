/** The states of an obligation: to be passed on, not yet because its set is broken, or passed on. */
export const OBLIGATION_STATES = ['open', 'held', 'paid'] as const;
/** The state of an obligation. */
export type ObligationState = (typeof OBLIGATION_STATES)[number];
