import { createHash } from 'node:crypto';

import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';

import type { Lifecycle } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import type { AuthenticityResult } from '../../domain/authenticity';
import type { Outcome } from '../../domain/subject';
import { inLockOrder } from '../locking';
import { bodyBinding, DecryptionError, type Encryption } from '../encryption';
import type { EventKeysTable, Tables } from '../schema/tables';

type Database = Kysely<Tables> | Transaction<Tables>;

/** A pending delivery leased to one dispatcher; its body is loaded apart, so that a backlog of large bodies stays in the database. */
export interface Claim {
  readonly id: string;
  /** Its place in the order of arrival. */
  readonly position: string;
  readonly partner: Partner;
  readonly route: string;
  readonly receivedAt: Date;
  readonly verdict: AuthenticityResult;
  readonly source: 'webhook' | 'sweep';
  readonly bodyBytes: number;
  readonly attempts: number;
  readonly refusals: number;
  /** The trace it was received under; null where nothing was traced. */
  readonly traceparent: string | null;
  readonly leaseToken: string;
}

/**
 * Leases the oldest pending deliveries. `FOR UPDATE SKIP LOCKED` lets several dispatchers run; a lease that ran out
 * (its dispatcher crashed) is taken over, and the token keeps the late one from writing over the new one's work.
 */
export async function claimPending(
  database: Kysely<Tables>,
  options: { readonly leaseToken: string; readonly leaseMs: number; readonly limit: number },
): Promise<readonly Claim[]> {
  const rows = await sql<Omit<Claim, 'leaseToken'>>`
    UPDATE deliveries SET lease_token = ${options.leaseToken}, attempts = attempts + 1,
                          lease_until = now() + ${options.leaseMs} * interval '1 millisecond'
    WHERE position IN (
      SELECT position FROM deliveries
      WHERE status = 'pending' AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now())
      ORDER BY position LIMIT ${options.limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING id, partner, route, received_at AS "receivedAt", verdict, source, body_bytes AS "bodyBytes", attempts, refusals,
              position, traceparent`.execute(database);
  const claims = rows.rows.map((row) => ({ ...row, leaseToken: options.leaseToken }));
  return claims.sort((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
}

/** The body of a delivery in clear: null where retention has removed it, or why it stays closed. */
export type LoadedBody = Buffer | null | DecryptionError;

/** The bodies of the given deliveries by id. */
export async function loadBodies(
  database: Kysely<Tables>,
  encryption: Encryption,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LoadedBody>> {
  const rows = await database
    .selectFrom('deliveries')
    .select(['id', 'body', 'body_key'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(
    rows.map(({ id, body, body_key }) => [id, body === null ? null : openBody(encryption, id, body, body_key)]),
  );
}

/** One that cannot be opened must not keep the others of its batch from being dispatched. */
function openBody(encryption: Encryption, id: string, bytes: Buffer, keyName: string | null): Buffer | DecryptionError {
  try {
    return encryption.decrypt({ bytes, keyName }, bodyBinding(id));
  } catch (error) {
    if (error instanceof DecryptionError) return error;
    throw error;
  }
}

/** What is known of one event id: whose delivery said this meaning first, and whether another meaning was said before. */
export interface DuplicateCheck {
  readonly firstDeliveryId: string;
  readonly contradictsEarlier: boolean;
}

export interface EventKey {
  readonly deliveryId: string;
  readonly partner: Partner;
  readonly key: string;
  readonly meaning: string;
}

/** A meaning as it may be registered: an index takes no text of any length. */
export function hashOf(said: string): string {
  return createHash('sha256').update(said).digest('hex');
}

/**
 * Duplicate checks of deliveries by their event ids, which are registered with their meaning. The first delivery of a
 * meaning owns it for good. In a transaction of its own, or in the one that is given.
 */
export async function registerKeys(
  database: Database,
  keys: readonly EventKey[],
): Promise<ReadonlyMap<string, DuplicateCheck>> {
  if (keys.length === 0) return new Map();
  const ordered = inLockOrder(keys, ({ partner, key }) => `${partner} ${key}`);
  const register = async (transaction: Database): Promise<ReadonlyMap<string, DuplicateCheck>> => {
    await lockKeys(transaction, ordered);
    await insertMeanings(transaction, ordered);
    return checksOf(keys, await meaningsOf(transaction, keys));
  };
  return database.isTransaction ? register(database) : database.transaction().execute(register);
}

/**
 * One at a time for each event id: of two that register different meanings at the same moment neither sees the other's
 * row before it is committed, and both would be taken for the first.
 */
async function lockKeys(transaction: Database, ordered: readonly EventKey[]): Promise<void> {
  await sql`
    SELECT pg_advisory_xact_lock(hashtextextended(said.partner || ' ' || said.event_key, 0))
    FROM unnest(${ordered.map(({ partner }) => partner)}::text[], ${ordered.map(({ key }) => key)}::text[])
      AS said (partner, event_key)`.execute(transaction);
}

async function insertMeanings(transaction: Database, ordered: readonly EventKey[]): Promise<void> {
  await transaction
    .insertInto('event_keys')
    .values(
      ordered.map(({ deliveryId, partner, key, meaning }) => ({
        partner,
        event_key: key,
        meaning,
        delivery_id: deliveryId,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

type Meaning = Pick<Selectable<EventKeysTable>, 'partner' | 'event_key' | 'meaning' | 'delivery_id'>;

/** The meanings under the given ids, in the order in which they were registered. By partner, or no index would serve. */
async function meaningsOf(transaction: Database, keys: readonly EventKey[]): Promise<readonly Meaning[]> {
  return transaction
    .selectFrom('event_keys')
    .select(['partner', 'event_key', 'meaning', 'delivery_id'])
    .where('partner', 'in', [...new Set(keys.map(({ partner }) => partner))])
    .where('event_key', 'in', [...new Set(keys.map(({ key }) => key))])
    .orderBy('position')
    .execute();
}

function checksOf(keys: readonly EventKey[], meanings: readonly Meaning[]): ReadonlyMap<string, DuplicateCheck> {
  return new Map(
    keys.flatMap(({ deliveryId, partner, key, meaning }) => {
      const same = meanings.filter((row) => row.partner === partner && row.event_key === key);
      const own = same.find((row) => row.meaning === meaning);
      if (own === undefined) return [];
      return [[deliveryId, { firstDeliveryId: own.delivery_id, contradictsEarlier: same[0] !== own }]];
    }),
  );
}

/**
 * Of deliveries without an event id those that repeat, byte for byte, one that its flow called illegal. What was read
 * again for the first would only be read once more.
 */
export async function repeatsOfIllegal(
  database: Kysely<Tables>,
  deliveries: readonly { readonly id: string; readonly workflowId: string }[],
): Promise<ReadonlySet<string>> {
  if (deliveries.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    SELECT own.id FROM unnest(${deliveries.map(({ id }) => id)}::uuid[],
      ${deliveries.map(({ workflowId }) => workflowId)}::text[]) AS said (id, workflow_id)
      JOIN deliveries own ON own.id = said.id
    WHERE EXISTS (
      SELECT FROM deliveries earlier WHERE earlier.workflow_id = said.workflow_id AND earlier.position < own.position
        AND earlier.outcome = 'illegal' AND earlier.route = own.route AND earlier.body_sha256 = own.body_sha256
    )`.execute(database);
  return new Set(rows.map(({ id }) => id));
}

/** What dispatch decided about one claimed delivery. */
export type DeliveryDecision = {
  readonly claim: Claim;
  readonly event: string | null;
  readonly workflowId: string | null;
} & (
  | { readonly status: 'parked'; readonly problem: Problem }
  | { readonly status: 'duplicate' }
  | { readonly status: 'delivered'; readonly outcome: Outcome | null; readonly runId: string | null }
);

function columnsOf(settlement: DeliveryDecision): {
  outcome: Outcome | null;
  runId: string | null;
  problem: string | null;
} {
  switch (settlement.status) {
    case 'parked':
      return { outcome: null, runId: null, problem: JSON.stringify(settlement.problem) };
    case 'duplicate':
      return { outcome: null, runId: null, problem: null };
    case 'delivered':
      return { outcome: settlement.outcome, runId: settlement.runId, problem: null };
  }
}

/**
 * Writes decisions, each only while the delivery is pending under our token: a dispatcher that lost its lease, or a
 * flow that was faster with its outcome, is never written over. Returns the ids that were ours to settle.
 */
export async function recordDecisions(
  database: Database,
  settlements: readonly DeliveryDecision[],
): Promise<readonly string[]> {
  if (settlements.length === 0) return [];
  const columns = settlements.map(columnsOf);
  const result = await sql<{ id: string }>`
    UPDATE deliveries SET status = said.status, outcome = said.outcome, event = said.event, workflow_id = said.workflow_id,
      run_id = said.run_id, problem = said.problem::jsonb, lease_token = NULL, lease_until = NULL,
      outcome_at = CASE WHEN said.outcome IS NULL THEN NULL ELSE now() END, settled_at = now()
    FROM unnest(${settlements.map(({ claim }) => claim.id)}::uuid[], ${settlements.map(({ claim }) => claim.leaseToken)}::uuid[],
      ${settlements.map(({ status }) => status)}::text[], ${columns.map(({ outcome }) => outcome)}::text[],
      ${settlements.map(({ event }) => event)}::text[], ${settlements.map(({ workflowId }) => workflowId)}::text[],
      ${columns.map(({ runId }) => runId)}::text[], ${columns.map(({ problem }) => problem)}::text[])
      AS said (id, lease_token, status, outcome, event, workflow_id, run_id, problem)
    WHERE deliveries.id = said.id AND deliveries.lease_token = said.lease_token
      AND deliveries.status = 'pending' AND deliveries.outcome IS NULL
    RETURNING deliveries.id`.execute(database);
  return result.rows.map(({ id }) => id);
}

/** A row for each subject that has none yet, so that an operator sees a flow also before a worker has written it. */
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
  await database
    .insertInto('subjects')
    .values(
      inLockOrder(unique, ({ workflowId }) => workflowId).map(({ workflowId, lifecycle, partner, object, id }) => ({
        workflow_id: workflowId,
        lifecycle,
        partner,
        object,
        object_id: id,
        open: true,
        as_of: new Date(),
      })),
    )
    .onConflict((conflict) => conflict.column('workflow_id').doNothing())
    .execute();
}

/** Gives claims back untouched or after a failure; `refused` counts a refusal of Temporal's, which is bounded. */
export async function release(
  database: Kysely<Tables>,
  claims: readonly Claim[],
  options: { readonly retryMs: number; readonly refused: boolean },
): Promise<void> {
  if (claims.length === 0) return;
  await sql`
    UPDATE deliveries SET lease_token = NULL, lease_until = NULL, refusals = refusals + ${options.refused ? 1 : 0},
      next_attempt_at = now() + ${options.retryMs} * interval '1 millisecond'
    WHERE id = ANY (${claims.map(({ id }) => id)}::uuid[]) AND lease_token = ANY (${claims.map(({ leaseToken }) => leaseToken)}::uuid[])
      AND status = 'pending'`.execute(database);
}
