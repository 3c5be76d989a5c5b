/** How a subject is followed: the name of its workflow type, or `recorded` where nothing is owed. */
export const LIFECYCLES = [
  'order',
  'transfer',
  'onboarding',
  'document',
  'savingsPlan',
  'corporateAction',
  'recorded',
] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];
