import { type Kysely, sql, type Transaction } from 'kysely';

import type { Tables } from '../schema/tables';

/**
 * Erasure of what the messages of subjects say: they keep their places in the feed, with `data` null; what the outbox
 * holds of them goes, also where it waits to be sent, and so do changes without a number. Result: the number of messages
 * whose data was removed.
 */
export async function eraseMessages(
  database: Kysely<Tables> | Transaction<Tables>,
  subjects: readonly string[],
): Promise<number> {
  if (subjects.length === 0) return 0;
  const { rows } = await sql<{ erased: number }>`
    WITH erased AS (
      UPDATE messages SET data = NULL WHERE subject = ANY (${[...subjects]}::text[]) AND data IS NOT NULL RETURNING id
    ), unsent AS (
      DELETE FROM outbox WHERE id IN (SELECT id FROM erased)
    ), queued AS (
      DELETE FROM message_changes WHERE subject = ANY (${[...subjects]}::text[])
    )
    SELECT count(*)::int AS erased FROM erased`.execute(database);
  return rows[0]?.erased ?? 0;
}

/** Number of messages of subjects whose data an erasure would remove. */
export async function countErasable(
  database: Kysely<Tables> | Transaction<Tables>,
  subjects: readonly string[],
): Promise<number> {
  if (subjects.length === 0) return 0;
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM messages WHERE subject = ANY (${[...subjects]}::text[]) AND data IS NOT NULL`.execute(
    database,
  );
  return rows[0]?.count ?? 0;
}
