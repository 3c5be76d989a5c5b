/** What the receiver found when it verified a delivery: fully authentic, or authentic but too old to act on. */
export type Verdict = 'authentic' | 'signature-too-old';
