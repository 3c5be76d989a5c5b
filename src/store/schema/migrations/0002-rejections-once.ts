import { type Kysely, sql } from 'kysely';

/** Id of a rejection, so that a batch whose commit was not confirmed can be repeated without counting it twice. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE rejections ADD COLUMN id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid()`.execute(database);
}
