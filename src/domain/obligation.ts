/**
 * The states of an obligation: to be passed on, not yet because its movement is surplus or contradicted, passed on, or taken
 * back as a whole before it was.
 */
export const OBLIGATION_STATES = ['open', 'held', 'paid', 'cancelled'] as const;
/** The state of an obligation. */
export type ObligationState = (typeof OBLIGATION_STATES)[number];

/** The reason why an obligation could not be recorded as passed on under a reference that it does not have. */
export function notPaidNow(known: { readonly state: ObligationState; readonly reference: string | null }): string {
  const { state, reference } = known;
  return state === 'cancelled' ? 'its money was taken back' : `it was passed on under the reference ${reference ?? ''}`;
}
