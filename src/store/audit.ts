import type { Kysely, Transaction } from 'kysely';

import type { Tables } from './tables';

/** Something an operator did. */
export interface OperatorDeed {
  /** The name of the token, or of the system's user where the command line was used. */
  readonly by: string;
  readonly action: string;
  /** The workflow id, delivery id or obligation id it was done to. */
  readonly target: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, string | number>>;
}

/** As it is shown; times are ISO 8601 UTC. */
export interface ShownDeed extends Omit<OperatorDeed, 'target'> {
  readonly at: string;
}

/** Keeps what an operator did. */
export async function noteDeed(
  database: Kysely<Tables> | Transaction<Tables>,
  { by, action, target, reason, details }: OperatorDeed,
): Promise<void> {
  await database
    .insertInto('operator_actions')
    .values({ by, action, target, reason, details: JSON.stringify(details) })
    .execute();
}

const MOST_SHOWN = 200;

/** What was done to one target, oldest first. */
export async function deedsOf(database: Kysely<Tables>, target: string): Promise<readonly ShownDeed[]> {
  const rows = await database
    .selectFrom('operator_actions')
    .select(['at', 'by', 'action', 'reason', 'details'])
    .where('target', '=', target)
    .orderBy('position', 'desc')
    .limit(MOST_SHOWN)
    .execute();
  return rows.reverse().map(({ at, ...rest }) => ({ at: at.toISOString(), ...rest }));
}
