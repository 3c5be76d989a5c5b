import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/**
 * True while rows of `deliveries` may hold bodies, as those of release 0.2.0 do: until `partnerflow setup --contract`. Only
 * then may a statement name `deliveries.body`.
 */
export async function hasBodiesInRows(database: Kysely<Tables> | Transaction<Tables>): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM pg_attribute
    WHERE attrelid = 'deliveries'::regclass AND attname = 'body' AND NOT attisdropped`.execute(database);
  return rows.length > 0;
}

/** Condition for bodies in rows whose retention is over; an index that release 0.2.0 has serves it. */
export function overdueInRows(partner: Partner, days: number) {
  return sql`partner = ${partner} AND body IS NOT NULL AND status IN ('duplicate', 'delivered')
    AND received_at < now() - ${days} * interval '1 day'`;
}

const BATCH_ROWS = 500;

/** Removal of bodies in rows whose retention is over; their number. */
export async function removeInRows(database: Kysely<Tables>, partner: Partner, days: number): Promise<number> {
  if (!(await hasBodiesInRows(database))) return 0;
  for (let removed = 0; ;) {
    const result = await sql`
      UPDATE deliveries SET body = NULL, body_key = NULL WHERE position = ANY (ARRAY (
        SELECT position FROM deliveries WHERE ${overdueInRows(partner, days)}
        ORDER BY received_at LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED))`.execute(database);
    const batch = Number(result.numAffectedRows ?? 0);
    removed += batch;
    if (batch < BATCH_ROWS) return removed;
  }
}

/** Number of rows that move in one transaction: it locks them for an instant beside receivers and dispatchers. */
const PAGE_ROWS = 500;

/** Number of rows that still hold their body. */
export async function countBodiesInRows(database: Kysely<Tables>): Promise<number> {
  if (!(await hasBodiesInRows(database))) return 0;
  const { rows } = await sql<{
    count: string;
  }>`SELECT count(*) AS count FROM deliveries WHERE body IS NOT NULL`.execute(database);
  return Number(rows[0]?.count ?? 0);
}

/** Rows whose bodies move: those that are decided on, or all once no process of release 0.2.0 runs any more. */
export type MovedRows = 'decided' | 'all';

/**
 * Move of bodies from the rows of facts to their own table, page by page while receivers go on; the number of them. It may
 * be killed anywhere and goes on where it was, since what has moved is found no more. A pending delivery keeps its body
 * in the row: a dispatcher of release 0.2.0 that has leased it looks for it there.
 */
export async function moveBodies(
  database: Kysely<Tables>,
  which: MovedRows,
  goesOn: (moved: number) => boolean = () => true,
): Promise<number> {
  if (!(await hasBodiesInRows(database))) return 0;
  for (let moved = 0, after = '0'; ;) {
    const page = await movePage(database, after, which);
    moved += page.moved;
    if (page.last === null || !goesOn(moved)) return moved;
    after = page.last;
  }
}

interface MovedPage {
  readonly moved: number;
  /** Position of the last row of the page; null at the end. */
  readonly last: string | null;
}

/** A row that somebody else has locked is left for the next time. */
async function movePage(database: Kysely<Tables>, after: string, which: MovedRows): Promise<MovedPage> {
  const { rows } = await sql<MovedPage>`
    WITH page AS (
      SELECT position, partner, received_at, id, body, body_key FROM deliveries
      WHERE body IS NOT NULL AND position > ${after}::bigint ${which === 'all' ? sql`` : sql`AND status <> 'pending'`}
      ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED
    ), apart AS (
      INSERT INTO delivery_bodies (partner, received_at, id, body, body_key)
      SELECT partner, received_at, id, body, body_key FROM page ON CONFLICT DO NOTHING
    ), emptied AS (
      UPDATE deliveries SET body = NULL FROM page WHERE deliveries.position = page.position RETURNING deliveries.position
    )
    SELECT count(*)::int AS moved, max(position)::text AS last FROM emptied`.execute(database);
  return rows[0] ?? { moved: 0, last: null };
}

/** True where a row holds its body. */
export async function isAnyBodyInRows(database: Kysely<Tables> | Transaction<Tables>): Promise<boolean> {
  const { rows } = await sql`SELECT FROM deliveries WHERE body IS NOT NULL ORDER BY position LIMIT 1`.execute(database);
  return rows.length > 0;
}
