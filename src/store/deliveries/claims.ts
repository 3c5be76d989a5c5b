import { type Kysely, sql, type Transaction } from 'kysely';

import type { Lifecycle } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import type { Outcome } from '../../domain/subject';
import type { Claim } from './due';
import { inLockOrder } from '../locking';
import { bodyBinding, DecryptionError, type Encryption } from '../encryption';
import type { Tables } from '../schema/tables';

/** Body of a delivery in clear, null where retention has removed it, or the reason why it cannot be decrypted. */
export type LoadedBody = Buffer | null | DecryptionError;

/** Bodies of the deliveries by id. */
export async function loadBodies(
  database: Database,
  encryption: Encryption,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LoadedBody>> {
  const rows = await database
    .selectFrom('kept_deliveries')
    .select(['id', 'body', 'body_key'])
    .where('id', '=', sql<string>`ANY (${[...ids]}::uuid[])`)
    .execute();
  return new Map(
    rows.map(({ id, body, body_key }) => [id, body === null ? null : decryptBody(encryption, id, body, body_key)]),
  );
}

/**
 * Body in clear, or the error as a value: one undecryptable body must not keep the others of its batch from being
 * dispatched.
 */
function decryptBody(
  encryption: Encryption,
  id: string,
  bytes: Buffer,
  keyName: string | null,
): Buffer | DecryptionError {
  try {
    return encryption.decrypt({ bytes, keyName }, bodyBinding(id));
  } catch (error) {
    if (error instanceof DecryptionError) return error;
    throw error;
  }
}

type Database = Kysely<Tables> | Transaction<Tables>;

/**
 * Deliveries without an event id that repeat, byte for byte, one that its flow called illegal. The first one has
 * caused a read already; a second read would show the same.
 */
export async function repeatsOfIllegal(
  database: Kysely<Tables>,
  deliveries: readonly { readonly id: string; readonly workflowId: string }[],
): Promise<ReadonlySet<string>> {
  if (deliveries.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    SELECT own.id FROM unnest(${deliveries.map(({ id }) => id)}::uuid[],
      ${deliveries.map(({ workflowId }) => workflowId)}::text[]) AS input (id, workflow_id)
      JOIN deliveries own ON own.id = input.id
    WHERE EXISTS (
      SELECT FROM deliveries earlier WHERE earlier.workflow_id = input.workflow_id AND earlier.position < own.position
        AND earlier.outcome = 'illegal' AND earlier.route = own.route AND earlier.body_sha256 = own.body_sha256
    )`.execute(database);
  return new Set(rows.map(({ id }) => id));
}

/** Decision of dispatch on one claimed delivery. */
export type DeliveryDecision = {
  readonly claim: Claim;
  readonly event: string | null;
  readonly workflowId: string | null;
  /** Side fields that could not be read; absent where all were. */
  readonly unread?: readonly Problem[] | undefined;
} & (
  | { readonly status: 'parked'; readonly problem: Problem }
  | { readonly status: 'duplicate' }
  | { readonly status: 'delivered'; readonly outcome: Outcome | null; readonly runId: string | null }
);

/**
 * Ids of the deliveries whose decisions were written; they leave the queue with it. Each is written only while the delivery is pending under the
 * claim's token: a dispatcher that lost its lease never writes over another one's work, nor over a flow that was
 * faster with its outcome.
 */
export async function recordDecisions(
  database: Database,
  decisions: readonly DeliveryDecision[],
): Promise<readonly string[]> {
  if (decisions.length === 0) return [];
  const columns = decisions.map(columnsOf);
  const result = await sql<{ id: string }>`
    UPDATE deliveries SET status = input.status, outcome = input.outcome, event = input.event, workflow_id = input.workflow_id,
      run_id = input.run_id, problem = input.problem::jsonb, attempts = queued.attempts, refusals = queued.refusals,
      outcome_at = CASE WHEN input.outcome IS NULL THEN NULL ELSE now() END, settled_at = now()
    FROM unnest(${decisions.map(({ claim }) => claim.position)}::bigint[], ${decisions.map(({ claim }) => claim.leaseToken)}::uuid[],
      ${decisions.map(({ status }) => status)}::text[], ${columns.map(({ outcome }) => outcome)}::text[],
      ${decisions.map(({ event }) => event)}::text[], ${decisions.map(({ workflowId }) => workflowId)}::text[],
      ${columns.map(({ runId }) => runId)}::text[], ${columns.map(({ problem }) => problem)}::text[])
      AS input (position, lease_token, status, outcome, event, workflow_id, run_id, problem)
      JOIN delivery_queue queued ON queued.position = input.position AND queued.lease_token = input.lease_token
    WHERE deliveries.position = input.position
      AND deliveries.status = 'pending' AND deliveries.outcome IS NULL
    RETURNING deliveries.id`.execute(database);
  return result.rows.map(({ id }) => id);
}

function columnsOf(decision: DeliveryDecision): {
  outcome: Outcome | null;
  runId: string | null;
  problem: string | null;
} {
  switch (decision.status) {
    case 'parked':
      return { outcome: null, runId: null, problem: JSON.stringify(decision.problem) };
    case 'duplicate':
      return { outcome: null, runId: null, problem: null };
    case 'delivered':
      return { outcome: decision.outcome, runId: decision.runId, problem: null };
  }
}

/** Rows for subjects that have none yet, so that operators see a flow before a worker has written it. */
export async function ensureSubjectRows(
  database: Database,
  subjects: readonly {
    readonly workflowId: string;
    readonly lifecycle: Lifecycle;
    readonly partner: Partner;
    readonly object: string;
    readonly id: string;
  }[],
): Promise<void> {
  if (subjects.length === 0) return;
  const unique = [...new Map(subjects.map((subject) => [subject.workflowId, subject])).values()];
  const ordered = inLockOrder(unique, ({ workflowId }) => workflowId);
  await sql`
    INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, open, as_of)
    SELECT workflow_id, lifecycle, partner, object, object_id, true, now()
    FROM unnest(${ordered.map(({ workflowId }) => workflowId)}::text[], ${ordered.map(({ lifecycle }) => lifecycle)}::text[],
      ${ordered.map(({ partner }) => partner)}::text[], ${ordered.map(({ object }) => object)}::text[],
      ${ordered.map(({ id }) => id)}::text[]) AS input (workflow_id, lifecycle, partner, object, object_id)
    ON CONFLICT (workflow_id) DO NOTHING`.execute(database);
}

/** A claim that is given back. */
export interface Release {
  readonly claim: Claim;
  /** Wait in milliseconds until it may be claimed again. */
  readonly retryMs: number;
  /** Failure of this try, which is counted and shown; null where the delivery is not at fault. */
  readonly problem: Problem | null;
}

/** Release of claims: their deliveries stay pending, and are claimed again after their wait. */
export async function release(database: Kysely<Tables>, releases: readonly Release[]): Promise<void> {
  if (releases.length === 0) return;
  await sql`
    UPDATE delivery_queue SET lease_token = NULL, lease_until = NULL,
      next_attempt_at = now() + input.retry_ms * interval '1 millisecond',
      refusals = refusals + CASE WHEN input.problem IS NULL THEN 0 ELSE 1 END,
      failing_since = CASE WHEN input.problem IS NULL THEN failing_since ELSE coalesce(failing_since, now()) END,
      problem = coalesce(input.problem::jsonb, delivery_queue.problem)
    FROM unnest(${releases.map(({ claim }) => claim.position)}::bigint[],
      ${releases.map(({ claim }) => claim.leaseToken)}::uuid[], ${releases.map(({ retryMs }) => retryMs)}::float8[],
      ${releases.map(({ problem }) => (problem === null ? null : JSON.stringify(problem)))}::text[])
      AS input (position, lease_token, retry_ms, problem)
    WHERE delivery_queue.position = input.position AND delivery_queue.lease_token = input.lease_token`.execute(
    database,
  );
}
