/** The lifecycles of objects that are followed by their states. */
export const STATE_LIFECYCLES = ['order', 'transfer', 'onboarding', 'document'] as const;

/** A lifecycle of objects that are followed by their states. */
export type StateLifecycle = (typeof STATE_LIFECYCLES)[number];

/** The lifecycles that a flow follows: each the name of its workflow type. */
export const FOLLOWED_LIFECYCLES = [...STATE_LIFECYCLES, 'savingsPlan', 'corporateAction'] as const;

/** A lifecycle that a flow follows. */
export type FollowedLifecycle = (typeof FOLLOWED_LIFECYCLES)[number];

/** All lifecycles; `recorded` is the one of a subject after which nothing is owed. */
export const LIFECYCLES = [...FOLLOWED_LIFECYCLES, 'recorded'] as const;

/** The way in which a subject is followed, or that it is only recorded. */
export type Lifecycle = (typeof LIFECYCLES)[number];

/** True for a lifecycle of objects that are followed by their states. */
export function isStateLifecycle(lifecycle: Lifecycle): lifecycle is StateLifecycle {
  return STATE_LIFECYCLES.some((one) => one === lifecycle);
}

/** True for the name of a lifecycle. */
export function isLifecycle(name: string): name is Lifecycle {
  return LIFECYCLES.some((one) => one === name);
}
