/** Where an obligation stands: to be passed on, not yet because its set is broken, or passed on. */
export const OBLIGATION_STATES = ['open', 'held', 'paid'] as const;
export type ObligationState = (typeof OBLIGATION_STATES)[number];
