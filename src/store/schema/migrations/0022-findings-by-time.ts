import { type Kysely, sql } from 'kysely';

/**
 * Findings of subjects by the time at which they were made, so that a window of time can be asked for them. A trigger takes
 * them over with the row of their subject, whichever release writes it; those of before are in their subjects alone.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE subject_findings (
      partner     text NOT NULL,
      at          timestamptz NOT NULL,
      workflow_id text NOT NULL,
      finding     text NOT NULL,
      state       text,
      found       text,
      PRIMARY KEY (partner, at, workflow_id, finding)
    )`.execute(database);
  // A finding that is made again has the time of the last one; what the row held before is there already.
  await sql`
    CREATE FUNCTION keep_findings() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO subject_findings (partner, at, workflow_id, finding, state, found)
      SELECT NEW.partner, coalesce(made ->> 'latestAt', made ->> 'at')::timestamptz, NEW.workflow_id, made ->> 'finding',
        made ->> 'state', made ->> 'found'
      FROM jsonb_array_elements(NEW.subject -> 'findings') AS made
      WHERE TG_OP = 'INSERT' OR OLD.subject IS NULL OR NOT OLD.subject -> 'findings' @> jsonb_build_array(made)
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE TRIGGER subjects_inserted_with_findings AFTER INSERT ON subjects FOR EACH ROW
    WHEN (jsonb_typeof(NEW.subject -> 'findings') = 'array' AND NEW.subject -> 'findings' <> '[]')
    EXECUTE FUNCTION keep_findings()`.execute(database);
  await sql`
    CREATE TRIGGER subjects_updated_with_findings AFTER UPDATE OF subject ON subjects FOR EACH ROW
    WHEN (jsonb_typeof(NEW.subject -> 'findings') = 'array' AND NEW.subject -> 'findings' <> '[]'
      AND (OLD.subject IS NULL OR OLD.subject -> 'findings' IS DISTINCT FROM NEW.subject -> 'findings'))
    EXECUTE FUNCTION keep_findings()`.execute(database);
}
