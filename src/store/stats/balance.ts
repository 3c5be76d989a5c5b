import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';
import { DELIVERY_COUNTS } from './delivery-counts';

/** Numbers of the balance, in the order they are shown. */
export const BALANCE_TERMS = [
  'received',
  'pending',
  'duplicate',
  'parked',
  'delivered',
  'open',
  'applied',
  'repeated',
  'late',
  'illegal',
  'abandoned',
  'rejected',
  'recovered',
] as const;
/** Number of the balance. */
export type BalanceTerm = (typeof BALANCE_TERMS)[number];

type Counts = Readonly<Record<BalanceTerm, number>>;

/** Account of every delivery at one moment: the numbers of one snapshot, and their agreement. */
export interface Balance extends Counts {
  /**
   * Open deliveries whose run is over, also where a later run of their flow goes on; null while Temporal cannot be
   * asked.
   */
  readonly openWithoutFlow: number | null;
  readonly balanced: boolean;
}

/** Balance of one partner. */
export interface PartnerBalance extends Balance {
  readonly partner: Partner;
}

/** Run of a flow that took a delivery; null where only the flow is known. */
export interface FlowRun {
  readonly workflowId: string;
  readonly runId: string | null;
}

/** Runs among the given ones that are over, or `unknown` while Temporal is away. */
export type RunningCheck = (runs: readonly FlowRun[]) => Promise<readonly FlowRun[] | 'unknown'>;

/**
 * Balance of all partners together and of each, in one snapshot. Balanced means: every received delivery has a
 * status, every delivered one has an outcome or is open, and no open delivery has lost the run that took it. While
 * Temporal is away the numbers alone decide. It costs what is waiting, not what was ever kept.
 */
export async function readBalances(
  database: Kysely<Tables>,
  notRunning: RunningCheck,
  shown: readonly Partner[],
): Promise<{ readonly all: Balance; readonly partners: readonly PartnerBalance[] }> {
  const rows = await countAll(database);
  const without = await countWithoutFlow(database, notRunning);
  const names = new Set([...shown, ...rows.map(({ partner }) => partner)]);
  const partners = [...names].map((partner) => {
    const counts = countsOf(rows.filter((row) => row.partner === partner));
    return { partner, ...balanceOf(counts, without === null ? null : (without.get(partner) ?? 0)) };
  });
  const lost = without === null ? null : [...without.values()].reduce((sum, count) => sum + count, 0);
  const all = balanceOf(countsOf(rows), lost);
  // A surplus of one partner must not make up for a deficit of another.
  return { all: { ...all, balanced: all.balanced && partners.every(({ balanced }) => balanced) }, partners };
}

type Row = Readonly<Record<BalanceTerm, string | null>> & { readonly partner: Partner };

/** Counts of one snapshot, by a single statement: an append between two would look like a lost delivery. */
async function countAll(database: Kysely<Tables>): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    WITH counted AS (
      SELECT partner, sum(value) FILTER (WHERE name = 'received') AS received,
        sum(value) FILTER (WHERE name = 'rejected') AS rejected, sum(value) FILTER (WHERE name = 'recovered') AS recovered
      FROM (
        SELECT name, partner, value FROM counters
        UNION ALL SELECT name, partner, value FROM counts WHERE NOT final AND name = 'recovered'
        UNION ALL SELECT name, partner, value FROM count_changes WHERE name = 'recovered'
      ) AS known GROUP BY partner
    ), kept AS (
      SELECT partner, sum(value) FILTER (WHERE kind = 'pending') AS pending,
        sum(value) FILTER (WHERE kind = 'duplicate') AS duplicate, sum(value) FILTER (WHERE kind = 'parked') AS parked,
        sum(value) FILTER (WHERE kind NOT IN ('pending', 'duplicate', 'parked')) AS delivered,
        sum(value) FILTER (WHERE kind = 'delivered') AS open,
        sum(value) FILTER (WHERE kind = 'applied') AS applied, sum(value) FILTER (WHERE kind = 'repeated') AS repeated,
        sum(value) FILTER (WHERE kind = 'late') AS late, sum(value) FILTER (WHERE kind = 'illegal') AS illegal,
        sum(value) FILTER (WHERE kind = 'abandoned') AS abandoned
      FROM (${DELIVERY_COUNTS}) AS deliveries GROUP BY partner
    )
    SELECT * FROM counted FULL JOIN kept USING (partner)`.execute(database);
  return rows;
}

/**
 * Number of open deliveries whose run is over, by partner. They are counted again after Temporal was asked, because a
 * run that ended meanwhile has written its outcomes before it ended. The run counts and not its flow: a flow that was
 * reset in Temporal, or terminated and started again, does not know the notifications of its earlier run.
 */
async function countWithoutFlow(
  database: Kysely<Tables>,
  notRunning: RunningCheck,
): Promise<ReadonlyMap<Partner, number> | null> {
  const runs = await openRuns(database);
  const ended = runs.length === 0 ? [] : await notRunning(runs);
  if (ended === 'unknown') return null;
  if (ended.length === 0) return new Map();
  const rows = await openDeliveries(database)
    .innerJoin(
      sql<{ workflow_id: string; run_id: string | null }>`(SELECT * FROM unnest(
        ${ended.map(({ workflowId }) => workflowId)}::text[], ${ended.map(({ runId }) => runId)}::text[])
        AS one (workflow_id, run_id))`.as('ended'),
      (join) =>
        join
          .onRef('ended.workflow_id', '=', 'deliveries.workflow_id')
          .on(sql<boolean>`ended.run_id IS NOT DISTINCT FROM deliveries.run_id`),
    )
    .select(['partner', ({ fn }) => fn.countAll<string>().as('count')])
    .groupBy('partner')
    .execute();
  return new Map(rows.map(({ partner, count }) => [partner, Number(count)]));
}

const MOST_CHECKED = 200;

/** Runs that took deliveries which are still open, oldest first. */
async function openRuns(database: Kysely<Tables>): Promise<readonly FlowRun[]> {
  const open = await openDeliveries(database)
    .select(['workflow_id', 'run_id'])
    .orderBy('position')
    .limit(MOST_CHECKED)
    .execute();
  const runs = new Map<string, FlowRun>();
  for (const { workflow_id: workflowId, run_id: runId } of open) {
    if (workflowId !== null) runs.set(JSON.stringify([workflowId, runId]), { workflowId, runId });
  }
  return [...runs.values()];
}

/**
 * Age below which a delivery is not looked at: a flow that has just been signalled may not have written its outcome
 * yet.
 */
const GRACE_SECONDS = 10;

/** Deliveries whose outcome a flow should have written by now. */
function openDeliveries(database: Kysely<Tables>) {
  return database
    .selectFrom('deliveries')
    .where('status', '=', 'delivered')
    .where('outcome', 'is', null)
    .where('settled_at', '<', sql<Date>`now() - ${GRACE_SECONDS} * interval '1 second'`);
}

function countsOf(rows: readonly Row[]): Counts {
  const count = (term: BalanceTerm): number => rows.reduce((sum, row) => sum + Number(row[term] ?? 0), 0);
  return {
    received: count('received'),
    pending: count('pending'),
    duplicate: count('duplicate'),
    parked: count('parked'),
    delivered: count('delivered'),
    open: count('open'),
    applied: count('applied'),
    repeated: count('repeated'),
    late: count('late'),
    illegal: count('illegal'),
    abandoned: count('abandoned'),
    rejected: count('rejected'),
    recovered: count('recovered'),
  };
}

function balanceOf(counts: Counts, openWithoutFlow: number | null): Balance {
  const { received, pending, duplicate, parked, delivered } = counts;
  const { open, applied, repeated, late, illegal, abandoned } = counts;
  const balanced =
    received === pending + duplicate + parked + delivered &&
    delivered === open + applied + repeated + late + illegal + abandoned &&
    (openWithoutFlow ?? 0) === 0;
  return { ...counts, openWithoutFlow, balanced };
}

/** Balance of all partners together. */
export async function readBalance(database: Kysely<Tables>, notRunning: RunningCheck): Promise<Balance> {
  return (await readBalances(database, notRunning, [])).all;
}
