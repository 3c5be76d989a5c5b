import { type Kysely, sql, type Transaction } from 'kysely';
import { v7 as uuidv7 } from 'uuid';

import type { Partner } from '../domain/notification';
import type { AlertKind } from '../domain/subject';
import type { Tables } from './tables';

/** Something an operator should hear of; many of one partner and finding become one alert per window. */
export interface AlertCause {
  readonly partner: Partner;
  readonly finding: AlertKind;
  /** A workflow or delivery id, shown as an example. */
  readonly example: string;
}

const MOST_EXAMPLES = 20;

/**
 * Adds causes to the alerts of the present window. By the database's clock, because several processes raise them;
 * a cause that comes after its window was sent makes it be sent again rather than be lost.
 */
export async function raiseAlerts(
  database: Kysely<Tables> | Transaction<Tables>,
  causes: readonly AlertCause[],
  windowMs: number,
): Promise<void> {
  const window = `${String(Math.max(1, Math.round(windowMs)))} milliseconds`;
  for (const { partner, finding, example } of causes) {
    await sql`
      WITH present AS (SELECT date_bin(${window}::interval, now(), 'epoch'::timestamptz) AS start)
      INSERT INTO alerts (id, partner, finding, window_start, window_end, count, examples, next_attempt_at)
      SELECT ${uuidv7()}, ${partner}, ${finding}, start, start + ${window}::interval, 1, ARRAY[${example}::text],
             start + ${window}::interval
      FROM present
      ON CONFLICT (partner, finding, window_start) DO UPDATE SET
        count = alerts.count + 1,
        examples = CASE WHEN cardinality(alerts.examples) < ${MOST_EXAMPLES} AND NOT alerts.examples @> excluded.examples
                        THEN alerts.examples || excluded.examples ELSE alerts.examples END,
        sent_at = NULL`.execute(database);
  }
}

/** An alert whose window is over, leased to one sender. */
export interface DueAlert {
  readonly id: string;
  readonly partner: Partner;
  readonly finding: string;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly count: number;
  readonly examples: readonly string[];
  readonly attempts: number;
}

/** Claims alerts whose window is over, oldest first; several senders may run. */
export async function claimDueAlerts(
  database: Kysely<Tables>,
  limit: number,
  leaseMs: number,
): Promise<readonly DueAlert[]> {
  const rows = await database
    .updateTable('alerts')
    .set({
      lease_until: sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`,
      attempts: sql<number>`attempts + 1`,
    })
    .where('id', 'in', (query) =>
      query
        .selectFrom('alerts')
        .select('id')
        .where('sent_at', 'is', null)
        .where('next_attempt_at', '<=', sql<Date>`now()`)
        .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<', sql<Date>`now()`)]))
        .orderBy('window_start')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute();
  return rows.map(({ id, partner, finding, window_start, window_end, count, examples, attempts }) => ({
    id,
    partner,
    finding,
    windowStart: window_start,
    windowEnd: window_end,
    count,
    examples,
    attempts,
  }));
}

/** The receiver took the alert. A cause added while it was being sent (another count) leaves it to be sent again. */
export async function alertSent(database: Kysely<Tables>, alert: DueAlert): Promise<void> {
  await database
    .updateTable('alerts')
    .set({ lease_until: null, sent_at: sql<Date>`CASE WHEN count = ${alert.count} THEN now() END` })
    .where('id', '=', alert.id)
    .execute();
}

/** The receiver did not take it: again after the given time. */
export async function alertFailed(database: Kysely<Tables>, alert: DueAlert, retryMs: number): Promise<void> {
  await database
    .updateTable('alerts')
    .set({ lease_until: null, next_attempt_at: sql<Date>`now() + ${retryMs} * interval '1 millisecond'` })
    .where('id', '=', alert.id)
    .execute();
}
