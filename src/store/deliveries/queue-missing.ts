import { type Kysely, sql } from 'kysely';

import type { Tables } from '../schema/tables';
import { hasBodiesInRows } from './bodies-in-rows';

/** Number of rows that one statement queues. */
const PAGE_ROWS = 1_000;

/**
 * Entry into the queue of what was pending before there was one; the number of them. A lease that a dispatcher of
 * release 0.2.0 holds is kept. Rows that are locked come with the next run. From then on triggers keep the queue.
 */
export async function queueMissing(database: Kysely<Tables>): Promise<number> {
  // Without these columns there is nothing from before.
  if (!(await hasBodiesInRows(database))) return 0;
  for (let queued = 0, after = '0'; ;) {
    const { rows } = await sql<{ count: number; last: string | null }>`
      WITH missing AS (
        SELECT position, partner, received_at, next_attempt_at, lease_token, lease_until, attempts, refusals
        FROM deliveries d
        WHERE status = 'pending' AND position > ${after}::bigint
          AND NOT EXISTS (SELECT FROM delivery_queue q WHERE q.position = d.position)
        ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE OF d SKIP LOCKED
      ), queued AS (
        INSERT INTO delivery_queue (position, partner, received_at, next_attempt_at, lease_token, lease_until, attempts, refusals)
        SELECT position, partner, received_at, greatest(next_attempt_at, lease_until), lease_token, lease_until, attempts, refusals
        FROM missing ON CONFLICT (position) DO NOTHING
      )
      SELECT count(*)::int AS count, max(position)::text AS last FROM missing`.execute(database);
    const [page] = rows;
    queued += page?.count ?? 0;
    if (page === undefined || page.last === null) return queued;
    after = page.last;
  }
}
