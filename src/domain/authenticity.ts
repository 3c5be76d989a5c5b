/** Result of verifying a delivery: fully authentic, or authentic but too old to act on. */
export type AuthenticityResult = 'authentic' | 'signature-too-old';
