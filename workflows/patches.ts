import { deprecatePatch, patched } from '@temporalio/workflow';

/** One change of the order of what flows do, which running flows must not meet half-way. */
export interface Patch {
  /** Date of its introduction, `2026-11-29`. */
  readonly date: string;
  /** The version that first ran it: once no flow is older, it can be deprecated. */
  readonly release: string;
  /** Change, and the reason why running flows may not simply follow it. */
  readonly reason: string;
}

/**
 * Every patch there is, by its id; docs/deploying.md says when one is written, deprecated and removed. An id that was
 * used once is never used again: it stands in histories.
 */
export const PATCHES = {
  'conflict-folds-all-again': {
    date: '2026-11-30',
    release: '0.3.0',
    reason:
      'a flow that meets a row of another run folds again all it has heard, not notifications alone: what it knows then, and does next, differs',
  },
  'older-reads-prove-nothing': {
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'an answer that was asked for before the notification it is held against is asked for again',
  },
  'corrections-take-back': {
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a correction counts whenever it arrives, and CANCELED after it ends an order once a read agrees',
  },
  'findings-are-counted': {
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a finding that was made before is counted, and a long list of them is cut: the row is written less often',
  },
  'recurrences-are-bounded': {
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a plan forgets the oldest of very many recurrences without an end, and takes no more than it can confirm',
  },
  'continues-when-busy': {
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a flow with a long history continues as new also where it always has something to do',
  },
  meanwhile: {
    date: '2026-11-30',
    release: '0.3.0',
    reason: 'a flow writes outcomes and sees to recurrences while a read is under way, not only after it',
  },
} as const satisfies Readonly<Record<string, Patch>>;

/** The id of a patch. */
export type PatchId = keyof typeof PATCHES;

/**
 * True where this flow goes the new way: it had not come here before the change was deployed. `patched` itself is
 * called nowhere else, so that this file shows every change that running flows depend on.
 */
export function goesNewWay(id: PatchId): boolean {
  return patched(id);
}

/** The call in the place of `goesNewWay`, once no flow is left that goes the old way and its code was taken out. */
export function wentNewWay(id: PatchId): void {
  deprecatePatch(id);
}
