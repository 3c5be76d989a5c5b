import { type Kysely, sql } from 'kysely';

/**
 * Queue and bodies apart from the rows of facts, made in an instant beside the release before: the rows keep its columns,
 * and triggers keep the queue true whoever writes. What it has kept is taken over afterwards, in pages.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await createQueue(database);
  await createBodies(database);
  await createTriggers(database);
  await honourLeasesBefore(database);
  // Made by builds between two releases; the queue has indexes of its own.
  await sql`DROP INDEX IF EXISTS deliveries_due, deliveries_waiting, deliveries_undecoded`.execute(database);
}

/**
 * Queue of what is pending, with all that changes while it waits: a row of facts is written when its delivery comes and
 * when it is decided on. It is small and its rows live for an instant, so it is vacuumed by their number.
 */
async function createQueue(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE delivery_queue (
      position        bigint PRIMARY KEY,
      partner         text NOT NULL,
      received_at     timestamptz NOT NULL,
      next_attempt_at timestamptz NOT NULL,
      lease_token     uuid,
      lease_until     timestamptz,
      attempts        integer NOT NULL,
      refusals        integer NOT NULL,
      failing_since   timestamptz,
      stuck_since     timestamptz,
      event           text,
      workflow_id     text,
      problem         jsonb
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
            autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
            autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000)`.execute(database);
  await sql`CREATE INDEX delivery_queue_due ON delivery_queue (partner, next_attempt_at, position)`.execute(database);
  // In the order of bytes: all subjects of one corporate action are then a range of the index, whatever the collation.
  await sql`
    CREATE INDEX delivery_queue_subject ON delivery_queue (workflow_id COLLATE "C", position)
    WHERE workflow_id IS NOT NULL`.execute(database);
  await sql`
    CREATE INDEX delivery_queue_undecoded ON delivery_queue (partner, received_at) WHERE workflow_id IS NULL`.execute(
    database,
  );
}

/** Bodies, written once. One index serves both who looks a body up and what removes them by partner and term. */
async function createBodies(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE delivery_bodies (
      partner     text NOT NULL,
      received_at timestamptz NOT NULL,
      id          uuid NOT NULL,
      body        bytea NOT NULL,
      body_key    text,
      PRIMARY KEY (partner, received_at, id)
    )`.execute(database);
  // The body of a delivery that was kept by the release before may still lie in its row.
  await sql`
    CREATE VIEW kept_deliveries AS
    SELECT d.position, d.id, d.partner, d.route, d.received_at, d.source, d.headers, coalesce(b.body, d.body) AS body,
           CASE WHEN b.id IS NOT NULL THEN b.body_key WHEN d.body IS NOT NULL THEN d.body_key END AS body_key, d.body_sha256, d.body_bytes, d.verdict, d.credential_fingerprint, d.traceparent, d.status, d.outcome,
           coalesce(q.event, d.event) AS event, coalesce(q.workflow_id, d.workflow_id) AS workflow_id, d.run_id,
           coalesce(q.problem, d.problem) AS problem, coalesce(q.attempts, d.attempts) AS attempts,
           coalesce(q.refusals, d.refusals) AS refusals, d.outcome_at, d.settled_at
    FROM deliveries d
    LEFT JOIN delivery_queue q ON q.position = d.position
    LEFT JOIN delivery_bodies b ON b.partner = d.partner AND b.received_at = d.received_at AND b.id = d.id`.execute(
    database,
  );
}

/**
 * Triggers that hold one thing: a delivery is in the queue exactly while it is pending. Nothing that is pending can
 * then be left out of dispatch, whichever release, command or hand has written it.
 */
async function createTriggers(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION queue_inserted_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO delivery_queue (position, partner, received_at, next_attempt_at, attempts, refusals, event, workflow_id)
      SELECT position, partner, received_at, now(), attempts, refusals, event, workflow_id
      FROM inserted WHERE status = 'pending';
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE FUNCTION queue_updated_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.status = 'pending' THEN
        INSERT INTO delivery_queue (position, partner, received_at, next_attempt_at, attempts, refusals, event, workflow_id)
        VALUES (NEW.position, NEW.partner, NEW.received_at, now(), NEW.attempts, NEW.refusals, NEW.event, NEW.workflow_id)
        ON CONFLICT (position) DO NOTHING;
      ELSE
        DELETE FROM delivery_queue WHERE position = NEW.position;
      END IF;
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_inserted AFTER INSERT ON deliveries REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION queue_inserted_deliveries()`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_updated AFTER UPDATE ON deliveries
    FOR EACH ROW WHEN ((OLD.status = 'pending') <> (NEW.status = 'pending'))
    EXECUTE FUNCTION queue_updated_delivery()`.execute(database);
}

/**
 * Trigger through which a dispatcher of the release before, and it alone, still leases in the rows of facts. It is
 * given a delivery only where the queue has it due, and keeps its lease there: both releases honour one lease. The body
 * lies in the row while it is leased, because that release looks for it there. It passes over what is locked in the queue, as it
 * passes over locked rows, so that no two wait for each other.
 */
async function honourLeasesBefore(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION lease_in_queue() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE queued delivery_queue;
    BEGIN
      IF NEW.status = 'pending' AND NEW.lease_token IS NOT NULL THEN
        SELECT * INTO queued FROM delivery_queue WHERE position = NEW.position FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
          IF queued.next_attempt_at > now() OR queued.lease_until >= now() THEN RETURN NULL; END IF;
          UPDATE delivery_queue SET lease_token = NEW.lease_token, lease_until = NEW.lease_until,
            next_attempt_at = NEW.lease_until, attempts = queued.attempts + 1 WHERE position = NEW.position;
          NEW.attempts := queued.attempts + 1;
          NEW.refusals := queued.refusals;
        ELSE
          -- Locked, or not taken over yet.
          IF EXISTS (SELECT FROM delivery_queue WHERE position = NEW.position) THEN RETURN NULL; END IF;
          INSERT INTO delivery_queue (position, partner, received_at, next_attempt_at, lease_token, lease_until, attempts, refusals)
          VALUES (NEW.position, NEW.partner, NEW.received_at, NEW.lease_until, NEW.lease_token, NEW.lease_until,
                  NEW.attempts, NEW.refusals) ON CONFLICT (position) DO NOTHING;
          IF NOT FOUND THEN RETURN NULL; END IF;
        END IF;
        IF NEW.body IS NULL THEN
          SELECT b.body, b.body_key INTO NEW.body, NEW.body_key FROM delivery_bodies b
          WHERE b.partner = NEW.partner AND b.received_at = NEW.received_at AND b.id = NEW.id;
        END IF;
        RETURN NEW;
      END IF;
      -- A dispatcher whose lease went to another one does not decide any more; a flow that was faster does.
      IF OLD.status = 'pending' AND NEW.settled_at IS DISTINCT FROM OLD.settled_at AND NOT EXISTS (
        SELECT FROM delivery_queue WHERE position = NEW.position AND lease_token = OLD.lease_token
      ) THEN RETURN NULL; END IF;
      IF NEW.status = 'pending' THEN
        UPDATE delivery_queue SET lease_token = NULL, lease_until = NULL, next_attempt_at = NEW.next_attempt_at,
          refusals = refusals + NEW.refusals - OLD.refusals
        WHERE position = NEW.position AND lease_token = OLD.lease_token;
      END IF;
      IF EXISTS (SELECT FROM delivery_bodies b
                 WHERE b.partner = NEW.partner AND b.received_at = NEW.received_at AND b.id = NEW.id) THEN
        NEW.body := NULL;
      END IF;
      RETURN NEW;
    END $$`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_leased BEFORE UPDATE ON deliveries
    FOR EACH ROW WHEN (OLD.lease_token IS DISTINCT FROM NEW.lease_token) EXECUTE FUNCTION lease_in_queue()`.execute(
    database,
  );
}
