import { type Kysely, type RawBuilder, sql } from 'kysely';

import type { Partner } from '../domain/partner';
import { FLOW_COLUMNS, type FlowItem, flowItemOf, type FlowLink } from './flows/list';
import type { Tables } from './schema/tables';
import { isWithin } from './time-window';

/** Window of a report, and the partner; absent: all of them. Times are ISO 8601 UTC. */
export interface ReportRequest {
  readonly partner: Partner | null;
  readonly from: string;
  readonly to: string;
}

/** Kinds of arrivals: the status of a delivery, or its outcome; `open` is delivered without an outcome yet. */
export const ARRIVALS = [
  'pending',
  'duplicate',
  'parked',
  'open',
  'applied',
  'repeated',
  'late',
  'illegal',
  'abandoned',
] as const;

/** Number of webhooks that came, in all and by what became of them. */
export type Came = Readonly<Record<(typeof ARRIVALS)[number] | 'total', number>>;

/** One thing that a report names. */
export interface ReportItem {
  readonly at: string;
  readonly workflowId: string | null;
  /** Way by which it was noticed: a read of the object, a sweep of the partner's list, or a webhook. */
  readonly how: 'read' | 'sweep' | 'webhook';
  readonly event: string | null;
  /** State before, and what was found; of a delivery, its status or outcome. */
  readonly state: string | null;
  readonly found: string | null;
  readonly deliveryId: string | null;
}

/** Number of things, with the first of them. */
export interface Named<Item> {
  readonly count: number;
  readonly items: readonly Item[];
}

/** One bar of the chart: an hour, or a day where the window is long. */
export interface ReportSlot {
  readonly from: string;
  readonly came: number;
  readonly lost: number;
  readonly recovered: number;
  readonly late: number;
}

/** Account of a window: what came, was lost, recovered, late, and is still owed. */
export interface Report extends ReportRequest {
  readonly asOf: string;
  readonly came: Came;
  /** Webhooks that never came: a read or a sweep told in their place. */
  readonly lost: Named<ReportItem>;
  /** Those of them that were made good. */
  readonly recovered: Named<ReportItem>;
  /** Webhooks that came after they were due, or after the end. */
  readonly late: Named<ReportItem>;
  /** Flows that are open and for which something was due in the window. */
  readonly open: Named<FlowItem>;
  /** True when nothing of the window is missing: all that was lost was made good, nothing waits, and nothing due is owed. */
  readonly complete: boolean;
  readonly slot: 'hour' | 'day';
  readonly slots: readonly ReportSlot[];
}

const HOUR_MS = 3_600_000;
/** Longest window that is shown by hours. */
const MOST_HOURS = 31 * 24;
/** Number of things that are named of each kind. */
const MOST_NAMED = 500;

/** Account of a window of time. Its cost is that of the window, whatever else was kept. */
export async function readReport(database: Kysely<Tables>, request: ReportRequest, link: FlowLink): Promise<Report> {
  const isLong = Date.parse(request.to) - Date.parse(request.from) > MOST_HOURS * HOUR_MS;
  const slot = isLong ? 'day' : 'hour';
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      const came = await countArrivals(snapshot, request, slot);
      const lost = await name(snapshot, lostOf(request), slot);
      const recovered = await name(snapshot, recoveredOf(request), slot);
      const late = await name(snapshot, lateOf(request), slot);
      const open = await openOf(snapshot, request, link);
      const total = totalsOf(came);
      const isDone = total.pending + total.parked + total.open + open.count === 0;
      return {
        ...request,
        asOf: new Date().toISOString(),
        came: total,
        lost: lost.named,
        recovered: recovered.named,
        late: late.named,
        open,
        complete: isDone && lost.named.count === recovered.named.count,
        slot,
        slots: slotsOf(request, slot, {
          came: bySlot(came),
          lost: lost.bySlot,
          recovered: recovered.bySlot,
          late: late.bySlot,
        }),
      };
    });
}

type Slot = Report['slot'];

interface Arrivals {
  readonly start: Date;
  readonly kind: string;
  readonly count: number;
}

async function countArrivals(
  database: Kysely<Tables>,
  request: ReportRequest,
  slot: Slot,
): Promise<readonly Arrivals[]> {
  const { rows } = await sql<Arrivals>`
    SELECT ${startOf(slot, sql`received_at`)} AS start, coalesce(outcome, status) AS kind, count(*)::integer AS count
    FROM deliveries WHERE source = 'webhook' AND ${isOf(request, sql`received_at`)} GROUP BY 1, 2`.execute(database);
  return rows;
}

function startOf(slot: Slot, time: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`date_trunc(${sql.lit(slot)}, ${time}, 'UTC')`;
}

function isOf({ partner, from, to }: ReportRequest, time: RawBuilder<unknown>): RawBuilder<unknown> {
  const within = isWithin({ since: from, until: to }, time);
  return partner === null ? within : sql`${within} AND partner = ${partner}`;
}

/** Webhooks that never came: states first learned by a read that was overdue, and events that only a sweep brought. */
function lostOf(request: ReportRequest): RawBuilder<unknown> {
  return sql`${missedOf(request)} UNION ALL ${sweptOf(request, sql`outcome IS DISTINCT FROM 'repeated'`)}`;
}

/** Lost webhooks that were made good: a flow went on from what was read, or from what the sweep brought. */
function recoveredOf(request: ReportRequest): RawBuilder<unknown> {
  return sql`${missedOf(request)} UNION ALL ${sweptOf(request, sql`outcome IN ('applied', 'late')`)}`;
}

function missedOf(request: ReportRequest): RawBuilder<unknown> {
  return sql`
    SELECT at, workflow_id, 'read' AS how, NULL AS event, state, found, NULL::uuid AS delivery_id FROM subject_findings
    WHERE finding = 'missed' AND ${isOf(request, sql`at`)}`;
}

function sweptOf(request: ReportRequest, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    SELECT received_at, workflow_id, 'sweep', event, NULL, coalesce(outcome, status), id FROM deliveries
    WHERE source = 'sweep' AND status <> 'duplicate' AND ${condition} AND ${isOf(request, sql`received_at`)}`;
}

/** Time before a window within which a finding may lie that a webhook of the window answers. */
const ANSWERED_WITHIN = '31 days';

/**
 * Webhooks that came after the end, and the first one after each finding: that was due before. After a missed one only a
 * repetition of what was read is the lost webhook.
 */
function lateOf(request: ReportRequest): RawBuilder<unknown> {
  const { partner, from, to } = request;
  const ofPartner = partner === null ? sql`true` : sql`f.partner = ${partner}`;
  return sql`
    SELECT received_at AS at, workflow_id, 'webhook' AS how, event, NULL AS state, outcome AS found, id AS delivery_id
    FROM deliveries WHERE source = 'webhook' AND outcome = 'late' AND ${isOf(request, sql`received_at`)}
    UNION
    SELECT d.received_at, f.workflow_id, 'webhook', d.event, NULL, d.outcome, d.id FROM subject_findings f
    CROSS JOIN LATERAL (
      SELECT id, received_at, event, outcome FROM deliveries
      WHERE workflow_id = f.workflow_id AND source = 'webhook' AND status = 'delivered' AND received_at > f.at
        AND (f.finding <> 'missed' OR outcome IN ('repeated', 'late'))
      ORDER BY position LIMIT 1) AS d
    WHERE ${ofPartner} AND f.at >= ${from}::timestamptz - ${ANSWERED_WITHIN}::interval AND f.at < ${to}::timestamptz
      AND f.finding <> 'contradiction' AND ${isWithin({ since: from, until: to }, sql`d.received_at`)}`;
}

interface Row {
  readonly at: Date;
  readonly workflowId: string | null;
  readonly how: ReportItem['how'];
  readonly event: string | null;
  readonly state: string | null;
  readonly found: string | null;
  readonly deliveryId: string | null;
}

type BySlot = ReadonlyMap<number, number>;

/** Things that a statement selects, the first of them named, and all counted by slot. */
async function name(
  database: Kysely<Tables>,
  things: RawBuilder<unknown>,
  slot: Slot,
): Promise<{ readonly named: Named<ReportItem>; readonly bySlot: BySlot }> {
  const { rows } = await sql<Row>`
    SELECT at, workflow_id AS "workflowId", how, event, state, found, delivery_id AS "deliveryId" FROM (${things}) AS things
    ORDER BY at, workflow_id LIMIT ${MOST_NAMED}`.execute(database);
  const counted = await sql<{ start: Date; count: number }>`
    SELECT ${startOf(slot, sql`at`)} AS start, count(*)::integer AS count FROM (${things}) AS things GROUP BY 1`.execute(
    database,
  );
  const count = counted.rows.reduce((sum, one) => sum + one.count, 0);
  const items = rows.map(({ at, ...row }) => ({ at: at.toISOString(), ...row }));
  return { named: { count, items }, bySlot: bySlot(counted.rows) };
}

function bySlot(rows: readonly { readonly start: Date; readonly count: number }[]): BySlot {
  const sums = new Map<number, number>();
  for (const { start, count } of rows) sums.set(start.getTime(), (sums.get(start.getTime()) ?? 0) + count);
  return sums;
}

async function openOf(database: Kysely<Tables>, request: ReportRequest, link: FlowLink): Promise<Named<FlowItem>> {
  const isDue = sql<boolean>`open AND lifecycle <> 'recorded' AND ${isOf(request, sql`due_at`)}`;
  const query = database.selectFrom('subjects').where(isDue);
  const rows = await query.select(FLOW_COLUMNS).orderBy('due_at').orderBy('position').limit(MOST_NAMED).execute();
  const { count } = await query.select(sql<number>`count(*)::integer`.as('count')).executeTakeFirstOrThrow();
  return { count, items: rows.map((row) => flowItemOf(row, link)) };
}

function totalsOf(arrivals: readonly Arrivals[]): Came {
  const of = (kind: string) => arrivals.reduce((sum, one) => sum + (one.kind === kind ? one.count : 0), 0);
  return {
    total: arrivals.reduce((sum, { count }) => sum + count, 0),
    pending: of('pending'),
    duplicate: of('duplicate'),
    parked: of('parked'),
    open: of('delivered'),
    applied: of('applied'),
    repeated: of('repeated'),
    late: of('late'),
    illegal: of('illegal'),
    abandoned: of('abandoned'),
  };
}

/** All slots of the window, also those in which nothing happened. */
function slotsOf(
  { from, to }: ReportRequest,
  slot: Slot,
  counts: Readonly<Record<'came' | 'lost' | 'recovered' | 'late', BySlot>>,
): readonly ReportSlot[] {
  const lengthMs = slot === 'hour' ? HOUR_MS : 24 * HOUR_MS;
  const firstMs = Math.floor(Date.parse(from) / lengthMs) * lengthMs;
  const number = Math.max(0, Math.ceil((Date.parse(to) - firstMs) / lengthMs));
  return Array.from({ length: number }, (_, index) => {
    const startMs = firstMs + index * lengthMs;
    return {
      from: new Date(startMs).toISOString(),
      came: counts.came.get(startMs) ?? 0,
      lost: counts.lost.get(startMs) ?? 0,
      recovered: counts.recovered.get(startMs) ?? 0,
      late: counts.late.get(startMs) ?? 0,
    };
  });
}
