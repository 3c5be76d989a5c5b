import type { Break, Unknown, Verdict } from './corporate-action';

/** The way in which an operator dealt with a set that could not be verified or is broken. */
export interface Resolution {
  /** The name of the operator's token. */
  readonly by: string;
  readonly reason: string;
  readonly result: 'done' | 'failed';
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** The answer to whether the partner was asked for movements that never came, and could be. */
export type PartnerAsked = 'not asked' | 'reached' | 'unreachable';

/** One movement as an operator sees it in a set. */
export interface ShownMovement {
  readonly leg: string;
  readonly instrument: string;
  readonly amount: string;
  readonly creditedAt: string;
}

/** A snapshot of what the ledger says of one set, as its flow gets it; the one with the highest version is the newest. */
export interface SetSnapshot {
  readonly version: number;
  /** Null while it has not been judged since its last movement. */
  readonly verdict: Verdict | null;
  readonly breaks: readonly Break[];
  /** The things that are not known, where the verdict is `unverified`; absent in snapshots of 0.2.0. */
  readonly unknown?: readonly Unknown[];
  readonly resolved: boolean;
  /** Due time of the earliest unpaid obligation, ISO 8601 UTC; null where there is none. */
  readonly obligationDueAt: string | null;
  readonly movements: readonly ShownMovement[];
}
