import { type Kysely, sql } from 'kysely';

/** Trace under which a delivery was received, so that dispatch continues it in any process and after any outage. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE deliveries ADD COLUMN traceparent text`.execute(database);
}
