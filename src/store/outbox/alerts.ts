import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { OutgoingMessage } from '../../domain/outgoing';
import type { AlertKind } from '../../domain/subject';
import { queueMessages } from '../messages/queue';
import { bodyOf } from './enqueue';
import type { Tables } from '../schema/tables';

/** Cause of an alert; many of one partner and finding become one alert per window. */
export interface AlertCause {
  readonly partner: Partner;
  readonly finding: AlertKind;
  /** Workflow or delivery id, shown as an example; the partner itself where all of it is away. */
  readonly example: string;
}

const MOST_EXAMPLES = 20;

/**
 * Addition of causes to the alerts of the present window. The window is that of the database's clock, because several
 * processes raise alerts. A cause that comes after its window was sent makes the alert be sent again rather than be
 * lost. Causes are appended, and folded into alerts afterwards: every process raises the same few alerts, and one that
 * held their rows until it commits would make all others wait.
 */
export async function raiseAlerts(
  database: Kysely<Tables> | Transaction<Tables>,
  causes: readonly AlertCause[],
  windowMs: number,
): Promise<void> {
  if (causes.length === 0) return;
  const window = `${String(Math.max(1, Math.round(windowMs)))} milliseconds`;
  await sql`
    WITH present AS (SELECT date_bin(${window}::interval, now(), 'epoch'::timestamptz) AS start)
    INSERT INTO alert_causes (partner, finding, window_start, window_end, count, examples)
    SELECT input.partner, input.finding, start, start + ${window}::interval, input.count, input.examples
    FROM present CROSS JOIN jsonb_to_recordset(${JSON.stringify(groupCauses(causes))}::jsonb)
      AS input (partner text, finding text, count int, examples text[])`.execute(database);
}

/** Number of raised causes that are folded at once. */
const MOST_CAUSES = 5_000;

/**
 * Folding of raised causes into the alerts of their windows; resolves to their number. Several processes may do it at
 * once: each cause is removed, and counted, by one of them.
 */
export async function foldAlerts(database: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ causes: string }>`
      WITH taken AS (
        DELETE FROM alert_causes WHERE ctid = ANY (ARRAY (SELECT ctid FROM alert_causes LIMIT ${MOST_CAUSES}))
        RETURNING *
      ), raised AS (
        SELECT partner, finding, window_start, max(window_end) AS window_end, sum(count)::int AS count FROM taken
        GROUP BY partner, finding, window_start
      ), folded AS (
        INSERT INTO alerts (id, partner, finding, window_start, window_end, count, examples, next_attempt_at)
        SELECT gen_random_uuid(), partner, finding, window_start, window_end, count, ARRAY (
            SELECT example FROM taken CROSS JOIN unnest(taken.examples) WITH ORDINALITY AS given (example, place)
            WHERE (taken.partner, taken.finding, taken.window_start) = (raised.partner, raised.finding, raised.window_start)
            GROUP BY example ORDER BY min(ARRAY[extract(epoch FROM raised_at), place]) LIMIT ${sql.lit(MOST_EXAMPLES)}
          ), window_end
        FROM raised ORDER BY partner, finding, window_start
        ON CONFLICT (partner, finding, window_start) DO UPDATE SET
          count = alerts.count + excluded.count,
          examples = (alerts.examples || ARRAY(
            SELECT example FROM unnest(excluded.examples) WITH ORDINALITY AS new (example, place)
            WHERE NOT alerts.examples @> ARRAY[example] ORDER BY place
          ))[1:${sql.lit(MOST_EXAMPLES)}],
          sent_at = NULL
      )
      SELECT count(*) AS causes FROM taken`.execute(database);
  return Number(rows[0]?.causes ?? 0);
}

/** The time for which one alert of an outage is enough: each worker finds it out by itself, and a partner may come and go. */
const OUTAGE = '15 minutes';

/** Addition of the alert that a partner as a whole is away, unless one within the last quarter of an hour said so. */
export async function raiseOutage(database: Kysely<Tables>, partner: Partner, windowMs: number): Promise<void> {
  const { rows } = await sql`
    SELECT FROM (
      SELECT partner, finding, examples, window_start FROM alerts
      UNION ALL SELECT partner, finding, examples, window_start FROM alert_causes
    ) AS raised WHERE partner = ${partner} AND finding = 'unreachable' AND examples @> ARRAY[${partner}::text]
      AND window_start > now() - ${OUTAGE}::interval - ${`${String(Math.round(windowMs))} milliseconds`}::interval
    LIMIT 1`.execute(database);
  if (rows.length === 0) await raiseAlerts(database, [{ partner, finding: 'unreachable', example: partner }], windowMs);
}

interface RaisedAlert {
  readonly partner: Partner;
  readonly finding: AlertKind;
  readonly count: number;
  readonly examples: readonly string[];
}

/** Causes of each partner and finding together: a batch of thousands raises one row. */
function groupCauses(causes: readonly AlertCause[]): readonly RaisedAlert[] {
  const groups = new Map<string, RaisedAlert>();
  for (const { partner, finding, example } of causes) {
    const name = `${partner} ${finding}`;
    const group = groups.get(name);
    const examples = group?.examples ?? [];
    const isKept = examples.length < MOST_EXAMPLES && !examples.includes(example);
    groups.set(name, {
      ...{ partner, finding, count: (group?.count ?? 0) + 1 },
      examples: isKept ? [...examples, example] : examples,
    });
  }
  return [...groups.values()];
}

/** Alert whose window is over. */
export interface DueAlert {
  readonly id: string;
  readonly partner: Partner;
  readonly finding: string;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly count: number;
  readonly examples: readonly string[];
}

const TOLD_AT_ONCE = 100;

/** Alerts whose window is over, queued for the feed, also where nobody is sent any; their number. */
export async function tellAlerts(database: Kysely<Tables>): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<DueAlert>`
      UPDATE alerts SET told_count = count WHERE id = ANY (ARRAY (
        SELECT id FROM alerts WHERE told_count < count AND window_end <= now() ORDER BY window_end
        LIMIT ${TOLD_AT_ONCE} FOR UPDATE SKIP LOCKED
      ))
      RETURNING id, partner, finding, window_start AS "windowStart", window_end AS "windowEnd", count, examples`.execute(
      transaction,
    );
    await queueMessages(transaction, rows.map(alertMessage));
    return rows.length;
  });
}

/** Message of an alert. One to which a cause was added is another message, with the higher count. */
function alertMessage(alert: DueAlert): OutgoingMessage {
  const { partner, finding, count, windowStart, windowEnd, examples } = alert;
  const id = `${alert.id}-${String(count)}`;
  const data = { partner, finding, count, windowStart, windowEnd, examples };
  return { id, type: 'alert.raised', subject: `alert:${alert.id}`, key: id, at: windowEnd.toISOString(), data };
}

/**
 * Body of an alert: the number of times a finding was made at a partner within a window, and examples of flows or
 * deliveries.
 */
export function alertBody(alert: DueAlert): string {
  return bodyOf(alertMessage(alert));
}

/**
 * Transfer to the outbox of alerts whose window is over. An alert to which a cause was added after that is
 * transferred again, under another id and with the higher count.
 */
export async function handOverAlerts(database: Kysely<Tables>, limit: number): Promise<void> {
  const { rows } = await sql<{ areRaised: boolean; areDue: boolean }>`
    SELECT EXISTS (SELECT FROM alert_causes) AS "areRaised",
      EXISTS (SELECT FROM alerts WHERE sent_at IS NULL AND next_attempt_at <= now()) AS "areDue"`.execute(database);
  const [waiting] = rows;
  if (waiting?.areRaised === true) await foldAlerts(database);
  if (waiting?.areRaised !== true && waiting?.areDue !== true) return;
  await database.transaction().execute(async (transaction) => {
    const due = await dueAlerts(transaction, limit);
    if (due.length === 0) return;
    await transaction
      .insertInto('outbox')
      .values(
        due.map((alert) => ({
          ...placeOf(alertMessage(alert)),
          target: 'alerts' as const,
          body: alertBody(alert),
        })),
      )
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  });
}

function placeOf({ key: id, subject, type }: OutgoingMessage) {
  return { id, subject, type };
}

async function dueAlerts(transaction: Transaction<Tables>, limit: number): Promise<readonly DueAlert[]> {
  const { rows } = await sql<DueAlert>`
    UPDATE alerts SET sent_at = now() WHERE id = ANY (ARRAY (
      SELECT id FROM alerts
      WHERE sent_at IS NULL AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now())
      ORDER BY window_start LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ))
    RETURNING id, partner, finding, window_start AS "windowStart", window_end AS "windowEnd", count, examples`.execute(
    transaction,
  );
  return rows;
}
