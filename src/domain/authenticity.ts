/** Result for what is not authentic, and was kept because signatures were only observed; with the reason in a word. */
export type ObservedResult = `signature-observed: ${string}`;

/**
 * The result of verifying a delivery that is kept: authentic, authentic but too old to act on, or not authentic and only
 * observed. The last two are acted on once an operator has accepted them.
 */
export type AuthenticityResult = 'authentic' | 'signature-too-old' | ObservedResult;

/** Kind of delivery that an operator who looked can let in. */
export type Acceptance = 'too-old' | 'observed';

/** Acceptance that a delivery of this result needs; null for one that needs none. */
export function acceptanceFor(result: AuthenticityResult): Acceptance | null {
  if (result === 'authentic') return null;
  return result === 'signature-too-old' ? 'too-old' : 'observed';
}
