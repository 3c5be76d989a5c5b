import { type Kysely, type RawBuilder, sql } from 'kysely';

import { type Cursored, cursorOf, type PageRequest, positionOf } from '../pagination';
import type { Tables } from '../schema/tables';
import { isWithin, SCANNED_ROWS, type TimeWindow } from '../time-window';

/** Deliveries that are wanted of a window of time. */
export interface WindowRequest {
  readonly window: TimeWindow;
  /** Condition on `kept_deliveries`, here `k`; null admits all. */
  readonly fits: RawBuilder<unknown> | null;
  /** Positions in which is looked, the newest first, where few rows are of the wanted kind; null: all of the window. */
  readonly among: ((page: PageRequest) => RawBuilder<unknown>) | null;
}

/**
 * Positions of deliveries that were received in a window and fit, the newest first. At most so many rows are looked at for
 * one page: one that ends there may hold fewer than its limit, and has a next one.
 */
export async function positionsInWindow(
  database: Kysely<Tables>,
  { window, fits, among }: WindowRequest,
  page: PageRequest,
): Promise<Cursored> {
  const isAnyFit = fits === null && among === null;
  const most = isAnyFit ? page.limit + 1 : SCANNED_ROWS;
  const scanned = among === null ? receivedIn(window, page, most) : among({ ...page, limit: most - 1 });
  const order = among === null ? sql`received_at DESC, position DESC` : sql`position DESC`;
  const within = among === null ? sql`true` : isWithin(window, sql`k.received_at`);
  const { rows } = await sql<{ fitting: readonly string[] | null; scanned: string; last: string | null }>`
    WITH scanned AS MATERIALIZED (${scanned}), ordered AS MATERIALIZED (
      SELECT k.position, k.received_at, ${within} AND ${fits ?? sql`true`} AS fits
      FROM scanned CROSS JOIN LATERAL (SELECT * FROM kept_deliveries WHERE position = scanned.position LIMIT 1) AS k
    ), fitting AS (SELECT position, received_at FROM ordered WHERE fits ORDER BY ${order} LIMIT ${page.limit + 1})
    SELECT (SELECT array_agg(position::text ORDER BY ${order}) FROM fitting) AS fitting,
      (SELECT count(*) FROM scanned) AS scanned,
      (SELECT position FROM ordered ORDER BY ${reverse(among === null)} LIMIT 1) AS last`.execute(database);
  const [row] = rows;
  const positions = (row?.fitting ?? []).slice(0, page.limit);
  const lastShown = positions.at(-1);
  if ((row?.fitting?.length ?? 0) > page.limit && lastShown !== undefined)
    return { positions, next: cursorOf(lastShown) };
  const last = row?.last ?? null;
  const isCut = Number(row?.scanned ?? 0) >= most;
  return { positions, next: isCut && last !== null ? cursorOf(last) : null };
}

function reverse(isByTime: boolean): RawBuilder<unknown> {
  return isByTime ? sql`received_at, position` : sql`position`;
}

/** Newest deliveries of a window: those that are decided by an index, and those that wait from the queue. */
function receivedIn(window: TimeWindow, { after }: PageRequest, most: number): RawBuilder<unknown> {
  const position = after === null ? null : positionOf(after);
  const behind =
    position === null
      ? sql``
      : sql` AND (received_at, position) < ((SELECT received_at FROM deliveries WHERE position = ${position}), ${position})`;
  const newest = sql`${isWithin(window, sql`received_at`)}${behind} ORDER BY received_at DESC, position DESC LIMIT ${most}`;
  return sql`
    SELECT position FROM (
      (SELECT position, received_at FROM deliveries WHERE status <> 'pending' AND ${newest})
      UNION ALL
      (SELECT position, received_at FROM delivery_queue WHERE ${newest})
    ) AS newest ORDER BY received_at DESC, position DESC LIMIT ${most}`;
}
