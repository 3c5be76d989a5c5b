/** Kinds of faults, each with the sentence that a report says of it. */
export const FAULTS = {
  'kill-receiver': 'kill -9 of a receiver',
  'stop-receiver': 'a receiver is stopped in good order',
  'kill-dispatcher': 'kill -9 of a dispatcher',
  'kill-worker': 'kill -9 of a worker',
  'stop-worker': 'a worker is stopped in good order',
  'kill-database': 'kill -9 of PostgreSQL',
  'hang-database': 'PostgreSQL stands still, its connections stay open',
  'read-only-database': 'PostgreSQL takes no writes',
  'slow-database': 'everything between our processes and PostgreSQL is slow',
  'cut-database': 'every connection to PostgreSQL is cut',
  'lost-database-answers': 'PostgreSQL does the work, and its answers are lost',
  'kill-temporal': 'kill -9 of Temporal',
  'slow-temporal': 'everything between our processes and Temporal is slow',
  'cut-temporal': 'every connection to Temporal is cut',
  'lost-temporal-answers': 'Temporal does the work, and its answers are lost',
  'slow-partners': 'partners answer reads slowly',
  'cut-partners': 'partners cannot be reached for reads',
  'consumer-refuses': 'the bank refuses messages',
  'consumer-hangs': 'the bank takes messages and does not answer',
  'operator-acts': 'operators ask for reads of flows that are open',
} as const;

/** Kind of a fault. */
export type FaultKind = keyof typeof FAULTS;

/** True for the name of a kind of faults. */
export function isFaultKind(name: string): name is FaultKind {
  return name in FAULTS;
}

/** All kinds of faults. */
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(FAULTS).filter(isFaultKind);
