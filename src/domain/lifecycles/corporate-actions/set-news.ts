import type { Break, Verdict } from './corporate-action';

/** Answer of an operator to a set that could not be verified or is broken. */
export interface Resolution {
  /** The name of the operator's token. */
  readonly by: string;
  readonly reason: string;
  readonly result: 'done' | 'failed';
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Result of asking the partner for movements that never came. */
export type PartnerAsked = 'not asked' | 'reached' | 'unreachable';

/** One movement as an operator sees it in a set. */
export interface ShownMovement {
  readonly leg: string;
  readonly instrument: string;
  readonly amount: string;
  readonly creditedAt: string;
}

/** Snapshot of one set in the ledger, as its flow receives it; the one with the highest version is the newest. */
export interface SetSnapshot {
  readonly version: number;
  /** Null while it has not been judged since its last movement. */
  readonly verdict: Verdict | null;
  readonly breaks: readonly Break[];
  readonly resolved: boolean;
  /** Due time of the earliest unpaid obligation, ISO 8601 UTC; null where there is none. */
  readonly obligationDueAt: string | null;
  readonly movements: readonly ShownMovement[];
}
