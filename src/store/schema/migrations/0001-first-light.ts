import { type Kysely, sql } from 'kysely';

/**
 * First tables: received deliveries, their subjects, rejected requests, and alerts.
 * Counters lie beside the rows and are incremented by the transaction that appends them, so that `received` can be
 * compared with the rows: a lost row shows as an imbalance instead of vanishing.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE deliveries (
      position               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id                     uuid NOT NULL UNIQUE,
      partner                text NOT NULL,
      route                  text NOT NULL,
      received_at            timestamptz NOT NULL,
      source                 text NOT NULL CHECK (source IN ('webhook', 'sweep')),
      headers                jsonb NOT NULL,
      body                   bytea,
      body_sha256            bytea NOT NULL,
      body_bytes             integer NOT NULL,
      verdict                text NOT NULL,
      credential_fingerprint text,
      status                 text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'duplicate', 'parked', 'delivered')),
      outcome                text CHECK (outcome IN ('applied', 'repeated', 'late', 'illegal', 'abandoned')),
      event                  text,
      workflow_id            text,
      run_id                 text,
      problem                jsonb,
      attempts               integer NOT NULL DEFAULT 0,
      refusals               integer NOT NULL DEFAULT 0,
      next_attempt_at        timestamptz NOT NULL DEFAULT now(),
      lease_token            uuid,
      lease_until            timestamptz,
      outcome_at             timestamptz,
      settled_at             timestamptz,
      CHECK (outcome IS NULL OR status = 'delivered')
    )`.execute(database);
  await sql`CREATE INDEX deliveries_pending ON deliveries (position) WHERE status = 'pending'`.execute(database);
  await sql`CREATE INDEX deliveries_parked ON deliveries (position) WHERE status = 'parked'`.execute(database);
  await sql`CREATE INDEX deliveries_open ON deliveries (position) WHERE status = 'delivered' AND outcome IS NULL`.execute(
    database,
  );
  // Partial: an append knows no workflow yet, and would pay for an entry that nobody looks up.
  await sql`CREATE INDEX deliveries_workflow ON deliveries (workflow_id, position) WHERE workflow_id IS NOT NULL`.execute(
    database,
  );
  await sql`
    CREATE TABLE event_keys (
      partner     text NOT NULL,
      event_key   text NOT NULL,
      meaning     text NOT NULL,
      delivery_id uuid NOT NULL,
      position    bigint GENERATED ALWAYS AS IDENTITY,
      PRIMARY KEY (partner, event_key, meaning)
    )`.execute(database);
  await sql`
    CREATE TABLE subjects (
      workflow_id text PRIMARY KEY,
      position    bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      lifecycle   text NOT NULL,
      partner     text NOT NULL,
      object      text NOT NULL,
      object_id   text NOT NULL,
      state       text,
      waiting_for text[] NOT NULL DEFAULT '{}',
      since       timestamptz,
      due_at      timestamptz,
      overdue     boolean NOT NULL DEFAULT false,
      finding     text CHECK (finding IN ('missed', 'slow', 'unreachable', 'absent', 'contradiction')),
      open        boolean NOT NULL,
      closed_for_good boolean NOT NULL DEFAULT false,
      version     integer NOT NULL DEFAULT 0,
      write_id    text,
      subject     jsonb,
      last_reading jsonb,
      as_of       timestamptz NOT NULL
    )`.execute(database);
  await sql`CREATE INDEX subjects_open ON subjects (position) WHERE open`.execute(database);
  await sql`CREATE INDEX subjects_overdue ON subjects (due_at) WHERE open AND overdue`.execute(database);
  await sql`
    CREATE TABLE counters (
      name    text NOT NULL,
      partner text NOT NULL,
      slot    smallint NOT NULL,
      value   bigint NOT NULL,
      PRIMARY KEY (name, partner, slot)
    )`.execute(database);
  await sql`
    CREATE TABLE rejections (
      position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at          timestamptz NOT NULL,
      partner     text NOT NULL,
      route       text NOT NULL,
      reason      text NOT NULL,
      body_sha256 bytea NOT NULL,
      body_bytes  integer NOT NULL,
      raw         jsonb
    )`.execute(database);
  await sql`
    CREATE TABLE alerts (
      id           uuid PRIMARY KEY,
      partner      text NOT NULL,
      finding      text NOT NULL,
      window_start timestamptz NOT NULL,
      window_end   timestamptz NOT NULL,
      count        integer NOT NULL,
      examples     text[] NOT NULL,
      attempts     integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz NOT NULL,
      lease_until  timestamptz,
      sent_at      timestamptz,
      UNIQUE (partner, finding, window_start)
    )`.execute(database);
  await sql`CREATE INDEX alerts_unsent ON alerts (next_attempt_at) WHERE sent_at IS NULL`.execute(database);
}
