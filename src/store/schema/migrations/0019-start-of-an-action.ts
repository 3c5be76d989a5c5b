import { type Kysely, sql } from 'kysely';

/**
 * Moment at which a corporate action began for its holders, which one of them alone does not move. Null until it is
 * judged by a process that knows the column: until then its earliest movement tells.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE corporate_actions ADD COLUMN started_at timestamptz`.execute(database);
}
