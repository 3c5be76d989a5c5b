import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';
import { type Correction, countDaysOfBefore, dayAfter, recountDays } from './recount';

/** Deliveries of a day and partner that were acknowledged, and have no row any more. */
export interface MissingRows {
  readonly day: string;
  readonly partner: Partner;
  readonly received: number;
  readonly rows: number;
}

/** Result of counting everything again. */
export interface CountsAudit {
  readonly days: number;
  readonly corrections: readonly Correction[];
  readonly missing: readonly MissingRows[];
}

/**
 * Recount of every delivery from its row, day by day, each in a transaction of its own: it may be stopped anywhere and
 * run again. Counts that differ are corrected, so that the balance shows what is missing.
 */
export async function auditCounts(
  database: Kysely<Tables>,
  onProgress: (day: string, done: number, days: number) => void,
): Promise<CountsAudit> {
  while (await countDaysOfBefore(database));
  const days = [...new Set([...(await daysOfRows(database)), ...(await daysOfCounts(database))])].sort();
  const corrections: Correction[] = [];
  const missing: MissingRows[] = [];
  for (const [index, day] of days.entries()) {
    corrections.push(...(await recountDays(database, day, dayAfter(day))));
    missing.push(...(await missingOf(database, day)));
    onProgress(day, index + 1, days.length);
  }
  return { days: days.length, corrections, missing };
}

const PAGE_ROWS = 100_000;

/** Days (UTC) on which the deliveries that have rows were received, read in pages of their positions. */
async function daysOfRows(database: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const days = new Set<string>();
  for (let after = '0'; ;) {
    const { rows } = await sql<{ day: string; last: string }>`
      SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date::text AS day, (max(position) OVER ())::text AS last
      FROM (
        SELECT received_at, position FROM deliveries WHERE position > ${after}::bigint ORDER BY position LIMIT ${PAGE_ROWS}
      ) AS page`.execute(database);
    const [first] = rows;
    if (first === undefined) return days;
    rows.forEach(({ day }) => days.add(day));
    after = first.last;
  }
}

/** Days of which there are counts, also where no row is left. */
async function daysOfCounts(database: Kysely<Tables>): Promise<readonly string[]> {
  const { rows } = await sql<{ day: string }>`
    SELECT day::text AS day FROM counts WHERE day > '-infinity'
    UNION SELECT day::text FROM count_changes WHERE day > '-infinity'`.execute(database);
  return rows.map(({ day }) => day);
}

/**
 * Partners of whom more was received on the day than there are rows. Fewer are no fault: a process of the release
 * before counts without the day.
 */
async function missingOf(database: Kysely<Tables>, day: string): Promise<readonly MissingRows[]> {
  const { rows } = await sql<MissingRows>`
    WITH known AS (
      SELECT name, partner, value FROM counts WHERE day = ${day}::date
      UNION ALL SELECT name, partner, value FROM count_changes WHERE day = ${day}::date
      UNION ALL
      SELECT source, partner, 1 FROM deliveries
      WHERE received_at >= ${day}::date::timestamp AT TIME ZONE 'UTC'
        AND received_at < ${dayAfter(day)}::date::timestamp AT TIME ZONE 'UTC'
        AND (status IN ('pending', 'parked') OR (status = 'delivered' AND outcome IS NULL))
    ), sums AS (
      SELECT partner, coalesce(sum(value) FILTER (WHERE name = 'received'), 0)::float8 AS received,
        coalesce(sum(value) FILTER (WHERE name IN ('webhook', 'sweep')), 0)::float8 AS rows
      FROM known GROUP BY partner
    )
    SELECT ${day} AS day, partner, received, rows FROM sums WHERE received > rows ORDER BY partner`.execute(database);
  return rows;
}
