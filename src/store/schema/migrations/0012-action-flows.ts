import { type Kysely, sql } from 'kysely';

/**
 * One flow for a corporate action: who follows a set, when to look at it next, what of it is counted, and the news of
 * each action. Sets that exist belong to their holders' flows, and so do those that a process of 0.2.0 adds. A database
 * without any subject is new: nobody follows sets by themselves there, so that the flows of actions may begin at once.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE activations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`.execute(database);
  await sql`
    INSERT INTO activations (name) SELECT 'corporate-actions'
    WHERE NOT EXISTS (SELECT FROM subjects) AND NOT EXISTS (SELECT FROM transaction_sets)`.execute(database);
  await sql`
    ALTER TABLE transaction_sets
      ADD COLUMN followed_by text NOT NULL DEFAULT 'holder' CHECK (followed_by IN ('holder', 'action')),
      ADD COLUMN judged_version integer NOT NULL DEFAULT -1,
      ADD COLUMN concluded integer NOT NULL DEFAULT 0,
      ADD COLUMN look_at timestamptz,
      ADD COLUMN ask_after timestamptz,
      ADD COLUMN counted jsonb,
      ADD COLUMN counted_version integer NOT NULL DEFAULT -1,
      ADD COLUMN counted_ground integer NOT NULL DEFAULT -1`.execute(database);
  await sql`
    ALTER TABLE corporate_actions
      ADD COLUMN counts jsonb,
      ADD COLUMN ground integer NOT NULL DEFAULT 0,
      ADD COLUMN complete_ground integer NOT NULL DEFAULT -1,
      ADD COLUMN conclusion integer NOT NULL DEFAULT 0,
      ADD COLUMN concluded_from text,
      ADD COLUMN missing_concluded integer NOT NULL DEFAULT 0,
      ADD COLUMN first_credited_at timestamptz,
      ADD COLUMN asked text CHECK (asked IN ('reached', 'unreachable')),
      ADD COLUMN asked_at timestamptz`.execute(database);
  // Apart from the corporate action's row, which a round of judging holds for longer than a booking may wait.
  await sql`
    CREATE TABLE action_news (
      partner         text NOT NULL,
      id              text NOT NULL,
      workflow_id     text NOT NULL UNIQUE,
      has_news        boolean NOT NULL DEFAULT true,
      rejudge         boolean NOT NULL DEFAULT false,
      recount         boolean NOT NULL DEFAULT false,
      rejudge_holders boolean NOT NULL DEFAULT false,
      woken_at        timestamptz,
      notify_token    uuid,
      notify_after    timestamptz,
      notify_failures integer NOT NULL DEFAULT 0,
      PRIMARY KEY (partner, id)
    )`.execute(database);
  await sql`CREATE INDEX action_news_waiting ON action_news (notify_after NULLS FIRST) WHERE has_news OR rejudge_holders`.execute(
    database,
  );
  await sql`
    CREATE TABLE set_acts (
      request             uuid NOT NULL,
      partner             text NOT NULL,
      corporate_action_id text NOT NULL,
      user_id             text NOT NULL,
      act                 jsonb NOT NULL,
      result              text,
      asked_at            timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (request, partner, corporate_action_id, user_id)
    )`.execute(database);
  await sql`ALTER TABLE subjects ADD COLUMN followed_in text`.execute(database);
}
