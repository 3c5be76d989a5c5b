import { type Kysely, sql } from 'kysely';

import type { Tables } from '../schema/tables';

/** Number of messages that are removed in one transaction. */
const BATCH_ROWS = 1_000;

/**
 * Removal of the oldest messages of the feed, batch by batch; their number. The feed says up to where they are gone, in
 * the transaction that removes them. What still waits to be sent is kept by the outbox.
 */
export async function removeMessages(
  database: Kysely<Tables>,
  days: number,
  goesOn: () => boolean = () => true,
): Promise<number> {
  let removed = 0;
  for (let batch = BATCH_ROWS; batch === BATCH_ROWS && goesOn(); removed += batch)
    batch = await removeBatch(database, days);
  return removed;
}

async function removeBatch(database: Kysely<Tables>, days: number): Promise<number> {
  // Numbers follow the time of numbering: the oldest rows are those of the lowest numbers.
  const { rows } = await sql<{ removed: number }>`
    WITH oldest AS (
      SELECT sequence, numbered_at FROM messages WHERE sequence > (SELECT removed_through FROM message_numbers)
      ORDER BY sequence LIMIT ${BATCH_ROWS}
    ), gone AS (
      DELETE FROM messages WHERE sequence = ANY (ARRAY (
        SELECT sequence FROM oldest WHERE numbered_at < now() - ${days} * interval '1 day'))
      RETURNING sequence
    ), noted AS (
      UPDATE message_numbers SET removed_through = greatest(removed_through, (SELECT max(sequence) FROM gone))
      WHERE EXISTS (SELECT FROM gone)
    )
    SELECT count(*)::int AS removed FROM gone`.execute(database);
  return rows[0]?.removed ?? 0;
}
