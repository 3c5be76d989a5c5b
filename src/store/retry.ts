import { type Kysely, sql } from 'kysely';

import { isDeliveryId } from './delivery-listing';
import type { Tables } from './tables';

const PENDING_AGAIN = {
  status: 'pending',
  problem: null,
  refusals: 0,
  next_attempt_at: sql<Date>`now()`,
  settled_at: null,
} as const;

export type RetryResult = 'retried' | 'not-parked' | 'unknown';

/** Gives a parked delivery to dispatch again; its attempts are kept, and dispatch adds one when it takes it. */
export async function retryDelivery(database: Kysely<Tables>, id: string): Promise<RetryResult> {
  if (!isDeliveryId(id)) return 'unknown';
  const retried = await database
    .updateTable('deliveries')
    .set(PENDING_AGAIN)
    .where('id', '=', id)
    .where('status', '=', 'parked')
    .returning('id')
    .executeTakeFirst();
  if (retried !== undefined) return 'retried';
  const row = await database.selectFrom('deliveries').select('id').where('id', '=', id).executeTakeFirst();
  return row === undefined ? 'unknown' : 'not-parked';
}

/** Gives every parked delivery to dispatch again; answers how many. */
export async function retryAllParked(database: Kysely<Tables>): Promise<number> {
  const result = await database
    .updateTable('deliveries')
    .set(PENDING_AGAIN)
    .where('status', '=', 'parked')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
