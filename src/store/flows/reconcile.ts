import { type Kysely, sql, type Transaction } from 'kysely';

import { isUuid } from '../../domain/canonical-id';
import type { OpenDelivery } from '../../domain/reconcile';
import type { Partner } from '../../domain/partner';
import type { Subject } from '../../domain/subject';
import { recordAction } from '../audit';
import { DELIVERY_COUNTS } from '../stats/delivery-counts';
import type { Tables } from '../schema/tables';

/** Run as Temporal lists it. */
export interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
}

/** True for a run as it was written down. */
export function isListedRun(value: unknown): value is ListedRun {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['workflowId', 'runId', 'status'].every((name) => typeof Reflect.get(value, name) === 'string')
  );
}

/** Flow that is to be inspected, with its runs that ended abnormally. */
export interface SuspectedFlow {
  readonly workflowId: string;
  readonly runs: readonly ListedRun[];
}

/** Action under which a reconciliation is recorded; a run that such a record names is not found again. */
export const RECONCILE = 'reconcile';

/**
 * Temporary tables for the comparison of Temporal's runs with the rows. They live in this connection and are compared
 * inside the database: hundreds of thousands of flows need no memory here, and nothing is left behind.
 */
export async function createRunTables(database: Kysely<Tables>): Promise<void> {
  await sql`DROP TABLE IF EXISTS listed_runs, suspected_flows`.execute(database);
  await sql`CREATE TEMP TABLE listed_runs (workflow_id text NOT NULL, run_id text NOT NULL, status text NOT NULL)`.execute(
    database,
  );
  await sql`CREATE TEMP TABLE suspected_flows (workflow_id text PRIMARY KEY)`.execute(database);
}

/** Insertion of runs that Temporal lists. */
export async function addRuns(database: Kysely<Tables>, runs: readonly ListedRun[]): Promise<void> {
  await sql`
    INSERT INTO listed_runs SELECT * FROM unnest(${runs.map(({ workflowId }) => workflowId)}::text[],
      ${runs.map(({ runId }) => runId)}::text[], ${runs.map(({ status }) => status)}::text[])`.execute(database);
}

/**
 * Age below which a delivered delivery may belong to a flow that is just folding it (the balance uses the same age).
 */
const GRACE_SECONDS = 10;

/**
 * Number of flows selected for inspection: open rows without a running flow, running flows without an open row, runs
 * that ended abnormally and are not recorded yet, open deliveries that wait too long or for a run that is gone, and
 * rows that no flow has ever written. `everyFlow` selects all of them.
 */
export async function suspectFlows(database: Kysely<Tables>, everyFlow: boolean): Promise<number> {
  await sql`CREATE INDEX IF NOT EXISTS listed_runs_flow ON listed_runs (workflow_id, status)`.execute(database);
  await sql`ANALYZE listed_runs`.execute(database);
  const result = await sql`
    INSERT INTO suspected_flows
    SELECT workflow_id FROM subjects s WHERE open AND lifecycle <> 'recorded' AND followed_in IS NULL AND (
      NOT EXISTS (SELECT FROM listed_runs r WHERE r.workflow_id = s.workflow_id AND r.status = 'RUNNING')
      OR (version = 0 AND as_of < now() - ${GRACE_SECONDS} * interval '1 second'))
    UNION
    SELECT followed_in FROM subjects s WHERE open AND followed_in IS NOT NULL
      AND NOT EXISTS (SELECT FROM listed_runs r WHERE r.workflow_id = s.followed_in AND r.status = 'RUNNING')
    UNION
    SELECT workflow_id FROM listed_runs r WHERE status = 'RUNNING'
      AND NOT EXISTS (SELECT FROM action_news n WHERE n.workflow_id = r.workflow_id)
      AND (${everyFlow} OR NOT EXISTS (SELECT FROM subjects s WHERE s.workflow_id = r.workflow_id AND s.open))
    UNION
    SELECT workflow_id FROM listed_runs r WHERE status = 'COMPLETED'
      AND NOT EXISTS (SELECT FROM subjects s WHERE s.workflow_id = r.workflow_id)
      AND NOT EXISTS (SELECT FROM action_news n WHERE n.workflow_id = r.workflow_id)
    UNION
    SELECT workflow_id FROM listed_runs r WHERE status NOT IN ('RUNNING', 'COMPLETED') AND NOT EXISTS (
      SELECT FROM operator_actions a
      WHERE a.target = r.workflow_id AND a.action = ${RECONCILE} AND a.details->>'runId' = r.run_id)
    UNION
    SELECT workflow_id FROM deliveries d WHERE status = 'delivered' AND outcome IS NULL AND workflow_id IS NOT NULL AND (
      settled_at < now() - ${GRACE_SECONDS} * interval '1 second' OR NOT EXISTS (
        SELECT FROM listed_runs r
        WHERE r.workflow_id = d.workflow_id AND r.run_id = d.run_id AND r.status = 'RUNNING'))
    ON CONFLICT DO NOTHING`.execute(database);
  return Number(result.numAffectedRows ?? 0);
}

/** Next page of suspected flows, by their ids, each with the runs that ended abnormally and are not recorded yet. */
export async function suspectsAfter(
  database: Kysely<Tables>,
  after: string,
  limit: number,
): Promise<readonly SuspectedFlow[]> {
  const { rows } = await sql<SuspectedFlow>`
    SELECT workflow_id AS "workflowId", coalesce((
      SELECT jsonb_agg(jsonb_build_object('workflowId', workflow_id, 'runId', run_id, 'status', status))
      FROM listed_runs r
      WHERE r.workflow_id = page.workflow_id AND status NOT IN ('RUNNING', 'COMPLETED') AND NOT EXISTS (
        SELECT FROM operator_actions a
        WHERE a.target = r.workflow_id AND a.action = ${RECONCILE} AND a.details->>'runId' = r.run_id)
    ), '[]') AS runs
    FROM (
      SELECT workflow_id FROM suspected_flows WHERE workflow_id > ${after} ORDER BY workflow_id LIMIT ${limit}
    ) AS page ORDER BY workflow_id`.execute(database);
  return rows;
}

/** Content of a flow's row. */
export interface FlowRow {
  readonly partner: Partner;
  readonly object: string;
  readonly objectId: string;
  readonly state: string | null;
  readonly open: boolean;
  readonly version: number;
  readonly subject: Subject | null;
}

/** Row of a flow; null where there is none. */
export async function loadFlowRow(database: Kysely<Tables>, workflowId: string): Promise<FlowRow | null> {
  const row = await database
    .selectFrom('subjects')
    .select(['partner', 'object', 'object_id', 'state', 'open', 'version', 'subject'])
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { object_id: objectId, ...rest } = row;
  return { ...rest, objectId };
}

/** Number of deliveries of one flow that one reconciliation repairs; the next one continues. */
const MOST_DELIVERIES = 1_000;

/** Deliveries of a flow that have no outcome, oldest first. */
export async function openDeliveriesOf(database: Kysely<Tables>, workflowId: string): Promise<readonly OpenDelivery[]> {
  const { rows } = await sql<OpenDelivery>`
    SELECT kept.id, kept.run_id AS "runId", kept.body IS NOT NULL AS "hasBody",
      coalesce(kept.settled_at < now() - ${GRACE_SECONDS} * interval '1 second', true) AS "isOutcomeDue"
    FROM deliveries d JOIN kept_deliveries kept USING (position)
    WHERE d.workflow_id = ${workflowId} AND d.status = 'delivered' AND d.outcome IS NULL
    ORDER BY position LIMIT ${MOST_DELIVERIES}`.execute(database);
  return rows;
}

/** Number of the given run's deliveries that have an outcome and are not among those the flow has folded. */
export async function countUnfolded(
  database: Kysely<Tables>,
  workflowId: string,
  runId: string,
  folded: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    SELECT count(*) AS count FROM deliveries
    WHERE workflow_id = ${workflowId} AND run_id = ${runId} AND status = 'delivered' AND outcome IS NOT NULL
      AND id::text <> ALL (${[...folded]}::text[])`.execute(database);
  return Number(rows[0]?.count ?? 0);
}

/** Number of deliveries that a flow has folded and the database does not know, or has lost. */
export async function countUnknown(database: Kysely<Tables>, folded: readonly string[]): Promise<number> {
  const ids = folded.filter(isUuid);
  const { rows } = await sql<{ count: string }>`
    SELECT count(*) AS count FROM unnest(${ids}::uuid[]) AS folded (id)
    WHERE NOT EXISTS (SELECT FROM deliveries d WHERE d.id = folded.id)`.execute(database);
  return Number(rows[0]?.count ?? 0);
}

/** Number of acknowledged deliveries without a row: the counter beside the rows holds how many were received. */
export async function countMissing(database: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ missing: string }>`
    SELECT (SELECT coalesce(sum(value), 0) FROM counters WHERE name = 'received') - (SELECT coalesce(sum(value), 0)
      FROM (${DELIVERY_COUNTS}) AS deliveries) AS missing`.execute(database);
  return Number(rows[0]?.missing ?? 0);
}

/** Deliveries whose outcome no flow is going to write, by the treatment they get. */
export interface LostDeliveries {
  /** Deliveries to be dispatched again. */
  readonly again: readonly string[];
  /** Deliveries whose bodies are gone, so that no flow can ever receive them. */
  readonly abandoned: readonly string[];
  /** Deliveries that their flow has folded; the outcome was lost with an older database. */
  readonly repeated: readonly string[];
}

/**
 * Repair of lost deliveries: an outcome, or another dispatch. A delivery whose outcome came after all is left alone.
 * Dispatch may send a flow a delivery that it has folded already: a flow folds each delivery once.
 */
export async function repairDeliveries(
  transaction: Transaction<Tables>,
  { again, abandoned, repeated }: LostDeliveries,
): Promise<void> {
  if (again.length > 0) {
    await holdBodies(transaction, again);
    await sql`
      UPDATE deliveries SET status = 'pending', run_id = NULL, refusals = 0, settled_at = NULL
      WHERE id = ANY (${[...again]}::uuid[]) AND status = 'delivered' AND outcome IS NULL`.execute(transaction);
  }
  if (abandoned.length + repeated.length > 0)
    await sql`
      UPDATE deliveries SET outcome = CASE WHEN id = ANY (${[...abandoned]}::uuid[]) THEN 'abandoned' ELSE 'repeated' END,
        outcome_at = now()
      WHERE id = ANY (${[...abandoned, ...repeated]}::uuid[]) AND status = 'delivered' AND outcome IS NULL`.execute(
      transaction,
    );
}

/** Locks on bodies: retention, which takes no body of a pending delivery, does not take one that is about to be pending. */
async function holdBodies(transaction: Transaction<Tables>, ids: readonly string[]): Promise<void> {
  await sql`
    SELECT FROM delivery_bodies b JOIN deliveries d USING (partner, received_at, id)
    WHERE d.id = ANY (${[...ids]}::uuid[]) ORDER BY b.id FOR UPDATE OF b`.execute(transaction);
}

/** Repair of a flow as it is recorded. */
export interface RecordedRepair {
  readonly by: string;
  readonly workflowId: string;
  readonly finding: string;
  readonly details: Readonly<Record<string, string | number>>;
}

/**
 * Record that a repair begins that Temporal has a part in. It names no run: where the process is killed before its end
 * the flow is looked at again, and nobody finds it mended without a word.
 */
export async function noteBegun(
  database: Kysely<Tables> | Transaction<Tables>,
  { by, workflowId, finding, details }: RecordedRepair,
): Promise<void> {
  const all = { ...details, step: 'begun' };
  await recordAction(database, { by, action: RECONCILE, target: workflowId, reason: finding, details: all });
}

/** Record that a flow was reconciled, one for each run that ended abnormally, so that none is found again. */
export async function noteReconciled(
  database: Kysely<Tables> | Transaction<Tables>,
  { by, workflowId, finding, details }: RecordedRepair,
  runIds: readonly string[],
): Promise<void> {
  for (const runId of runIds) {
    const all = { ...details, runId };
    await recordAction(database, { by, action: RECONCILE, target: workflowId, reason: finding, details: all });
  }
}
