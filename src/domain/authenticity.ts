/** The result of verifying a delivery that is authentic: fully, or authentic but too old to act on. */
export type AuthenticityResult = 'authentic' | 'signature-too-old';
