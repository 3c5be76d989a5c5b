import { type Kysely, type RawBuilder, sql } from 'kysely';

import { keyCursorOf, keyOf, keyPageOf } from '../key-pagination';
import type { Page, PageRequest } from '../pagination';
import type { Tables } from '../schema/tables';
import { isWithin, SCANNED_ROWS, type TimeWindow } from '../time-window';

/** Time and position of the flow that a cursor of a window stands for; null for any other cursor. */
export function windowKeyOf(cursor: string): { readonly at: string; readonly position: string } | null {
  const [at = '', position = ''] = keyOf(cursor, KEY_WORDS) ?? [];
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(at) && !Number.isNaN(Date.parse(at));
  return isTime && /^[1-9]\d{0,17}$/.test(position) ? { at, position } : null;
}

const KEY_WORDS = 2;

/**
 * Positions of flows whose state is of a window and that fit, the newest state first. At most so many rows are looked at
 * for one page: one that ends there may hold fewer than its limit, and has a next one.
 */
export async function flowsInWindow(
  database: Kysely<Tables>,
  window: TimeWindow,
  /** Condition on `subjects`, here `s`. */
  fits: RawBuilder<unknown>,
  { limit, after }: PageRequest,
): Promise<Page<string>> {
  const key = after === null ? null : windowKeyOf(after);
  // A flow that has not written anything yet has no state: it is as old as its row.
  const parts = [
    { time: sql`since`, only: sql`since IS NOT NULL` },
    { time: sql`as_of`, only: sql`since IS NULL AND open` },
  ].map(({ time, only }) => {
    const behind =
      key === null ? sql`true` : sql`(${time}, position) < (${key.at}::timestamptz, ${key.position}::bigint)`;
    return sql`(SELECT position, ${time} AS at FROM subjects WHERE lifecycle <> 'recorded' AND ${only} AND ${behind}
      AND ${isWithin(window, time)} ORDER BY ${time} DESC, position DESC LIMIT ${SCANNED_ROWS})`;
  });
  const { rows } = await sql<{ position: string; at: string; fits: boolean }>`
    WITH scanned AS MATERIALIZED (
      SELECT position, at FROM (${sql.join(parts, sql` UNION ALL `)}) AS newest
      ORDER BY at DESC, position DESC LIMIT ${SCANNED_ROWS}
    ), fitting AS (
      SELECT s.position, scanned.at FROM scanned
        CROSS JOIN LATERAL (SELECT * FROM subjects WHERE position = scanned.position LIMIT 1) AS s WHERE ${fits}
      ORDER BY scanned.at DESC, s.position DESC LIMIT ${limit + 1}
    ), last AS (
      SELECT position, at FROM scanned WHERE (SELECT count(*) FROM scanned) >= ${SCANNED_ROWS} ORDER BY at, position LIMIT 1
    )
    SELECT position, ${written(sql`at`)} AS at, true AS fits FROM fitting
    UNION ALL SELECT position, ${written(sql`at`)}, false FROM last WHERE (SELECT count(*) FROM fitting) <= ${limit}
    ORDER BY fits DESC, at DESC, position DESC`.execute(database);
  const found = rows.filter((row) => row.fits);
  const cut = rows.find((row) => !row.fits);
  const page = keyPageOf(found, limit, keyOfRow, ({ position }) => position);
  return cut === undefined ? page : { ...page, next: keyCursorOf(keyOfRow(cut)) };
}

function keyOfRow({ at, position }: { readonly at: string; readonly position: string }): readonly string[] {
  return [at, position];
}

/** Time as a cursor holds it, to the microsecond: rows of one millisecond have an order, too. */
function written(time: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
