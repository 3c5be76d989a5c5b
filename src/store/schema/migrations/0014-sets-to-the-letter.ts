import { type Kysely, sql } from 'kysely';

/**
 * Sets judged to the letter: what an unverified one lacks, the events whose money is held, and the part of an obligation
 * that was taken back. Where `held_events` is null a process of 0.2.0 gave the verdict: then all money of a broken set is
 * held. What earlier builds counted was counted by other rules, so it is counted anew.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE transaction_sets
      ADD COLUMN unverified jsonb NOT NULL DEFAULT '[]',
      ADD COLUMN held_events text[]`.execute(database);
  await sql`
    ALTER TABLE obligations
      ADD COLUMN lessened numeric NOT NULL DEFAULT 0,
      ADD COLUMN paid_amount numeric`.execute(database);
  await sql`
    UPDATE corporate_actions SET counts = NULL, concluded_from = NULL, ground = ground + 1
    WHERE counts IS NOT NULL`.execute(database);
  await sql`
    UPDATE transaction_sets SET counted = NULL, counted_version = -1, counted_ground = -1
    WHERE counted IS NOT NULL`.execute(database);
}
