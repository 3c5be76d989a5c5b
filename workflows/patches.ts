import { deprecatePatch, patched } from '@temporalio/workflow';

/** One change of the order of what flows do, which running flows must not meet half-way. */
export interface Patch {
  /** Its place in the order of their introduction, from 1; never used again. */
  readonly number: number;
  /** Date of its introduction, `2026-11-29`. */
  readonly date: string;
  /** The version that first ran it: once no flow is older, it can be deprecated. */
  readonly release: string;
  /** Change, and the reason why running flows may not simply follow it. */
  readonly reason: string;
  /** True where a flow that runs already never goes the new way: a marker in each of them would cost more than it saves. */
  readonly newFlowsOnly?: true;
}

/**
 * Every patch there is, by its id; docs/deploying.md says when one is written, deprecated and removed. An id that was
 * used once is never used again: it stands in histories.
 */
export const PATCHES = {
  'conflict-folds-all-again': {
    number: 1,
    date: '2026-11-30',
    release: '0.3.0',
    reason:
      'a flow that meets a row of another run folds again all it has heard, not notifications alone: what it knows then, and does next, differs',
  },
  'older-reads-prove-nothing': {
    number: 2,
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'an answer that was asked for before the notification it is held against is asked for again',
  },
  'corrections-take-back': {
    number: 3,
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a correction counts whenever it arrives, and CANCELED after it ends an order once a read agrees',
  },
  'findings-are-counted': {
    number: 4,
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a finding that was made before is counted, and a long list of them is cut: the row is written less often',
  },
  'recurrences-are-bounded': {
    number: 5,
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a plan forgets the oldest of very many recurrences without an end, and takes no more than it can confirm',
  },
  'continues-when-busy': {
    number: 6,
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a flow with a long history continues as new also where it always has something to do',
  },
  meanwhile: {
    number: 7,
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a flow writes outcomes and sees to recurrences while a read is under way, not only after it',
  },
  'local-writes': {
    number: 8,
    date: '2026-11-30',
    release: '0.3.0',
    newFlowsOnly: true,
    reason: 'the row is written within the workflow task that folds, and at once where a read is under way',
  },
  'contradictions-are-told': {
    number: 10,
    date: '2026-11-30',
    release: '0.3.0',
    reason:
      'what contradicts is a finding and an alert, and is read; an end that a read shows after a contradicting state ends the flow',
  },
  'new-ids-are-read': {
    number: 11,
    date: '2026-11-30',
    release: '0.3.0',
    newFlowsOnly: true,
    reason: 'an id that is new to us is read whatever its status says, and an order before it ends: reads are commands',
  },
  'overdue-is-missed': {
    number: 14,
    date: '2026-12-01',
    release: '0.3.0',
    reason: 'an overdue state that an operator has read is missed as well, and alerted: the row is written otherwise',
  },
} as const satisfies Readonly<Record<string, Patch>>;

/** The id of a patch. */
export type PatchId = keyof typeof PATCHES;

/** The number of the newest patch. Whoever starts a flow writes it into the input: all workers know it by then. */
export const NEWEST_PATCH = Math.max(...Object.values(PATCHES).map(({ number }) => number));

/** The way that a flow goes at each patch: true for the new one. */
export type Ways = (id: PatchId) => boolean;

/**
 * The ways of a flow. What its starter knew is in its input and needs no marker: each marker comes with an update of a
 * search attribute, and costs more than what the patch does. Of newer patches it goes the new way where it had not come
 * to their place before they were deployed. `patched` itself is called nowhere else, so that this file shows every change
 * that running flows depend on.
 */
export function waysOf({ patches = 0 }: { readonly patches?: number }): Ways {
  return (id) => {
    const { number, newFlowsOnly }: Patch = PATCHES[id];
    return number <= patches || (newFlowsOnly !== true && patched(id));
  };
}

/** The call in the place of `goesNewWay`, once no flow is left that goes the old way and its code was taken out. */
export function wentNewWay(id: PatchId): void {
  deprecatePatch(id);
}
