import { type Kysely, sql } from 'kysely';

import type { Tables } from './tables';

/** At any moment every delivery is accounted for: the numbers of one snapshot, and whether they agree. */
export interface Balance {
  readonly received: number;
  readonly pending: number;
  readonly duplicate: number;
  readonly parked: number;
  readonly delivered: number;
  readonly open: number;
  readonly applied: number;
  readonly repeated: number;
  readonly late: number;
  readonly illegal: number;
  readonly abandoned: number;
  readonly rejected: number;
  readonly recovered: number;
  /** Open deliveries whose run is over, also where a later run of their flow goes on; null while Temporal cannot be asked. */
  readonly openWithoutFlow: number | null;
  readonly balanced: boolean;
}

type Counts = Omit<Balance, 'openWithoutFlow' | 'balanced'>;

/** The run of a flow that took a delivery; null where only the flow is known. */
export interface FlowRun {
  readonly workflowId: string;
  readonly runId: string | null;
}

/** Answers which of the given runs are over, or `unknown` while Temporal is away. */
export type RunningCheck = (runs: readonly FlowRun[]) => Promise<readonly FlowRun[] | 'unknown'>;

/** One statement is one snapshot: an append between two would look like a lost delivery. */
async function countAll(database: Kysely<Tables>): Promise<Counts> {
  const result = await sql<Record<keyof Counts, string>>`
    SELECT (SELECT coalesce(sum(value), 0) FROM counters WHERE name = 'received') AS received,
      (SELECT coalesce(sum(value), 0) FROM counters WHERE name = 'rejected') AS rejected,
      (SELECT coalesce(sum(value), 0) FROM counters WHERE name = 'recovered') AS recovered,
      count(*) FILTER (WHERE status = 'pending') AS pending,
      count(*) FILTER (WHERE status = 'duplicate') AS duplicate,
      count(*) FILTER (WHERE status = 'parked') AS parked,
      count(*) FILTER (WHERE status = 'delivered') AS delivered,
      count(*) FILTER (WHERE status = 'delivered' AND outcome IS NULL) AS open,
      count(*) FILTER (WHERE outcome = 'applied') AS applied,
      count(*) FILTER (WHERE outcome = 'repeated') AS repeated,
      count(*) FILTER (WHERE outcome = 'late') AS late,
      count(*) FILTER (WHERE outcome = 'illegal') AS illegal,
      count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned
    FROM deliveries`.execute(database);
  const row = result.rows[0];
  const count = (name: keyof Counts): number => Number(row?.[name] ?? 0);
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

/** A flow that has just been signalled may not have written its outcome yet; asking about it would only cost. */
const SETTLED_SECONDS = 10;
const MOST_CHECKED = 200;

function openDeliveries(database: Kysely<Tables>) {
  return database
    .selectFrom('deliveries')
    .where('status', '=', 'delivered')
    .where('outcome', 'is', null)
    .where('settled_at', '<', sql<Date>`now() - ${SETTLED_SECONDS} * interval '1 second'`);
}

/**
 * Counts again after Temporal was asked: a run that ended meanwhile has written its outcomes before it ended. The run
 * counts and not its flow: one that was reset in Temporal, or terminated and started again, goes on without knowing what
 * its earlier run was told.
 */
async function countWithoutFlow(database: Kysely<Tables>, notRunning: RunningCheck): Promise<number | null> {
  const open = await openDeliveries(database)
    .select(['workflow_id', 'run_id'])
    .orderBy('position')
    .limit(MOST_CHECKED)
    .execute();
  const runs = new Map<string, FlowRun>();
  for (const { workflow_id: workflowId, run_id: runId } of open) {
    if (workflowId !== null) runs.set(JSON.stringify([workflowId, runId]), { workflowId, runId });
  }
  if (runs.size === 0) return 0;
  const ended = await notRunning([...runs.values()]);
  if (ended === 'unknown') return null;
  if (ended.length === 0) return 0;
  const row = await openDeliveries(database)
    .innerJoin(
      sql<{ workflow_id: string; run_id: string | null }>`(SELECT * FROM unnest(
        ${ended.map(({ workflowId }) => workflowId)}::text[], ${ended.map(({ runId }) => runId)}::text[])
        AS one (workflow_id, run_id))`.as('ended'),
      (join) =>
        join
          .onRef('ended.workflow_id', '=', 'deliveries.workflow_id')
          .on(sql<boolean>`ended.run_id IS NOT DISTINCT FROM deliveries.run_id`),
    )
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/**
 * Reads the balance. Balanced means: what was received has a status, what was delivered has an outcome or is open, and
 * no open delivery has lost the run that took it. While Temporal is away the numbers alone decide.
 */
export async function readBalance(database: Kysely<Tables>, notRunning: RunningCheck): Promise<Balance> {
  const counts = await countAll(database);
  const openWithoutFlow = await countWithoutFlow(database, notRunning);
  const { received, pending, duplicate, parked, delivered } = counts;
  const { open, applied, repeated, late, illegal, abandoned } = counts;
  const balanced =
    received === pending + duplicate + parked + delivered &&
    delivered === open + applied + repeated + late + illegal + abandoned &&
    (openWithoutFlow ?? 0) === 0;
  return { ...counts, openWithoutFlow, balanced };
}
