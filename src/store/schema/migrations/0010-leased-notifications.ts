import { type Kysely, sql } from 'kysely';

/**
 * Lease of a set whose flow is being notified, and the wait after a failure, so that of several notifiers each takes
 * other sets. A process of the release before notifies without one; a flow folds a version of its set once.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE transaction_sets ADD COLUMN notify_token uuid, ADD COLUMN notify_after timestamptz,
      ADD COLUMN notify_failures integer NOT NULL DEFAULT 0`.execute(database);
}
