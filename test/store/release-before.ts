import { createHash, randomUUID } from 'node:crypto';

import { type Kysely, sql } from 'kysely';
import type { Pool } from 'pg';

import { migrateUpTo } from '../../src/store/migrate';
import type { Tables } from '../../src/store/schema/tables';

/** The tables as release 0.2.0 made them. */
export async function setUpBefore(database: Kysely<Tables>): Promise<void> {
  await migrateUpTo(database, '0008-deeds-once');
}

/** A webhook as release 0.2.0 keeps it, by its own statement; the id of the delivery. */
export async function appendBefore(pool: Pool, partner: string, body: Buffer, id = randomUUID()): Promise<string> {
  await pool.query(
    `WITH kept AS (
      INSERT INTO deliveries (id, partner, route, received_at, source, headers, body, body_sha256, body_bytes, verdict, credential_fingerprint)
      VALUES ($2::uuid, $3::text, $4::text, $5::timestamptz, $6::text, $7::jsonb, $8::bytea, $9::bytea, $10::int, $11::text, $12::text)
      RETURNING partner
    )
    INSERT INTO counters (name, partner, slot, value)
    SELECT 'received', partner, $1::smallint, count(*) FROM kept GROUP BY partner ORDER BY partner
    ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`,
    [
      ...[1, id, partner, 'test', new Date().toISOString(), 'webhook', '[]', body],
      ...[createHash('sha256').update(body).digest(), body.length, 'authentic', null],
    ],
  );
  return id;
}

/** A claim of release 0.2.0. */
export interface ClaimBefore {
  readonly id: string;
  readonly attempts: number;
  readonly leaseToken: string;
}

/** Claims of release 0.2.0, by its own statement. */
export async function claimBefore(
  database: Kysely<Tables>,
  { leaseMs = 30_000, limit = 50 } = {},
): Promise<readonly ClaimBefore[]> {
  const leaseToken = randomUUID();
  const { rows } = await sql<Omit<ClaimBefore, 'leaseToken'>>`
    UPDATE deliveries SET lease_token = ${leaseToken}, attempts = attempts + 1,
                          lease_until = now() + ${leaseMs} * interval '1 millisecond'
    WHERE position IN (
      SELECT position FROM deliveries
      WHERE status = 'pending' AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now())
      ORDER BY position LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING id, partner, route, received_at AS "receivedAt", verdict, source, body_bytes AS "bodyBytes", attempts, refusals,
              position, traceparent`.execute(database);
  return rows.map(({ id, attempts }) => ({ id, attempts, leaseToken }));
}

/** Bodies of release 0.2.0, by its own statement. */
export async function bodiesBefore(
  database: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Buffer | null>> {
  const { rows } = await sql<{ id: string; body: Buffer | null }>`
    SELECT id, body, body_key FROM deliveries WHERE id = ANY (${[...ids]}::uuid[])`.execute(database);
  return new Map(rows.map(({ id, body }) => [id, body]));
}

/** Decisions of release 0.2.0, by its own statement; the ids of those that it wrote. */
export async function settleBefore(
  database: Kysely<Tables>,
  claims: readonly ClaimBefore[],
  workflowId = 'tradevest:order:1',
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    UPDATE deliveries SET status = said.status, outcome = said.outcome, event = said.event, workflow_id = said.workflow_id,
      run_id = said.run_id, problem = said.problem::jsonb, lease_token = NULL, lease_until = NULL,
      outcome_at = CASE WHEN said.outcome IS NULL THEN NULL ELSE now() END, settled_at = now()
    FROM unnest(${claims.map(({ id }) => id)}::uuid[], ${claims.map(({ leaseToken }) => leaseToken)}::uuid[],
      ${claims.map(() => 'delivered')}::text[], ${claims.map(() => null)}::text[],
      ${claims.map(() => 'TEST')}::text[], ${claims.map(() => workflowId)}::text[],
      ${claims.map(() => 'run-before')}::text[], ${claims.map(() => null)}::text[])
      AS said (id, lease_token, status, outcome, event, workflow_id, run_id, problem)
    WHERE deliveries.id = said.id AND deliveries.lease_token = said.lease_token
      AND deliveries.status = 'pending' AND deliveries.outcome IS NULL
    RETURNING deliveries.id`.execute(database);
  return rows.map(({ id }) => id);
}

/** Claims that release 0.2.0 gives back, by its own statement. */
export async function releaseBefore(
  database: Kysely<Tables>,
  claims: readonly ClaimBefore[],
  retryMs: number,
): Promise<void> {
  await sql`
    UPDATE deliveries SET lease_token = NULL, lease_until = NULL, refusals = refusals + 1,
      next_attempt_at = now() + ${retryMs} * interval '1 millisecond'
    WHERE id = ANY (${claims.map(({ id }) => id)}::uuid[]) AND lease_token = ANY (${claims.map(({ leaseToken }) => leaseToken)}::uuid[])
      AND status = 'pending'`.execute(database);
}

/** The outcome of a delivery as a flow of release 0.2.0 writes it, by its own statement. */
export async function foldBefore(database: Kysely<Tables>, id: string, workflowId: string): Promise<void> {
  await sql`
    UPDATE deliveries SET status = 'delivered', outcome = said.outcome, event = said.event, outcome_at = now(),
                          workflow_id = ${workflowId}, lease_token = NULL, lease_until = NULL
    FROM unnest(${[id]}::uuid[], ${['applied']}::text[], ${['TEST']}::text[]) AS said (id, outcome, event)
    WHERE deliveries.id = said.id AND deliveries.outcome IS NULL AND deliveries.status IN ('pending', 'delivered')`.execute(
    database,
  );
}

/** A parked delivery that release 0.2.0 gives to dispatch again, by its own statement. */
export async function retryBefore(database: Kysely<Tables>, id: string): Promise<void> {
  await sql`
    UPDATE deliveries SET status = 'pending', problem = NULL, refusals = 0, next_attempt_at = now(), settled_at = NULL
    WHERE id = ${id} AND status = 'parked'`.execute(database);
}
