import { type Kysely, sql } from 'kysely';

/** Name of whoever reversed a movement: the reason alone does not show whom to ask. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE movements ADD COLUMN reversed_by text`.execute(database);
  await sql`ALTER TABLE movements ADD CONSTRAINT movements_reversed_by CHECK (reversed_by IS NULL OR reverses IS NOT NULL)`.execute(
    database,
  );
}
