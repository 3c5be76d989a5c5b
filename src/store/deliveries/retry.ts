import { type Kysely, sql } from 'kysely';

import type { Acceptance } from '../../domain/authenticity';
import { isUuid } from '../../domain/canonical-id';
import { type RecordedAction, recordAction } from '../audit';
import { subjectsOfUser } from '../flows/of-user';
import { areThere, inPages } from '../pages-of-changes';
import type { Tables } from '../schema/tables';
import { type DeliveryFilter, matches } from './filter';

/** Number of deliveries of a page: few enough that others wait for its locks for an instant. */
const PAGE_ROWS = 2_000;

/** Result of retrying one delivery. `not-acceptable`: it is parked for another reason than the one that is accepted. */
export type RetryResult = 'retried' | 'not-parked' | 'not-acceptable' | 'unknown';

/** Word of an operator who looked: what was too old, or wrong and only observed, is let in. */
export interface Accepted {
  readonly what: Acceptance;
  readonly reason: string;
}

/** Choice among parked deliveries; an absent field chooses all. */
export type ParkedFilter = Pick<DeliveryFilter, 'since' | 'until' | 'partner' | 'route' | 'event' | 'user'>;

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
  { accepted = null, onProgress = () => undefined, ...filter }: RetryManyOptions = {},
): Promise<number> {
  return inPages(database, onProgress, async (transaction, began) => {
    // Only what was parked before: one that is parked again meanwhile would be returned again and again.
    const isParked = sql<boolean>`status = 'parked' AND coalesce(settled_at, '-infinity') <= ${began}::timestamptz
      AND ${isChosen(filter, accepted)}`;
    const page = sql<string[]>`ARRAY (
      SELECT position FROM deliveries k WHERE ${isParked} ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED)`;
    const result = await transaction
      .updateTable('deliveries')
      .set(pendingAgain(accepted))
      .where(sql<boolean>`position = ANY (${page})`)
      .executeTakeFirst();
    const deliveries = Number(result.numUpdatedRows);
    const isLeft = deliveries === 0 && (await areThere(transaction, sql`deliveries k WHERE ${isParked}`));
    const details = { deliveries, ...given(filter) };
    const action = { by, target: 'all parked deliveries', details, ...recorded(accepted) };
    return { changed: deliveries, isLeft, action };
  });
}

/** Condition on `deliveries`, here `k`, for those that are chosen. */
function isChosen({ user, ...filter }: ParkedFilter, accepted: Accepted | null) {
  const ofUser = user === undefined ? sql`true` : sql`k.workflow_id IN (${subjectsOfUser(user)})`;
  return sql<boolean>`${matches(filter)} AND ${ofUser} AND ${isAcceptable(accepted)}`;
}

/** Words of a filter that were given, as they are recorded. */
function given(filter: ParkedFilter): Readonly<Record<string, string>> {
  const { since, until, partner, route, event, user } = filter;
  const words = Object.entries({ since, until, partner, route, event, user });
  return Object.fromEntries(words.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Ids of the parked deliveries that are chosen, in pages, the oldest first; nothing is changed. */
export async function* parkedIds(
  database: Kysely<Tables>,
  filter: ParkedFilter,
  accepted: Accepted | null = null,
): AsyncGenerator<readonly string[]> {
  for (let after = '0'; ;) {
    const { rows } = await sql<{ id: string; position: string }>`
      SELECT id, position FROM deliveries k WHERE status = 'parked' AND position > ${after} AND ${isChosen(filter, accepted)}
      ORDER BY position LIMIT ${PAGE_ROWS}`.execute(database);
    yield rows.map(({ id }) => id);
    after = rows.at(-1)?.position ?? after;
    if (rows.length < PAGE_ROWS) return;
  }
}
