import { type Kysely, sql } from 'kysely';

/**
 * Counts that are maintained in the transactions that change what they count, so that reading them costs the same
 * however much was ever kept. A change is appended and waits for nobody; housekeeping folds changes into `counts`.
 * Deliveries that are done (duplicate, or with an outcome) are counted by a trigger, also where an old process or a
 * person at the database changes them; those that are not done are counted from their rows.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await createCounts(database);
  await createTriggers(database);
  await createMassWork(database);
  await createAlertCauses(database);
  // Kept since before this migration: the term of an older key begins now.
  await sql`ALTER TABLE event_keys ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now()`.execute(database);
}

async function createCounts(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE counts (
      name    text NOT NULL,
      partner text NOT NULL,
      day     date NOT NULL DEFAULT '-infinity',
      kind    text NOT NULL DEFAULT '',
      value   bigint NOT NULL,
      final   boolean NOT NULL DEFAULT false,
      PRIMARY KEY (name, partner, day, kind)
    )`.execute(database);
  await sql`CREATE INDEX counts_live ON counts (name) WHERE NOT final`.execute(database);
  // No key and no index: two that count the same at the same moment do not meet.
  await sql`
    CREATE TABLE count_changes (
      name    text NOT NULL,
      partner text NOT NULL,
      day     date NOT NULL DEFAULT '-infinity',
      kind    text NOT NULL DEFAULT '',
      value   bigint NOT NULL
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`.execute(database);
  await sql`CREATE TABLE counted_days (day date PRIMARY KEY, counted_at timestamptz NOT NULL DEFAULT now())`.execute(
    database,
  );
  await sql`CREATE TABLE uncounted_days (since date NOT NULL, until date NOT NULL)`.execute(database);
  // A function, so that nothing is planned for deliveries once all days are counted. It sees the caller's snapshot.
  await sql`
    CREATE FUNCTION uncounted_deliveries() RETURNS TABLE (partner text, source text, kind text, value bigint)
    LANGUAGE plpgsql STABLE AS $$
    DECLARE days record;
    BEGIN
      SELECT * INTO days FROM uncounted_days;
      IF NOT FOUND THEN RETURN; END IF;
      RETURN QUERY
        SELECT d.partner, d.source, coalesce(d.outcome, d.status), count(*) FROM deliveries d
        WHERE d.received_at >= days.since::timestamp AT TIME ZONE 'UTC'
          AND d.received_at < days.until::timestamp AT TIME ZONE 'UTC'
          AND (d.status = 'duplicate' OR d.outcome IS NOT NULL)
        GROUP BY d.partner, d.source, coalesce(d.outcome, d.status);
    END $$`.execute(database);
}

/**
 * Triggers that count deliveries as they are done, and alerts as they are raised. Their conditions are those of a few
 * changes: an append, a claim or a signal pays nothing. Rows of before are counted later, in pages of a day;
 * `uncounted_days` holds the days of which that is still to be done.
 */
async function createTriggers(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION count_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP <> 'INSERT' AND (OLD.status = 'duplicate' OR OLD.outcome IS NOT NULL) THEN
        INSERT INTO count_changes (name, partner, day, kind, value)
        VALUES (OLD.source, OLD.partner, (OLD.received_at AT TIME ZONE 'UTC')::date, coalesce(OLD.outcome, OLD.status), -1);
      END IF;
      IF TG_OP <> 'DELETE' AND (NEW.status = 'duplicate' OR NEW.outcome IS NOT NULL) THEN
        INSERT INTO count_changes (name, partner, day, kind, value)
        VALUES (NEW.source, NEW.partner, (NEW.received_at AT TIME ZONE 'UTC')::date, coalesce(NEW.outcome, NEW.status), 1);
      END IF;
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE FUNCTION count_no_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO count_changes (name, partner, day, kind, value)
      SELECT name, partner, day, kind, -sum(value) FROM (
        SELECT name, partner, day, kind, value FROM counts UNION ALL SELECT name, partner, day, kind, value FROM count_changes
      ) AS known
      WHERE name IN ('webhook', 'sweep') AND day > '-infinity' GROUP BY name, partner, day, kind;
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_done_inserted AFTER INSERT ON deliveries FOR EACH ROW
    WHEN (NEW.status = 'duplicate' OR NEW.outcome IS NOT NULL) EXECUTE FUNCTION count_delivery()`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_done_updated AFTER UPDATE ON deliveries FOR EACH ROW
    WHEN ((OLD.status = 'duplicate' OR OLD.outcome IS NOT NULL OR NEW.status = 'duplicate' OR NEW.outcome IS NOT NULL)
      AND (OLD.status, OLD.outcome, OLD.partner, OLD.source, OLD.received_at)
        IS DISTINCT FROM (NEW.status, NEW.outcome, NEW.partner, NEW.source, NEW.received_at))
    EXECUTE FUNCTION count_delivery()`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_done_deleted AFTER DELETE ON deliveries FOR EACH ROW
    WHEN (OLD.status = 'duplicate' OR OLD.outcome IS NOT NULL) EXECUTE FUNCTION count_delivery()`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_truncated AFTER TRUNCATE ON deliveries FOR EACH STATEMENT
    EXECUTE FUNCTION count_no_deliveries()`.execute(database);
  await sql`
    INSERT INTO uncounted_days SELECT '-infinity', (now() AT TIME ZONE 'UTC')::date + 2 FROM deliveries LIMIT 1`.execute(
    database,
  );
}

/**
 * Work on very many things, by any number of processes at once: each takes a few items at a time by a lease, and an
 * item that is done is removed with the commit of its result.
 */
async function createMassWork(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE mass_work (
      id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      kind        text NOT NULL,
      scope       text NOT NULL,
      by          text NOT NULL,
      started_at  timestamptz NOT NULL DEFAULT now(),
      active_at   timestamptz NOT NULL DEFAULT now(),
      is_listed   boolean NOT NULL DEFAULT false,
      lease_token uuid,
      lease_until timestamptz,
      items       bigint NOT NULL DEFAULT 0,
      done        bigint NOT NULL DEFAULT 0,
      results     jsonb NOT NULL DEFAULT '{}',
      ended_at    timestamptz
    )`.execute(database);
  await sql`CREATE UNIQUE INDEX mass_work_under_way ON mass_work (kind, scope) WHERE ended_at IS NULL`.execute(
    database,
  );
  await sql`
    CREATE TABLE mass_work_items (
      work        uuid NOT NULL,
      item        text NOT NULL,
      details     jsonb,
      lease_token uuid,
      lease_until timestamptz,
      PRIMARY KEY (work, item)
    )`.execute(database);
}

/**
 * Causes of alerts as they are raised, until they are folded into `alerts`: transactions that raise the same alert do
 * not wait for each other. Raised alerts are counted when they reach `alerts`, whichever process put them there.
 */
async function createAlertCauses(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE alert_causes (
      partner      text NOT NULL,
      finding      text NOT NULL,
      window_start timestamptz NOT NULL,
      window_end   timestamptz NOT NULL,
      count        integer NOT NULL,
      examples     text[] NOT NULL,
      raised_at    timestamptz NOT NULL DEFAULT clock_timestamp()
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`.execute(database);
  await sql`
    CREATE FUNCTION count_alert() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO count_changes (name, partner, kind, value)
      VALUES ('alert', NEW.partner, NEW.finding, CASE WHEN TG_OP = 'INSERT' THEN NEW.count ELSE NEW.count - OLD.count END);
      RETURN NULL;
    END $$`.execute(database);
  await sql`CREATE TRIGGER alerts_raised AFTER INSERT ON alerts FOR EACH ROW EXECUTE FUNCTION count_alert()`.execute(
    database,
  );
  await sql`
    CREATE TRIGGER alerts_raised_again AFTER UPDATE ON alerts FOR EACH ROW
    WHEN (OLD.count <> NEW.count) EXECUTE FUNCTION count_alert()`.execute(database);
  await sql`
    INSERT INTO counts (name, partner, kind, value)
    SELECT 'alert', partner, finding, sum(count) FROM alerts GROUP BY partner, finding`.execute(database);
}
