import type { Kysely } from 'kysely';

import { isUuid } from '../../domain/canonical-id';
import { recordAction } from '../audit';
import type { Tables } from '../schema/tables';

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

/** Return of every parked delivery to dispatch; the number of them. */
export async function retryAllParked(database: Kysely<Tables>, by: string): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const result = await transaction
      .updateTable('deliveries')
      .set(PENDING_AGAIN)
      .where('status', '=', 'parked')
      .executeTakeFirst();
    const deliveries = Number(result.numUpdatedRows);
    const details = { deliveries };
    await recordAction(transaction, { by, action: 'retry', target: 'all parked deliveries', reason: null, details });
    return deliveries;
  });
}
