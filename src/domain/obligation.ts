/**
 * The states of an obligation: to be passed on, not yet because its movement is surplus or contradicted, passed on, or taken
 * back as a whole before it was.
 */
export const OBLIGATION_STATES = ['open', 'held', 'paid', 'cancelled'] as const;
/** The state of an obligation. */
export type ObligationState = (typeof OBLIGATION_STATES)[number];
