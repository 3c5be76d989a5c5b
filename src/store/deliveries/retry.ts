import { type Kysely, sql } from 'kysely';

import { isUuid } from '../../domain/canonical-id';
import { recordAction } from '../audit';
import { areThere, inPages } from '../pages-of-changes';
import type { Tables } from '../schema/tables';

/** Number of deliveries of a page: few enough that others wait for its locks for an instant. */
const PAGE_ROWS = 2_000;

/** Result of retrying one delivery. */
export type RetryResult = 'retried' | 'not-parked' | 'unknown';

/**
 * Values of a delivery that dispatch takes up again as if it had not been tried. Its attempts are kept. A trigger puts
 * it into the queue.
 */
export const PENDING_AGAIN = { status: 'pending', problem: null, refusals: 0, settled_at: null } as const;

/** Return of a parked delivery to dispatch. Its attempts are kept, and dispatch adds one when it claims it. */
export async function retryDelivery(database: Kysely<Tables>, id: string, by: string): Promise<RetryResult> {
  if (!isUuid(id)) return 'unknown';
  const retried = await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('deliveries')
      .set(PENDING_AGAIN)
      .where('id', '=', id)
      .where('status', '=', 'parked')
      .returning('id')
      .executeTakeFirst();
    if (row !== undefined)
      await recordAction(transaction, { by, action: 'retry', target: id, reason: null, details: {} });
    return row;
  });
  if (retried !== undefined) return 'retried';
  const row = await database.selectFrom('deliveries').select('id').where('id', '=', id).executeTakeFirst();
  return row === undefined ? 'unknown' : 'not-parked';
}

/**
 * Return to dispatch of every delivery that is parked now; the number of them. Each page is committed with its record,
 * so that it may be stopped anywhere and run again; of two at once each returns other deliveries.
 */
export async function retryAllParked(
  database: Kysely<Tables>,
  by: string,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  return inPages(database, onProgress, async (transaction, began) => {
    // Only what was parked before: one that is parked again meanwhile would be returned again and again.
    const isParked = sql<boolean>`status = 'parked' AND coalesce(settled_at, '-infinity') <= ${began}::timestamptz`;
    const page = sql<string[]>`ARRAY (
      SELECT position FROM deliveries WHERE ${isParked} ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED)`;
    const result = await transaction
      .updateTable('deliveries')
      .set(PENDING_AGAIN)
      .where(sql<boolean>`position = ANY (${page})`)
      .executeTakeFirst();
    const deliveries = Number(result.numUpdatedRows);
    const isLeft = deliveries === 0 && (await areThere(transaction, sql`deliveries WHERE ${isParked}`));
    const action = { by, action: 'retry', target: 'all parked deliveries', reason: null, details: { deliveries } };
    return { changed: deliveries, isLeft, action };
  });
}
