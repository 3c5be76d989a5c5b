import { type Kysely, sql } from 'kysely';

/**
 * Messages of every change of a subject. Triggers queue each change in the transaction that makes it, whoever writes the
 * row: a flow, dispatch, an operator, or a process of the release before. One process at a time takes what is committed
 * out of the queue and numbers its messages, so that no number appears below one that was read already.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await createTables(database);
  await createSubjectTriggers(database);
  await createLedgerTriggers(database);
  await admitMessagesToOutbox(database);
  await countToldAlerts(database);
}

async function createTables(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE message_changes (
      position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id         uuid NOT NULL DEFAULT gen_random_uuid(),
      kind       text NOT NULL,
      subject    text NOT NULL,
      before     jsonb,
      after      jsonb NOT NULL,
      changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
            autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000)`.execute(database);
  await sql`
    CREATE TABLE messages (
      sequence    bigint PRIMARY KEY,
      id          text NOT NULL UNIQUE,
      type        text COLLATE "C" NOT NULL,
      subject     text COLLATE "C" NOT NULL,
      at          timestamptz NOT NULL,
      numbered_at timestamptz NOT NULL DEFAULT now(),
      data        json
    )`.execute(database);
  await sql`CREATE INDEX messages_of_subject ON messages (subject, sequence)`.execute(database);
  await sql`CREATE INDEX messages_of_type ON messages (type, sequence)`.execute(database);
  await sql`CREATE TABLE message_numbers (last bigint NOT NULL, removed_through bigint NOT NULL)`.execute(database);
  await sql`INSERT INTO message_numbers (last, removed_through) VALUES (0, 0)`.execute(database);
}

async function createSubjectTriggers(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION queue_subject_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO message_changes (kind, subject, before, after)
      VALUES ('subject', NEW.workflow_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.subject END, NEW.subject);
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE TRIGGER subjects_inserted AFTER INSERT ON subjects FOR EACH ROW
    WHEN (NEW.subject IS NOT NULL AND NEW.lifecycle <> 'recorded') EXECUTE FUNCTION queue_subject_change()`.execute(
    database,
  );
  await sql`
    CREATE TRIGGER subjects_updated AFTER UPDATE OF subject ON subjects FOR EACH ROW
    WHEN (NEW.subject IS NOT NULL AND NEW.lifecycle <> 'recorded' AND (OLD.subject IS NULL
      OR OLD.state IS DISTINCT FROM NEW.state OR OLD.open <> NEW.open OR OLD.overdue <> NEW.overdue
      OR OLD.subject -> 'state' <> NEW.subject -> 'state' OR OLD.subject -> 'end' <> NEW.subject -> 'end'
      OR OLD.subject -> 'findings' <> NEW.subject -> 'findings'
      OR OLD.subject -> 'recurrences' IS DISTINCT FROM NEW.subject -> 'recurrences'))
    EXECUTE FUNCTION queue_subject_change()`.execute(database);
}

/** Verdicts on sets, also of holders of whom nothing came and who have no subject; and what becomes of obligations. */
async function createLedgerTriggers(database: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION queue_set_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO message_changes (kind, subject, before, after)
      VALUES ('set', NEW.partner || ':' || NEW.corporate_action_id || ':' || NEW.user_id,
        jsonb_build_object('verdict', OLD.verdict, 'breaks', OLD.breaks, 'heldEvents', OLD.held_events,
          'isResolved', OLD.resolution IS NOT NULL),
        jsonb_build_object('partner', NEW.partner, 'caId', NEW.corporate_action_id, 'userId', NEW.user_id,
          'verdict', NEW.verdict, 'breaks', NEW.breaks, 'heldEvents', NEW.held_events, 'unverified', NEW.unverified,
          'isResolved', NEW.resolution IS NOT NULL));
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE TRIGGER transaction_sets_judged AFTER UPDATE OF verdict, breaks, held_events, resolution ON transaction_sets
    FOR EACH ROW WHEN (OLD.verdict IS DISTINCT FROM NEW.verdict OR OLD.breaks <> NEW.breaks
      OR OLD.held_events IS DISTINCT FROM NEW.held_events OR (OLD.resolution IS NULL) <> (NEW.resolution IS NULL))
    EXECUTE FUNCTION queue_set_change()`.execute(database);
  await sql`
    CREATE FUNCTION queue_obligation_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO message_changes (kind, subject, after)
      VALUES ('obligation', NEW.id::text, jsonb_build_object('id', NEW.id));
      RETURN NULL;
    END $$`.execute(database);
  await sql`
    CREATE TRIGGER obligations_changed AFTER UPDATE OF paid_at, lessened ON obligations FOR EACH ROW
    WHEN (OLD.paid_at IS DISTINCT FROM NEW.paid_at OR OLD.lessened <> NEW.lessened)
    EXECUTE FUNCTION queue_obligation_change()`.execute(database);
}

/**
 * Outbox that also holds messages under a target of their own: a sender of the release before, which knows neither
 * their encryption nor their form, does not see them. `types` says which of them a receiver wants; null means those
 * that the release before knows.
 */
async function admitMessagesToOutbox(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE outbox DROP CONSTRAINT outbox_target_check`.execute(database);
  await sql`
    ALTER TABLE outbox ADD CONSTRAINT outbox_target_check CHECK (target IN ('outcomes', 'messages', 'alerts'))`.execute(
    database,
  );
  await sql`ALTER TABLE outbox_targets ADD COLUMN types text[]`.execute(database);
}

/** Count of an alert as it was last told in the feed; those of before are not told. */
async function countToldAlerts(database: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE alerts ADD COLUMN told_count integer NOT NULL DEFAULT 0`.execute(database);
  await sql`UPDATE alerts SET told_count = count`.execute(database);
  await sql`CREATE INDEX alerts_untold ON alerts (window_end) WHERE told_count < count`.execute(database);
}
