import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/** Number of one kind at a partner. */
export interface Counted {
  readonly partner: Partner;
  /** Lifecycle or finding that is counted apart; empty where nothing is. */
  readonly kind: string;
  readonly count: number;
}

/** Numbers of what waits now, by partner. A kind that is absent has none. */
export interface StoreGauges {
  readonly oldestPendingSeconds: readonly Counted[];
  /** Deliveries that have waited for dispatch for more than an hour, and are alerted. */
  readonly stuckDeliveries: readonly Counted[];
  /** Parked deliveries by what stands in the way of their dispatch; `other` for all that lies in their bodies. */
  readonly parkedDeliveries: readonly Counted[];
  readonly openFlows: readonly Counted[];
  readonly overdueFlows: readonly Counted[];
  readonly openBreaks: readonly Counted[];
  readonly openObligations: readonly Counted[];
  readonly alerts: readonly Counted[];
  readonly unsentAlerts: readonly Counted[];
}

interface Row {
  readonly measure: keyof StoreGauges;
  readonly partner: Partner;
  readonly kind: string;
  readonly count: number;
}

/** Gauges of what waits, from indexes that hold no more than that: cheap however many deliveries there ever were. */
export async function readStoreGauges(database: Kysely<Tables>): Promise<StoreGauges> {
  const { rows } = await sql<Row>`
    SELECT 'oldestPendingSeconds' AS measure, partner, '' AS kind,
      greatest(0, extract(epoch FROM now() - min(received_at)))::float8 AS count
      FROM delivery_queue GROUP BY partner
    UNION ALL
    SELECT 'stuckDeliveries', partner, '', count(*)::float8 FROM delivery_queue
      WHERE stuck_since IS NOT NULL GROUP BY partner
    UNION ALL
    SELECT 'parkedDeliveries', partner, problem->>'path', count(*)::float8 FROM deliveries
      WHERE status = 'parked' GROUP BY partner, problem->>'path'
    UNION ALL
    SELECT 'openFlows', partner, lifecycle, count(*)::float8 FROM subjects WHERE open AND lifecycle <> 'recorded'
      GROUP BY partner, lifecycle
    UNION ALL
    SELECT 'overdueFlows', partner, coalesce(finding, 'none'), count(*)::float8 FROM subjects WHERE open AND overdue
      GROUP BY partner, finding
    UNION ALL
    SELECT 'openBreaks', partner, '', count(*)::float8 FROM transaction_sets
      WHERE verdict = 'break' AND resolution IS NULL GROUP BY partner
    UNION ALL
    SELECT 'openObligations', m.partner, '', count(*)::float8 FROM obligations o JOIN movements m ON m.position = o.movement
      WHERE o.paid_at IS NULL AND m.amount > o.lessened AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position) GROUP BY m.partner
    UNION ALL
    SELECT 'alerts', partner, kind, sum(value)::float8 FROM (
        SELECT partner, kind, value FROM counts WHERE NOT final AND name = 'alert'
        UNION ALL SELECT partner, kind, value FROM count_changes WHERE name = 'alert'
      ) AS alerts GROUP BY partner, kind
    UNION ALL
    SELECT 'unsentAlerts', partner, '', count(*)::float8 FROM alerts WHERE sent_at IS NULL AND window_end < now()
      GROUP BY partner`.execute(database);
  const of = (measure: keyof StoreGauges): readonly Counted[] => rows.filter((row) => row.measure === measure);
  return {
    oldestPendingSeconds: of('oldestPendingSeconds'),
    stuckDeliveries: of('stuckDeliveries'),
    parkedDeliveries: of('parkedDeliveries'),
    openFlows: of('openFlows'),
    overdueFlows: of('overdueFlows'),
    openBreaks: of('openBreaks'),
    openObligations: of('openObligations'),
    alerts: of('alerts'),
    unsentAlerts: of('unsentAlerts'),
  };
}
