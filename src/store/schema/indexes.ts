import { type Kysely, sql } from 'kysely';

import type { Tables } from './tables';

/** Index of a table that may have grown. */
export interface GrownIndex {
  readonly name: string;
  /** Table, columns and condition. */
  readonly on: string;
}

/**
 * Indexes that later releases add to tables that have grown by then. A migration would lock out appends while it makes
 * them; these are made beside all that is under way.
 */
export const GROWN_INDEXES: readonly GrownIndex[] = [
  {
    name: 'deliveries_without_key',
    on: `deliveries (body_key, position) WHERE status = 'parked' AND problem->>'path' = 'body-key'`,
  },
  { name: 'deliveries_swept', on: `deliveries (partner, body_sha256) WHERE source = 'sweep'` },
];

/**
 * Index made without a lock on those who write, as often as it is asked for: one that is there stays, and one that an
 * interruption has left unfinished is made again. Waits for transactions that began before it.
 */
export async function ensureIndex(database: Kysely<Tables>, { name, on }: GrownIndex): Promise<void> {
  const { rows } = await sql<{ isValid: boolean }>`
    SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass(${name})`.execute(database);
  if (rows[0]?.isValid === true) return;
  if (rows[0] !== undefined) await sql`DROP INDEX CONCURRENTLY IF EXISTS ${sql.id(name)}`.execute(database);
  await sql`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${sql.id(name)} ON ${sql.raw(on)}`.execute(database);
}
