import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';
import { DELIVERY_COUNTS } from './delivery-counts';

/** Reliability and punctuality of a partner's webhooks, as far as the store knows. */
export interface PartnerReliability {
  readonly partner: Partner;
  /** Webhooks that came, without repetitions of the same event. An event that a sweep fetched did not come. */
  readonly arrived: number;
  /** Statuses and movements first learned by an overdue read or a sweep: their webhooks were lost. */
  readonly lost: number;
  /** Share of lost ones among all that should have come, 0 to 1; null while nothing should have. */
  readonly lossRate: number | null;
  /** Flows that are overdue now. */
  readonly overdue: number;
  /** Median of the time past their due times; null where no flow is overdue. */
  readonly medianDelayMs: number | null;
  readonly longestDelayMs: number | null;
}

interface Row {
  readonly partner: string;
  readonly arrived: string;
  readonly lost: string;
  readonly overdue: string;
  readonly median: string | null;
  readonly longest: string | null;
}

/** Reliability of every partner, since the first delivery; delays are those of this moment. */
export async function readPartnerReliability(
  database: Kysely<Tables>,
  partners: readonly Partner[],
): Promise<readonly PartnerReliability[]> {
  const { rows } = await sql<Row>`
    SELECT p.partner, coalesce(d.arrived, 0) AS arrived, coalesce(c.lost, 0) AS lost, coalesce(s.overdue, 0) AS overdue,
      s.median, s.longest
    FROM unnest(${[...partners]}::text[]) AS p (partner)
      LEFT JOIN (SELECT partner, sum(value) AS arrived FROM (${DELIVERY_COUNTS}) AS deliveries
        WHERE source = 'webhook' AND kind <> 'duplicate' GROUP BY partner) d ON d.partner = p.partner
      LEFT JOIN (SELECT partner, sum(value) AS lost FROM (
          SELECT partner, value FROM counters WHERE name = 'recovered'
          UNION ALL SELECT partner, value FROM counts WHERE NOT final AND name = 'recovered'
          UNION ALL SELECT partner, value FROM count_changes WHERE name = 'recovered'
        ) AS recovered GROUP BY partner) c ON c.partner = p.partner
      LEFT JOIN (SELECT partner, count(*) AS overdue,
          extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY now() - due_at)) AS median,
          extract(epoch FROM max(now() - due_at)) AS longest
        FROM subjects WHERE open AND overdue GROUP BY partner) s ON s.partner = p.partner`.execute(database);
  return partners.map((partner) =>
    reliabilityOf(
      partner,
      rows.find((row) => row.partner === partner),
    ),
  );
}

function reliabilityOf(partner: Partner, row: Row | undefined): PartnerReliability {
  const arrived = Number(row?.arrived ?? 0);
  const lost = Number(row?.lost ?? 0);
  return {
    partner,
    arrived,
    lost,
    lossRate: arrived + lost === 0 ? null : lost / (arrived + lost),
    overdue: Number(row?.overdue ?? 0),
    medianDelayMs: milliseconds(row?.median ?? null),
    longestDelayMs: milliseconds(row?.longest ?? null),
  };
}

function milliseconds(seconds: string | null): number | null {
  return seconds === null ? null : Math.max(0, Math.round(Number(seconds) * 1000));
}

/** Numbers of what waits for a person; each is that of a listing. */
export interface Waiting {
  readonly overdueFlows: number;
  readonly openBreaks: number;
  readonly unpaidObligations: number;
  readonly overdueObligations: number;
  /** Messages of the outbox that were given up. */
  readonly deadMessages: number;
}

/** Numbers of what waits for a person. */
export async function countWaiting(database: Kysely<Tables>): Promise<Waiting> {
  const { rows } = await sql<Readonly<Record<keyof Waiting, string>>>`
    SELECT (SELECT count(*) FROM subjects WHERE open AND overdue) AS "overdueFlows",
      (SELECT count(*) FROM transaction_sets WHERE verdict = 'break' AND resolution IS NULL) AS "openBreaks",
      (SELECT count(*) FROM outbox WHERE state = 'dead') AS "deadMessages",
      count(*) AS "unpaidObligations", count(*) FILTER (WHERE o.due_at < now()) AS "overdueObligations"
    FROM obligations o JOIN movements m ON m.position = o.movement LEFT JOIN movements r ON r.reverses = m.position
    WHERE o.paid_at IS NULL AND m.amount + coalesce(r.amount, 0) > o.lessened`.execute(database);
  const row = rows[0];
  return {
    overdueFlows: Number(row?.overdueFlows ?? 0),
    openBreaks: Number(row?.openBreaks ?? 0),
    unpaidObligations: Number(row?.unpaidObligations ?? 0),
    overdueObligations: Number(row?.overdueObligations ?? 0),
    deadMessages: Number(row?.deadMessages ?? 0),
  };
}
