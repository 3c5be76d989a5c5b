import { type Kysely, sql } from 'kysely';

/** What operators did, and who: asked of a flow, of a delivery, of money to be passed on. Rows are never removed. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE operator_actions (
      position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at       timestamptz NOT NULL DEFAULT now(),
      by       text NOT NULL,
      action   text NOT NULL,
      target   text NOT NULL,
      reason   text,
      details  jsonb NOT NULL DEFAULT '{}'
    )`.execute(database);
  await sql`CREATE INDEX operator_actions_target ON operator_actions (target, position)`.execute(database);
}
