import { type Kysely, sql } from 'kysely';

/**
 * What an operator asked of a flow is kept by whoever hears of it first, the API or the flow itself, and by both when
 * all goes well: the request's id makes it one.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE operator_actions ADD COLUMN request_id text`.execute(database);
  await sql`CREATE UNIQUE INDEX operator_actions_once ON operator_actions (target, request_id) WHERE request_id IS NOT NULL`.execute(
    database,
  );
  await sql`CREATE INDEX operator_actions_by ON operator_actions (by, position)`.execute(database);
}
