import { type Kysely, sql, type Transaction } from 'kysely';

import type { Tables } from '../schema/tables';

/** Name of the lock under which `counts` and the folded alerts are written. */
const LOCK = 'partnerflow counts';

/** Lock on the counts until the transaction ends. */
export async function lockCounts(transaction: Transaction<Tables>): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`.execute(transaction);
}

/** True when the lock on the counts was free: whoever has it does the same work. */
export async function tryLockCounts(transaction: Transaction<Tables>): Promise<boolean> {
  const { rows } = await sql<{ got: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${LOCK}, 0)) AS got`.execute(transaction);
  return rows[0]?.got === true;
}

/** Number of changes that are folded at once. */
const MOST_CHANGES = 20_000;

/**
 * Folding of changes into counts; resolves to the number of changes. What is read as a count stays the same: a change
 * leaves one table and enters the other in the same statement. A change of a day that was final opens it again.
 */
export async function foldCounts(database: Kysely<Tables>): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    if (!(await tryLockCounts(transaction))) return 0;
    const { rows } = await sql<{ changes: string }>`
      WITH taken AS (
        DELETE FROM count_changes WHERE ctid = ANY (ARRAY (SELECT ctid FROM count_changes LIMIT ${MOST_CHANGES}))
        RETURNING name, partner, day, kind, value
      ), sums AS (
        SELECT name, partner, day, kind, sum(value) AS value FROM taken GROUP BY name, partner, day, kind
      ), folded AS (
        INSERT INTO counts (name, partner, day, kind, value) SELECT * FROM sums
        ON CONFLICT (name, partner, day, kind) DO UPDATE SET value = counts.value + excluded.value
        RETURNING name, partner, day, kind, final
      ), reopened AS (
        DELETE FROM counted_days WHERE day IN (SELECT day FROM sums)
      ), summed AS (
        INSERT INTO counts (name, partner, kind, value)
        SELECT name, partner, kind, sum(value) FROM sums JOIN folded USING (name, partner, day, kind)
        WHERE final GROUP BY name, partner, kind
        ON CONFLICT (name, partner, day, kind) DO UPDATE SET value = counts.value + excluded.value
      )
      SELECT count(*) AS changes FROM taken`.execute(transaction);
    return Number(rows[0]?.changes ?? 0);
  });
}
