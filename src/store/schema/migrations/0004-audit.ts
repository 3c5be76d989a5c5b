import { type Kysely, sql } from 'kysely';

/** Table of operator actions on flows, deliveries and obligations. Rows are never removed. */
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
