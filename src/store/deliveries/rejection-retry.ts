import { CompiledQuery, type Kysely, type Selectable } from 'kysely';

import { appendStatement, type NewDelivery, encryptDelivery } from './append-statement';
import { recordAction } from '../audit';
import type { Encryption } from '../encryption';
import type { RejectionsTable, Tables } from '../schema/tables';

/** A refused request whose raw is kept, sealed or in clear. */
export interface KeptRejection extends Omit<Selectable<RejectionsTable>, 'raw'> {
  readonly raw: NonNullable<Selectable<RejectionsTable>['raw']>;
}

/** The next refused requests whose raw is kept, oldest first; from the beginning after '0'. */
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

/** `removed`: its raw went meanwhile, by its number or its term. */
export type RejectionRetryResult = 'kept' | 'kept-already' | 'removed';

/** Counters are spread over slots for the receivers' sake; here nothing waits. */
const SLOT = 0;

/**
 * Keeps a refused request as a delivery, counts it as received and empties its raw, in one transaction: whatever runs
 * beside it or after it finds no raw any more. The delivery takes the id of the refused request, so that it could not
 * even be written twice.
 */
export async function retryRejection(
  database: Kysely<Tables>,
  encryption: Encryption,
  delivery: NewDelivery,
  { reason, by }: { readonly reason: string; readonly by: string },
): Promise<RejectionRetryResult> {
  const { id, receivedAt } = delivery;
  const isOurs = await database.transaction().execute(async (transaction) => {
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
  if (isOurs) return 'kept';
  const row = await database.selectFrom('deliveries').select('id').where('id', '=', id).executeTakeFirst();
  return row === undefined ? 'removed' : 'kept-already';
}
