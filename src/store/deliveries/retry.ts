import { type Kysely, sql } from 'kysely';

import type { Acceptance } from '../../domain/authenticity';
import { isUuid } from '../../domain/canonical-id';
import { type RecordedAction, recordAction } from '../audit';
import { areThere, inPages } from '../pages-of-changes';
import type { Tables } from '../schema/tables';

/** Number of deliveries of a page: few enough that others wait for its locks for an instant. */
const PAGE_ROWS = 2_000;

/** Result of retrying one delivery. `not-acceptable`: it is parked for another reason than the one that is accepted. */
export type RetryResult = 'retried' | 'not-parked' | 'not-acceptable' | 'unknown';

/** Word of an operator who looked: what was too old, or wrong and only observed, is let in. */
export interface Accepted {
  readonly what: Acceptance;
  readonly reason: string;
}

/** Choice among parked deliveries; an absent field chooses all. Times are ISO 8601 UTC, the second one excluded. */
export interface ParkedFilter {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * Values of a delivery that dispatch takes up again as if it had not been tried. Its attempts are kept. A trigger puts
 * it into the queue.
 */
export const PENDING_AGAIN = { status: 'pending', problem: null, refusals: 0, settled_at: null } as const;

/**
 * Return of a parked delivery to dispatch. Its attempts are kept, and dispatch adds one when it claims it. With
 * `accepted` it is let in.
 */
export async function retryDelivery(
  database: Kysely<Tables>,
  id: string,
  by: string,
  accepted: Accepted | null = null,
): Promise<RetryResult> {
  if (!isUuid(id)) return 'unknown';
  const retried = await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('deliveries')
      .set(pendingAgain(accepted))
      .where('id', '=', id)
      .where('status', '=', 'parked')
      .where(isAcceptable(accepted))
      .returning('id')
      .executeTakeFirst();
    if (row !== undefined) await recordAction(transaction, { by, target: id, details: {}, ...recorded(accepted) });
    return row;
  });
  if (retried !== undefined) return 'retried';
  const row = await database.selectFrom('deliveries').select('status').where('id', '=', id).executeTakeFirst();
  if (row === undefined) return 'unknown';
  return row.status === 'parked' ? 'not-acceptable' : 'not-parked';
}

/** Values of a delivery that is let in, or only tried again. */
function pendingAgain(accepted: Accepted | null) {
  return accepted === null ? PENDING_AGAIN : { ...PENDING_AGAIN, accepted_at: sql<Date>`now()` };
}

/** True for a delivery that is parked for what is accepted, and for any where nothing is. */
function isAcceptable(accepted: Accepted | null) {
  switch (accepted?.what) {
    case undefined:
      return sql<boolean>`true`;
    case 'too-old':
      return sql<boolean>`verdict = 'signature-too-old'`;
    case 'observed':
      return sql<boolean>`verdict LIKE 'signature-observed: %'`;
  }
}

function recorded(accepted: Accepted | null): Pick<RecordedAction, 'action' | 'reason'> {
  if (accepted === null) return { action: 'retry', reason: null };
  return { action: accepted.what === 'too-old' ? 'accept-old' : 'accept', reason: accepted.reason };
}

/** Choice and word with which many are retried. */
export interface RetryManyOptions extends ParkedFilter {
  readonly accepted?: Accepted | null;
  readonly onProgress?: (done: number) => void;
}

/**
 * Return to dispatch of every delivery that is parked now and chosen; the number of them. Each page is committed with its record,
 * so that it may be stopped anywhere and run again; of two at once each returns other deliveries.
 */
export async function retryAllParked(
  database: Kysely<Tables>,
  by: string,
  { since, until, accepted = null, onProgress = () => undefined }: RetryManyOptions = {},
): Promise<number> {
  const isChosen = sql<boolean>`received_at >= ${since ?? '-infinity'}::timestamptz
    AND received_at < ${until ?? 'infinity'}::timestamptz AND ${isAcceptable(accepted)}`;
  return inPages(database, onProgress, async (transaction, began) => {
    // Only what was parked before: one that is parked again meanwhile would be returned again and again.
    const isParked = sql<boolean>`status = 'parked' AND coalesce(settled_at, '-infinity') <= ${began}::timestamptz
      AND ${isChosen}`;
    const page = sql<string[]>`ARRAY (
      SELECT position FROM deliveries WHERE ${isParked} ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED)`;
    const result = await transaction
      .updateTable('deliveries')
      .set(pendingAgain(accepted))
      .where(sql<boolean>`position = ANY (${page})`)
      .executeTakeFirst();
    const deliveries = Number(result.numUpdatedRows);
    const isLeft = deliveries === 0 && (await areThere(transaction, sql`deliveries WHERE ${isParked}`));
    const window = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
    const action = { by, target: 'all parked deliveries', details: { deliveries, ...window }, ...recorded(accepted) };
    return { changed: deliveries, isLeft, action };
  });
}
