import { type Kysely, sql } from 'kysely';

/**
 * Details that partners give of a subject beside its state, and the answer of its last read. A table of its own: the rows
 * of flows stay as processes of the release before write them, and an answer may be large. Amounts and facts are objects
 * by their key, so that newer ones are put over older ones without reading the row.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE subject_details (
      workflow_id text PRIMARY KEY,
      partner text NOT NULL,
      told_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      user_id text,
      reference bytea,
      reference_key text,
      reference_hash bytea,
      reason text,
      changed_at text,
      side text,
      sandbox text,
      amounts jsonb NOT NULL DEFAULT '{}',
      facts jsonb NOT NULL DEFAULT '{}',
      object bytea,
      object_key text,
      object_asked_at timestamptz,
      object_read_at timestamptz
    )`.execute(database);
  await sql`
    CREATE INDEX subject_details_user ON subject_details (user_id text_pattern_ops)
    WHERE user_id IS NOT NULL`.execute(database);
  await sql`
    CREATE INDEX subject_details_reference ON subject_details (reference_hash)
    WHERE reference_hash IS NOT NULL`.execute(database);
  await sql`
    CREATE INDEX subject_details_sealed ON subject_details (partner, created_at)
    WHERE reference IS NOT NULL OR object IS NOT NULL`.execute(database);
}
