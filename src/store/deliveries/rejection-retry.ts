import { CompiledQuery, type Kysely, type Selectable } from 'kysely';

import { appendStatement, type NewDelivery, encryptDelivery } from './append-statement';
import { recordAction } from '../audit';
import type { Encryption } from '../encryption';
import type { RejectionsTable, Tables } from '../schema/tables';

/** Rejected request whose raw is kept. */
export interface KeptRejection extends Omit<Selectable<RejectionsTable>, 'raw'> {
  readonly raw: NonNullable<Selectable<RejectionsTable>['raw']>;
}

/** Next rejected requests whose raw is kept, oldest first; from the beginning after '0'. */
export async function keptRejectionsAfter(
  database: Kysely<Tables>,
  after: string,
  limit: number,
): Promise<readonly KeptRejection[]> {
  const rows = await database
    .selectFrom('rejections')
    .selectAll()
    .where('position', '>', after)
    .where('raw', 'is not', null)
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.flatMap(({ raw, ...rest }) => (raw === null ? [] : [{ ...rest, raw }]));
}

/**
 * Result of retrying a rejected request. `removed`: its raw is no longer kept, because of the limit on their number
 * or on their age.
 */
export type RejectionRetryResult = 'kept' | 'kept-already' | 'removed';

/**
 * Slot of the counter. Receivers spread theirs over several, because they would wait for each other; here nothing
 * waits.
 */
const SLOT = 0;

/**
 * Delivery made of a rejected request, counted as received, with its raw removed, in one transaction: whatever runs
 * at the same time or later finds no raw any more. The delivery takes the id of the rejected request, so that it
 * could not even be written twice.
 */
export async function retryRejection(
  database: Kysely<Tables>,
  encryption: Encryption,
  delivery: NewDelivery,
  { reason, by }: { readonly reason: string; readonly by: string },
): Promise<RejectionRetryResult> {
  const { id, receivedAt } = delivery;
  const isKept = await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('rejections')
      .set({ raw: null })
      .where('id', '=', id)
      .where('raw', 'is not', null)
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) return false;
    const { text, values } = appendStatement([encryptDelivery(delivery, encryption)], SLOT, 'again');
    await transaction.executeQuery(CompiledQuery.raw(text, values));
    const details = { refusedAt: receivedAt.toISOString(), refusedAs: reason };
    await recordAction(transaction, { by, action: 'rejected-retry', target: id, reason: null, details });
    return true;
  });
  if (isKept) return 'kept';
  const row = await database.selectFrom('deliveries').select('id').where('id', '=', id).executeTakeFirst();
  return row === undefined ? 'removed' : 'kept-already';
}
