import { type Kysely, sql } from 'kysely';

/**
 * Ledger, and the tables of what is judged from it. Movements are only ever added: a wrong one is taken back by a
 * reversing one. Instruments are stored as the partner wrote them, and are resolved through aliases when they are
 * read: an alias that turns out to be wrong later must not have changed a booking.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE movements (
      position            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      partner             text NOT NULL,
      transaction_id      text NOT NULL,
      leg                 text NOT NULL,
      workflow_id         text NOT NULL,
      user_id             text NOT NULL,
      instrument          text NOT NULL,
      amount              numeric NOT NULL,
      credited_at         timestamptz NOT NULL,
      type                text NOT NULL,
      direction           text,
      asset_group         text,
      corporate_action_id text,
      is_obligation       boolean NOT NULL DEFAULT false,
      fee                 numeric,
      value_instrument    text,
      value_amount        numeric,
      delivery_id         uuid,
      recovered           boolean NOT NULL DEFAULT false,
      reverses            bigint REFERENCES movements (position),
      reason              text,
      booked_at           timestamptz NOT NULL DEFAULT now(),
      UNIQUE (partner, transaction_id, leg),
      CHECK ((reverses IS NULL) = (reason IS NULL))
    )`.execute(database);
  await sql`CREATE UNIQUE INDEX movements_reverses ON movements (reverses) WHERE reverses IS NOT NULL`.execute(
    database,
  );
  await sql`CREATE INDEX movements_user ON movements (partner, user_id)`.execute(database);
  await sql`CREATE INDEX movements_corporate_action ON movements (partner, corporate_action_id, user_id)
    WHERE corporate_action_id IS NOT NULL`.execute(database);
  await sql`
    CREATE TABLE contradictions (
      delivery_id    uuid NOT NULL,
      partner        text NOT NULL,
      transaction_id text NOT NULL,
      leg            text NOT NULL,
      found          text NOT NULL,
      at             timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (partner, transaction_id, leg, delivery_id)
    )`.execute(database);
  await sql`
    CREATE TABLE alias_evidence (
      partner            text NOT NULL,
      integer_instrument text NOT NULL,
      uuid_instrument    text NOT NULL,
      delivery_id        uuid NOT NULL,
      PRIMARY KEY (partner, integer_instrument, uuid_instrument)
    )`.execute(database);
  await sql`CREATE INDEX alias_evidence_uuid ON alias_evidence (partner, uuid_instrument)`.execute(database);
  // One-to-one, whatever came first: evidence that contradicts takes the alias away from both.
  await sql`
    CREATE VIEW aliases AS
    SELECT partner, integer_instrument, uuid_instrument FROM alias_evidence one
    WHERE NOT EXISTS (
      SELECT FROM alias_evidence other WHERE other.partner = one.partner
        AND other.integer_instrument = one.integer_instrument AND other.uuid_instrument <> one.uuid_instrument
    ) AND NOT EXISTS (
      SELECT FROM alias_evidence other WHERE other.partner = one.partner
        AND other.uuid_instrument = one.uuid_instrument AND other.integer_instrument <> one.integer_instrument
    )`.execute(database);
  await sql`
    CREATE TABLE openings (
      partner     text NOT NULL,
      user_id     text NOT NULL,
      instrument  text NOT NULL,
      amount      numeric NOT NULL,
      as_of       timestamptz NOT NULL,
      imported_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (partner, user_id, instrument, as_of)
    )`.execute(database);
  await sql`CREATE INDEX openings_instrument ON openings (partner, instrument)`.execute(database);
  await sql`
    CREATE TABLE obligations (
      position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id             uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
      movement       bigint NOT NULL UNIQUE REFERENCES movements (position),
      since          timestamptz NOT NULL,
      due_at         timestamptz NOT NULL,
      paid_at        timestamptz,
      paid_by        text,
      paid_reference text
    )`.execute(database);
  await sql`CREATE INDEX obligations_unpaid ON obligations (position) WHERE paid_at IS NULL`.execute(database);
  await sql`
    CREATE TABLE corporate_actions (
      partner         text NOT NULL,
      id              text NOT NULL,
      type            text NOT NULL,
      old_instrument  text,
      new_instruments text[] NOT NULL DEFAULT '{}',
      ratios          jsonb NOT NULL DEFAULT '[]',
      PRIMARY KEY (partner, id)
    )`.execute(database);
  await sql`
    CREATE TABLE transaction_sets (
      partner             text NOT NULL,
      corporate_action_id text NOT NULL,
      user_id             text NOT NULL,
      verdict             text CHECK (verdict IN ('complete', 'new-share-too-small', 'old-share-sold', 'unverified', 'break')),
      breaks              jsonb NOT NULL DEFAULT '[]',
      before              numeric,
      expected_new        jsonb NOT NULL DEFAULT '{}',
      judged_through      bigint NOT NULL DEFAULT 0,
      judged_at           timestamptz,
      unreachable         boolean NOT NULL DEFAULT false,
      resolution          jsonb,
      version             integer NOT NULL DEFAULT 0,
      told_version        integer NOT NULL DEFAULT 0,
      PRIMARY KEY (partner, corporate_action_id, user_id)
    )`.execute(database);
  await sql`CREATE INDEX transaction_sets_untold ON transaction_sets (partner, corporate_action_id, user_id)
    WHERE told_version < version`.execute(database);
  await sql`CREATE INDEX transaction_sets_breaks ON transaction_sets (partner, corporate_action_id, user_id)
    WHERE verdict = 'break'`.execute(database);
  await sql`
    CREATE TABLE movements_awaited (
      partner        text NOT NULL,
      transaction_id text NOT NULL,
      delivery_id    uuid NOT NULL,
      PRIMARY KEY (partner, transaction_id, delivery_id)
    )`.execute(database);
  // Parked because there was no ledger yet: dispatch books them now.
  await sql`
    UPDATE deliveries SET status = 'pending', problem = NULL, refusals = 0, next_attempt_at = now(), settled_at = NULL
    WHERE status = 'parked' AND problem->>'found' = 'not booked yet'`.execute(database);
}
