import { type Kysely, sql } from 'kysely';

/** Under which trace a delivery was received, so that dispatch goes on with it in any process and after any outage. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE deliveries ADD COLUMN traceparent text`.execute(database);
}
