import { type Kysely, sql } from 'kysely';

/**
 * Holdings that are known: our own trades, our word how far what we told is complete, and the kind that an operator gave
 * an event that states none. Processes of 0.2.0 know none of it: a verdict of theirs leaves `needs_word` false.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE own_trades (
      reference  text PRIMARY KEY,
      partner    text NOT NULL,
      user_id    text NOT NULL,
      instrument text NOT NULL,
      amount     numeric NOT NULL,
      traded_at  timestamptz NOT NULL,
      told_by    text NOT NULL,
      told_at    timestamptz NOT NULL DEFAULT now()
    )`.execute(database);
  await sql`CREATE INDEX own_trades_user ON own_trades (partner, user_id, instrument)`.execute(database);
  await sql`
    CREATE TABLE holdings_complete (
      partner text PRIMARY KEY,
      through timestamptz NOT NULL,
      told_by text NOT NULL,
      told_at timestamptz NOT NULL DEFAULT now()
    )`.execute(database);
  await sql`
    CREATE TABLE kinds_given (
      partner        text NOT NULL,
      transaction_id text NOT NULL,
      kind           text NOT NULL CHECK (kind IN ('asset', 'fiat')),
      given_by       text NOT NULL,
      given_at       timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (partner, transaction_id)
    )`.execute(database);
  await sql`CREATE INDEX movements_awaited_delivery ON movements_awaited (delivery_id)`.execute(database);
  await sql`ALTER TABLE transaction_sets ADD COLUMN needs_word boolean NOT NULL DEFAULT false`.execute(database);
}
