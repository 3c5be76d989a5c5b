import type { ActivityOptions } from '@temporalio/workflow';

import type { FollowedLifecycle } from '../src/domain/lifecycle';
import type { ReadPurpose } from '../src/domain/subject';

/** The things a partner is asked for, by how soon they are needed. */
type Lane = 'confirm' | 'agreement' | 'fill' | 'overdue' | 'sweep';

/** The place of each in a task queue: lower goes first. A server has five, where nobody has changed that. */
const PRIORITIES: Readonly<Record<Lane, number>> = { confirm: 1, agreement: 2, fill: 3, overdue: 4, sweep: 5 };

const LANES: Readonly<Record<ReadPurpose, Lane>> = {
  // A person waits for it.
  operator: 'agreement',
  agreement: 'agreement',
  illegal: 'agreement',
  first: 'fill',
  fill: 'fill',
  record: 'fill',
  overdue: 'overdue',
  judge: 'overdue',
};

/** Shares in a task queue among what has the same priority: where money moves it is asked more often. */
const WEIGHTS: Readonly<Record<FollowedLifecycle | 'sweep', number>> = {
  order: 3,
  transfer: 3,
  savingsPlan: 3,
  corporateAction: 2,
  onboarding: 1,
  document: 1,
  sweep: 1,
};

/** The input by which a flow or a sweep knows whether its server orders task queues. */
export interface Prioritised {
  readonly usesPriority?: true;
}

/** The option that puts an activity into its place in a partner's task queue; none where nothing is ordered. */
export function priorityOf(
  { usesPriority }: Prioritised,
  asked: ReadPurpose | 'confirm' | 'sweep',
  kind: FollowedLifecycle | 'sweep',
): Pick<ActivityOptions, 'priority'> {
  if (usesPriority !== true) return {};
  const lane = asked === 'confirm' || asked === 'sweep' ? asked : LANES[asked];
  return { priority: { priorityKey: PRIORITIES[lane], fairnessKey: kind, fairnessWeight: WEIGHTS[kind] } };
}
