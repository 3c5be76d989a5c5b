import { type Kysely, sql } from 'kysely';

/**
 * Messages for the operator's own system, written in the transaction of their cause. `outbox_targets` holds the time
 * until which a target's messages are wanted. A receiver that is configured to send them renews it again and again;
 * without one nothing is written that nobody would ever fetch.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE outbox (
      position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id              text NOT NULL UNIQUE,
      target          text NOT NULL CHECK (target IN ('outcomes', 'alerts')),
      subject         text NOT NULL,
      type            text NOT NULL,
      body            text NOT NULL,
      state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead')),
      attempts        integer NOT NULL DEFAULT 0,
      created_at      timestamptz NOT NULL DEFAULT now(),
      next_attempt_at timestamptz NOT NULL DEFAULT now(),
      lease_token     uuid,
      lease_until     timestamptz,
      ended_at        timestamptz,
      last_failure    text
    )`.execute(database);
  await sql`CREATE INDEX outbox_due ON outbox (target, next_attempt_at, position) WHERE state = 'waiting'`.execute(
    database,
  );
  await sql`CREATE INDEX outbox_order ON outbox (target, subject, position) WHERE state = 'waiting'`.execute(database);
  await sql`CREATE INDEX outbox_sent ON outbox (ended_at) WHERE state = 'sent'`.execute(database);
  await sql`CREATE INDEX outbox_listing ON outbox (state, position)`.execute(database);
  await sql`
    CREATE TABLE outbox_targets (
      target       text PRIMARY KEY CHECK (target IN ('outcomes', 'alerts')),
      wanted_until timestamptz NOT NULL
    )`.execute(database);
}
