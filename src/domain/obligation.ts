/** States of an obligation: to be passed on, held because its set is broken, or passed on. */
export const OBLIGATION_STATES = ['open', 'held', 'paid'] as const;
/** State of an obligation. */
export type ObligationState = (typeof OBLIGATION_STATES)[number];
