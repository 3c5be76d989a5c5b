import { sql } from 'kysely';

/**
 * Numbers of deliveries by partner, source, and status or outcome (`delivered`: without an outcome yet), as the body of
 * a query with the columns `partner`, `source`, `kind` and `value`. Deliveries that are done are counts; the others are
 * counted from their rows by indexes that hold no more than these. So are the days that are not counted yet since
 * counts exist. All of it is read in one snapshot, in which a row is done or not.
 */
export const DELIVERY_COUNTS = sql`
  SELECT partner, name AS source, kind, value FROM (
    SELECT name, partner, day, kind, value FROM counts WHERE NOT final
    UNION ALL SELECT name, partner, day, kind, value FROM count_changes
  ) AS known
  WHERE name IN ('webhook', 'sweep')
    AND NOT EXISTS (SELECT FROM uncounted_days AS days WHERE known.day >= days.since AND known.day < days.until)
  UNION ALL
  SELECT partner, source, status, count(*) FROM deliveries WHERE status = 'pending' GROUP BY partner, source, status
  UNION ALL
  SELECT partner, source, status, count(*) FROM deliveries WHERE status = 'parked' GROUP BY partner, source, status
  UNION ALL
  SELECT partner, source, status, count(*) FROM deliveries
  WHERE status = 'delivered' AND outcome IS NULL GROUP BY partner, source, status
  UNION ALL SELECT partner, source, kind, value FROM uncounted_deliveries()`;
