import { type Kysely, sql } from 'kysely';

/**
 * Time at which an operator let in a delivery whose signature was too old, or wrong and only observed. What verification
 * said of it stays as it is. A process of an earlier release does not know the column, and parks such a delivery again.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE deliveries ADD COLUMN accepted_at timestamptz`.execute(database);
}
