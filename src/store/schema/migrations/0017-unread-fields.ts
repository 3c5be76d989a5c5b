import { type Kysely, sql } from 'kysely';

/**
 * Fields of a delivery that decide nothing and could not be read. A table of its own: few deliveries have any, and the
 * rows of facts stay as processes of the release before know them.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE unread_fields (position bigint PRIMARY KEY, fields jsonb NOT NULL)`.execute(database);
}
