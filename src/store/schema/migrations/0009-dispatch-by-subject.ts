import { type Kysely, sql } from 'kysely';

/**
 * Columns and indexes of a dispatch in which a failure belongs to one delivery: since when it fails, since when it is
 * alerted as stuck, the pending of each partner in the order in which they are due, and the pending of each subject.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE deliveries ADD COLUMN failing_since timestamptz, ADD COLUMN stuck_since timestamptz`.execute(database);
  await sql`
    CREATE INDEX deliveries_due ON deliveries (partner, next_attempt_at, position) WHERE status = 'pending'`.execute(
    database,
  );
  // In the order of bytes: all subjects of one corporate action are then a range of the index, whatever the collation.
  await sql`
    CREATE INDEX deliveries_waiting ON deliveries (workflow_id COLLATE "C", position)
    WHERE status = 'pending' AND workflow_id IS NOT NULL`.execute(database);
  await sql`
    CREATE INDEX deliveries_undecoded ON deliveries (partner, received_at)
    WHERE status = 'pending' AND workflow_id IS NULL`.execute(database);
  await sql`
    CREATE INDEX deliveries_without_key ON deliveries (body_key, position)
    WHERE status = 'parked' AND problem->>'path' = 'body-key'`.execute(database);
}
