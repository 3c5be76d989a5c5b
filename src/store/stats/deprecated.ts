import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/** Event that a partner has replaced by another version, and still sends. */
export interface DeprecatedArrivals {
  readonly partner: Partner;
  readonly event: string;
  readonly count: number;
  /** Day (UTC) on which it came last, as `YYYY-MM-DD`. */
  readonly lastDay: string;
}

/** Count of one more arrival of each, in the transaction that records them. */
export async function countDeprecated(
  transaction: Transaction<Tables>,
  arrivals: readonly { readonly partner: Partner; readonly event: string }[],
): Promise<void> {
  if (arrivals.length === 0) return;
  await sql`
    INSERT INTO count_changes (name, partner, day, kind, value)
    SELECT 'deprecated', partner, (now() AT TIME ZONE 'UTC')::date, event, count(*)
    FROM unnest(${arrivals.map(({ partner }) => partner)}::text[], ${arrivals.map(({ event }) => event)}::text[])
      AS input (partner, event)
    GROUP BY partner, event`.execute(transaction);
}

/** Arrivals of replaced versions; those that came last first. */
export async function readDeprecated(database: Kysely<Tables>): Promise<readonly DeprecatedArrivals[]> {
  const { rows } = await sql<DeprecatedArrivals>`
    SELECT partner, kind AS event, sum(value) FILTER (WHERE NOT final)::float8 AS count, max(day)::text AS "lastDay"
    FROM (
      SELECT partner, kind, day, value, final FROM counts WHERE name = 'deprecated'
      UNION ALL SELECT partner, kind, day, value, false FROM count_changes WHERE name = 'deprecated'
    ) AS arrivals
    GROUP BY partner, kind ORDER BY max(day) DESC, partner, kind`.execute(database);
  return rows;
}
