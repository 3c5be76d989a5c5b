import type { Verdict } from './corporate-action';

/** A set that somebody has to look at. */
export interface WorstSet {
  readonly userId: string;
  readonly verdict: Verdict;
  /** Its first break, or the first thing that is not known, and how many more there are. */
  readonly words: string;
}

/** The whole of a corporate action as its flow shows it to people. */
export interface ActionOverview {
  /** The number of all sets, also of those that holders' flows follow. */
  readonly sets: number;
  readonly complete: number;
  readonly unverified: number;
  /** The number of sets in break that nobody has resolved. */
  readonly broken: number;
  /** The number of sets with something that is not judged yet. */
  readonly settling: number;
  readonly waitingForMoney: number;
  readonly overdue: number;
  /** The number of sets before whose verdict the partner could not be asked. */
  readonly unreachable: number;
  /** The number of broken sets by the kind of break. */
  readonly breaks: readonly { readonly kind: string; readonly sets: number }[];
  readonly worst: readonly WorstSet[];
}
