import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import { lockCounts } from './fold';
import type { Tables } from '../schema/tables';

/** Difference that was found between a count and the rows; the count is that of the rows since. */
export interface Correction {
  readonly day: string;
  readonly partner: Partner;
  readonly source: string;
  /** Outcome, or `duplicate`. */
  readonly kind: string;
  readonly counted: number;
  readonly rows: number;
}

/**
 * Recount of the deliveries that are done from the rows of the days since one, before another; both as
 * `YYYY-MM-DD`. Counts that differ are corrected.
 */
export async function recountDays(
  database: Kysely<Tables>,
  since: string,
  until: string,
): Promise<readonly Correction[]> {
  return database.transaction().execute(async (transaction) => {
    await lockCounts(transaction);
    await openDays(transaction, since, until);
    return recount(transaction, since, until);
  });
}

/** Opening of days that were final: their counts are live, and no longer part of the sum of final ones. */
async function openDays(transaction: Transaction<Tables>, since: string, until: string): Promise<void> {
  await sql`
    WITH opened AS (
      UPDATE counts SET final = false WHERE final AND day >= ${since}::date AND day < ${until}::date
      RETURNING name, partner, kind, value
    )
    INSERT INTO counts (name, partner, kind, value)
    SELECT name, partner, kind, -sum(value) FROM opened GROUP BY name, partner, kind
    ON CONFLICT (name, partner, day, kind) DO UPDATE SET value = counts.value + excluded.value`.execute(transaction);
}

/** One statement, so that rows and counts are of one snapshot: what is done meanwhile is in both or in neither. */
async function recount(transaction: Transaction<Tables>, since: string, until: string): Promise<readonly Correction[]> {
  const { rows } = await sql<Correction>`
    WITH kept AS (
      SELECT source AS name, partner, (received_at AT TIME ZONE 'UTC')::date AS day, coalesce(outcome, status) AS kind,
        count(*) AS value
      FROM deliveries
      WHERE received_at >= ${since}::date::timestamp AT TIME ZONE 'UTC'
        AND received_at < ${until}::date::timestamp AT TIME ZONE 'UTC'
        AND (status = 'duplicate' OR outcome IS NOT NULL)
      GROUP BY 1, 2, 3, 4
    ), known AS (
      SELECT name, partner, day, kind, sum(value) AS value FROM (
        SELECT name, partner, day, kind, value FROM counts
        UNION ALL SELECT name, partner, day, kind, value FROM count_changes
      ) AS known
      WHERE name IN ('webhook', 'sweep') AND day > '-infinity' AND day >= ${since}::date AND day < ${until}::date
      GROUP BY name, partner, day, kind
    ), different AS (
      SELECT name, partner, day, kind, coalesce(known.value, 0) AS counted, coalesce(kept.value, 0) AS rows
      FROM known FULL JOIN kept USING (name, partner, day, kind)
      WHERE coalesce(known.value, 0) <> coalesce(kept.value, 0)
    ), corrected AS (
      INSERT INTO counts (name, partner, day, kind, value)
      SELECT name, partner, day, kind, rows - counted FROM different
      ON CONFLICT (name, partner, day, kind) DO UPDATE SET value = counts.value + excluded.value
    )
    SELECT day::text AS day, partner, name AS source, kind, counted::float8 AS counted, rows::float8 AS rows
    FROM different ORDER BY day, partner, source, kind`.execute(transaction);
  return rows;
}

/**
 * Count of the next days that hold rows from before there were counts. True while days are left.
 */
export async function countDaysOfBefore(database: Kysely<Tables>): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    await lockCounts(transaction);
    const { rows } = await sql<{ since: string; next: string; isLast: boolean }>`
      SELECT since::text AS since, least(next, until)::text AS next, next >= until AS "isLast"
      FROM uncounted_days CROSS JOIN LATERAL (
        SELECT 1 + CASE WHEN since > '-infinity' THEN since
          ELSE coalesce((SELECT (received_at AT TIME ZONE 'UTC')::date FROM deliveries ORDER BY position LIMIT 1), until) END
          AS next
      ) AS page`.execute(transaction);
    const [page] = rows;
    if (page === undefined) return false;
    await recount(transaction, page.since, page.next);
    if (page.isLast) await sql`DELETE FROM uncounted_days`.execute(transaction);
    else await sql`UPDATE uncounted_days SET since = ${page.next}::date`.execute(transaction);
    return !page.isLast;
  });
}

/**
 * Days that are over, of which nothing is pending, parked or open, and whose rows were not counted again since: at
 * most so many.
 */
export async function daysToClose(database: Kysely<Tables>, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ day: string }>`
    SELECT DISTINCT day::text AS day FROM counts
    WHERE NOT final AND name IN ('webhook', 'sweep', 'received') AND day > '-infinity'
      AND day < ((now() - interval '10 minutes') AT TIME ZONE 'UTC')::date
      AND NOT EXISTS (SELECT FROM uncounted_days)
      AND day NOT IN (
        SELECT (received_at AT TIME ZONE 'UTC')::date FROM deliveries WHERE status = 'pending'
        UNION SELECT (received_at AT TIME ZONE 'UTC')::date FROM deliveries WHERE status = 'parked'
        UNION SELECT (received_at AT TIME ZONE 'UTC')::date FROM deliveries WHERE status = 'delivered' AND outcome IS NULL)
    ORDER BY 1 LIMIT ${limit}`.execute(database);
  return rows.map(({ day }) => day);
}

/** Recount of a day that is over, after which it is final: its counts are part of the sum of final days. */
export async function closeDay(database: Kysely<Tables>, day: string): Promise<readonly Correction[]> {
  return database.transaction().execute(async (transaction) => {
    await lockCounts(transaction);
    const until = dayAfter(day);
    await openDays(transaction, day, until);
    const corrections = await recount(transaction, day, until);
    await sql`
      WITH closed AS (
        UPDATE counts SET final = true WHERE day = ${day}::date RETURNING name, partner, kind, value
      ), noted AS (
        INSERT INTO counted_days (day) VALUES (${day}::date) ON CONFLICT (day) DO UPDATE SET counted_at = now()
      )
      INSERT INTO counts (name, partner, kind, value)
      SELECT name, partner, kind, sum(value) FROM closed GROUP BY name, partner, kind
      ON CONFLICT (name, partner, day, kind) DO UPDATE SET value = counts.value + excluded.value`.execute(transaction);
    return corrections;
  });
}

const DAY_MS = 86_400_000;

/** Day after another, both as `YYYY-MM-DD`. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}
