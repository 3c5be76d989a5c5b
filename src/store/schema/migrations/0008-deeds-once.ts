import { type Kysely, sql } from 'kysely';

/**
 * Id of the request behind an operator action. The API and the flow both record an action when all goes well; the id
 * makes them one row.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE operator_actions ADD COLUMN request_id text`.execute(database);
  await sql`CREATE UNIQUE INDEX operator_actions_once ON operator_actions (target, request_id) WHERE request_id IS NOT NULL`.execute(
    database,
  );
  await sql`CREATE INDEX operator_actions_by ON operator_actions (by, position)`.execute(database);
}
