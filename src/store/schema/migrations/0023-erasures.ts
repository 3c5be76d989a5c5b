import { type Kysely, sql } from 'kysely';

/**
 * Deliveries whose body and headers were erased with a person. A table of its own: few deliveries are, and the rows of
 * facts stay as processes of the release before know them.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE erased_deliveries (
      id        uuid PRIMARY KEY,
      erased_at timestamptz NOT NULL DEFAULT now()
    )`.execute(database);
}
