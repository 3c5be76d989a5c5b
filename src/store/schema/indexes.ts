import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, sql } from 'kysely';

import type { Tables } from './tables';

/** Condition for deliveries that are decided; the others have indexes of their own, by position. */
export const DECIDED = `status IN ('duplicate', 'parked') OR outcome IS NOT NULL`;
/** Status of a delivery, or its outcome where it has one. */
export const STATUS_OR_OUTCOME = `coalesce(outcome, status)`;
/** Condition for flows that are listed as not open. */
export const ENDED_FLOWS = `NOT open AND lifecycle <> 'recorded'`;

interface Index {
  readonly name: string;
  readonly table: keyof Tables;
  /** Text behind the name of the table. */
  readonly on: string;
  /** Column that the table has only until `partnerflow setup --contract`. */
  readonly of020?: string;
}

/** Indexes of tables that grow, which a migration could not make without locking out appends. */
const INDEXES: readonly Index[] = [
  // Of the days of reception: small, and an append pays nothing for it.
  {
    name: 'deliveries_received_at',
    table: 'deliveries',
    on: 'USING brin (received_at) WITH (pages_per_range = 32, autosummarize = on)',
  },
  {
    name: 'deliveries_without_key',
    table: 'deliveries',
    on: `(body_key, position) WHERE status = 'parked' AND problem->>'path' = 'body-key'`,
  },
  // By it rows whose body is still to be moved are found again after an interruption.
  { name: 'deliveries_with_body', table: 'deliveries', on: '(position) WHERE body IS NOT NULL', of020: 'body' },
  {
    name: 'deliveries_decided',
    table: 'deliveries',
    on: `(partner, (${STATUS_OR_OUTCOME}), position) WHERE ${DECIDED}`,
  },
  {
    name: 'deliveries_swept_hashes',
    table: 'deliveries',
    on: `(partner, body_sha256) WHERE source = 'sweep'`,
  },
  {
    name: 'subjects_ended',
    table: 'subjects',
    on: `(partner, lifecycle, overdue, position) WHERE ${ENDED_FLOWS}`,
  },
  // In the order of bytes: all that begins with a text is then a range of the index, whatever the collation.
  { name: 'subjects_object_id', table: 'subjects', on: '(object_id COLLATE "C", position DESC)' },
  { name: 'outbox_of_subject', table: 'outbox', on: '(subject, position)' },
  { name: 'subjects_due', table: 'subjects', on: '(due_at) WHERE open' },
  // What waits is in the queue: an append pays nothing for it.
  { name: 'deliveries_window', table: 'deliveries', on: `(received_at, position) WHERE status <> 'pending'` },
  { name: 'subjects_since', table: 'subjects', on: `(since, position) WHERE lifecycle <> 'recorded'` },
  { name: 'movements_by_user', table: 'movements', on: '(user_id, position)' },
  { name: 'movements_transaction', table: 'movements', on: '(transaction_id COLLATE "C", position DESC)' },
  {
    name: 'obligations_reference',
    table: 'obligations',
    on: '(paid_reference) WHERE paid_reference IS NOT NULL',
  },
  {
    name: 'transaction_sets_open_breaks',
    table: 'transaction_sets',
    on: `(partner) WHERE verdict = 'break' AND resolution IS NULL`,
  },
  {
    name: 'transaction_sets_due',
    table: 'transaction_sets',
    on: '(partner, corporate_action_id, look_at, user_id) WHERE look_at IS NOT NULL',
  },
  {
    name: 'transaction_sets_uncounted',
    table: 'transaction_sets',
    on: '(partner, corporate_action_id, user_id) WHERE counted_version < version',
  },
  {
    name: 'subjects_followed_in',
    table: 'subjects',
    on: '(followed_in) WHERE followed_in IS NOT NULL AND open',
  },
  // By them an id is known as one of money.
  { name: 'movements_money', table: 'movements', on: `(partner, instrument) WHERE instrument LIKE 'fiat:%'` },
  {
    name: 'movements_value_instrument',
    table: 'movements',
    on: '(partner, value_instrument) WHERE value_instrument IS NOT NULL',
  },
  { name: 'operator_actions_action', table: 'operator_actions', on: '(action, by, position)' },
  { name: 'operator_actions_by_action', table: 'operator_actions', on: '(action, position)' },
  // By it what was sent of a person is erased.
  { name: 'outbox_sent_of_subject', table: 'outbox', on: `(subject) WHERE state = 'sent'` },
  { name: 'outbox_of_target', table: 'outbox', on: '(target, state, position)' },
  {
    name: 'event_keys_seen_at',
    table: 'event_keys',
    on: 'USING brin (seen_at) WITH (pages_per_range = 32, autosummarize = on)',
  },
];

/**
 * Indexes that are still missing, made while others read and write. Idempotent, also when several processes do it at
 * once, and after one was killed in the middle of it.
 */
export async function createIndexes(database: Kysely<Tables>): Promise<void> {
  if ((await missingIndexes(database)).length === 0) return;
  await database.connection().execute(async (own) => {
    await untilAlone(own);
    try {
      // An index of a large table takes its time, and waits for transactions that began before it.
      await sql`SET statement_timeout = 0`.execute(own);
      await sql`SET lock_timeout = 0`.execute(own);
      for (const index of await missingIndexes(own)) await create(own, index);
    } finally {
      await sql`RESET statement_timeout`.execute(own);
      await sql`RESET lock_timeout`.execute(own);
      await sql`SELECT pg_advisory_unlock(${LOCK})`.execute(own);
    }
  });
}

/** Key of the lock that admits one process. */
const LOCK = 7_310_013;

async function missingIndexes(database: Kysely<Tables>): Promise<readonly Index[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE indisvalid AND relnamespace = current_schema()::regnamespace`.execute(database);
  const valid = new Set(rows.map(({ name }) => name));
  const missing: Index[] = [];
  for (const index of INDEXES) if (!valid.has(index.name) && (await hasColumn(database, index))) missing.push(index);
  return missing;
}

async function hasColumn(database: Kysely<Tables>, { table, of020 }: Index): Promise<boolean> {
  if (of020 === undefined) return true;
  const { rows } = await sql`
    SELECT FROM pg_attribute WHERE attrelid = ${table}::regclass AND attname = ${of020} AND NOT attisdropped`.execute(
    database,
  );
  return rows.length > 0;
}

const TRY_AGAIN_MS = 50;

/** Wait for the lock, by asking again and again: an index waits for every statement that is under way, also for one that waits. */
async function untilAlone(database: Kysely<Tables>): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ got: boolean }>`SELECT pg_try_advisory_lock(${LOCK}) AS got`.execute(database);
    if (rows[0]?.got === true) return;
    await delay(TRY_AGAIN_MS);
  }
}

async function create(database: Kysely<Tables>, { name, table, on }: Index): Promise<void> {
  const { rows } = await sql`SELECT FROM ${sql.table(table)} LIMIT 1`.execute(database);
  // An empty table is indexed in an instant, and nobody waits for it.
  const concurrently = rows.length === 0 ? sql`` : sql`CONCURRENTLY`;
  // Left by a process that was killed: it is not used, and would keep the name.
  await sql`DROP INDEX ${concurrently} IF EXISTS ${sql.ref(name)}`.execute(database);
  await sql`CREATE INDEX ${concurrently} ${sql.ref(name)} ON ${sql.table(table)} ${sql.raw(on)}`.execute(database);
}
