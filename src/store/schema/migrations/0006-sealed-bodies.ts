import { type Kysely, sql } from 'kysely';

/**
 * Name of the key that encrypted a body (null: it is in clear), and the public keys that webhooks were verified with.
 * The index finds the bodies that retention may remove; an append costs nothing more, because pending deliveries are
 * not in it.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE deliveries ADD COLUMN body_key text`.execute(database);
  await sql`
    CREATE INDEX deliveries_removable_bodies ON deliveries (partner, received_at)
    WHERE body IS NOT NULL AND status IN ('duplicate', 'delivered')`.execute(database);
  await sql`
    CREATE TABLE trusted_keys (
      partner     text NOT NULL,
      fingerprint text NOT NULL,
      key_id      text NOT NULL,
      public_key  jsonb NOT NULL,
      since       timestamptz NOT NULL DEFAULT now(),
      until       timestamptz,
      PRIMARY KEY (partner, fingerprint, key_id)
    )`.execute(database);
}
