import { type Kysely, sql, type Transaction } from 'kysely';

import type { AuthenticityResult } from '../../domain/authenticity';
import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/**
 * Pending delivery leased to one dispatcher. Its body is loaded apart, so that a backlog of large bodies stays in the
 * database.
 */
export interface Claim {
  readonly id: string;
  /** Place in the order of arrival. */
  readonly position: string;
  readonly partner: Partner;
  readonly route: string;
  readonly receivedAt: Date;
  readonly verdict: AuthenticityResult;
  readonly source: 'webhook' | 'sweep';
  readonly bodyBytes: number;
  readonly attempts: number;
  /** Number of failed tries that belong to this delivery alone. */
  readonly refusals: number;
  /** Time in milliseconds since the first of these; 0 where there was none. */
  readonly failingForMs: number;
  /** Trace under which it was received; null where nothing was traced. */
  readonly traceparent: string | null;
  readonly leaseToken: string;
}

/** A pending delivery that is due, before it is leased. */
export type DueDelivery = Omit<Claim, 'leaseToken'>;

/** Partners of whom deliveries are claimed together: one, or all but some. */
export type DueFrom = { readonly of: Partner } | { readonly notOf: readonly Partner[] };

/**
 * Turn of one dispatcher to claim, until its transaction ends. Claims write the subject of each delivery into the queue:
 * whoever claims next then sees every earlier delivery of a subject, and lets none overtake it.
 */
export async function takeTurn(transaction: Transaction<Tables>, from: DueFrom): Promise<void> {
  const name = `partnerflow claims ${'of' in from ? from.of : ''}`;
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction);
}

/** Partners of whom a delivery is due: one question for all of them, where nothing is to be claimed. */
export async function partnersDue(database: Kysely<Tables>): Promise<readonly Partner[]> {
  const { rows } = await sql<{ partner: Partner }>`
    WITH RECURSIVE waiting (partner) AS (${ofPartnersWaiting})
    SELECT partner FROM waiting WHERE EXISTS (
      SELECT FROM delivery_queue WHERE delivery_queue.partner = waiting.partner AND ${isDue})`.execute(database);
  return rows.map(({ partner }) => partner);
}

/** Partners of whom something is pending, one step of the index for each. */
const ofPartnersWaiting = sql`
  (SELECT partner FROM delivery_queue ORDER BY partner LIMIT 1)
  UNION ALL
  SELECT (SELECT partner FROM delivery_queue WHERE partner > waiting.partner ORDER BY partner LIMIT 1)
  FROM waiting WHERE waiting.partner IS NOT NULL`;

const isDue = sql`next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now())`;

/**
 * Pending deliveries that are due, at most `limit` of each partner, those due first before the others. Their rows in
 * the queue are locked; a row that somebody else has locked is left out. One whose lease ran out (its dispatcher crashed) is due.
 */
export async function selectDue(
  transaction: Transaction<Tables>,
  from: DueFrom,
  limit: number,
): Promise<ReadonlyMap<Partner, readonly DueDelivery[]>> {
  const isWanted =
    'of' in from ? sql`waiting.partner = ${from.of}` : sql`waiting.partner <> ALL (${[...from.notOf]}::text[])`;
  const { rows } = await sql<DueDelivery>`
    WITH RECURSIVE waiting (partner) AS (${ofPartnersWaiting})
    SELECT facts.id, due.partner, facts.route, facts.received_at AS "receivedAt", facts.verdict, facts.source,
           facts.body_bytes AS "bodyBytes", due.attempts, due.refusals, due.position, facts.traceparent,
           coalesce(extract(epoch FROM now() - due.failing_since) * 1000, 0)::float8 AS "failingForMs"
    FROM waiting CROSS JOIN LATERAL (
      SELECT partner, attempts, refusals, position, failing_since
      FROM delivery_queue WHERE delivery_queue.partner = waiting.partner AND ${isDue}
      ORDER BY next_attempt_at, position LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) AS due JOIN deliveries facts ON facts.position = due.position WHERE ${isWanted}`.execute(transaction);
  const byPartner = new Map<Partner, DueDelivery[]>();
  for (const row of rows) byPartner.set(row.partner, [...(byPartner.get(row.partner) ?? []), row]);
  return byPartner;
}

/** Event and subject of a delivery, as far as it could be decoded. */
export interface DecodedNames {
  readonly delivery: DueDelivery;
  readonly event: string | null;
  readonly workflowId: string | null;
}

/**
 * Ids of the deliveries behind an earlier one of their subject that is pending and not among them, each with the wait
 * in milliseconds until that one may have gone on.
 */
export async function waitsBehindOthers(
  transaction: Transaction<Tables>,
  names: readonly DecodedNames[],
): Promise<ReadonlyMap<string, number>> {
  const known = names.flatMap(({ delivery, workflowId }) => (workflowId === null ? [] : [{ delivery, workflowId }]));
  if (known.length === 0) return new Map();
  const { rows } = await sql<{ id: string; waitMs: number }>`
    SELECT input.id, earlier."waitMs" FROM unnest(${known.map(({ delivery }) => delivery.id)}::uuid[],
      ${known.map(({ delivery }) => delivery.position)}::bigint[],
      ${known.map(({ workflowId }) => workflowId)}::text[]) AS input (id, position, workflow_id)
    CROSS JOIN LATERAL (
      SELECT CASE WHEN lease_until > now() THEN ${UNDER_WAY_WAIT_MS}
        ELSE greatest(${UNDER_WAY_WAIT_MS}, extract(epoch FROM next_attempt_at - now()) * 1000) END::float8 AS "waitMs"
      FROM delivery_queue
      WHERE workflow_id COLLATE "C" = input.workflow_id AND position < input.position
        AND position <> ALL (${known.map(({ delivery }) => delivery.position)}::bigint[])
      ORDER BY position LIMIT 1
    ) AS earlier`.execute(transaction);
  return new Map(rows.map(({ id, waitMs }) => [id, waitMs]));
}

/** Wait in milliseconds behind a delivery that is being dispatched: mostly it is done by then. */
export const UNDER_WAY_WAIT_MS = 100;

/**
 * Lease of deliveries, with what they were decoded to. The token keeps a dispatcher that comes too late from writing
 * over another one's work. Those behind others are not leased: they wait.
 */
export async function lease(
  transaction: Transaction<Tables>,
  names: readonly DecodedNames[],
  waitsMs: ReadonlyMap<string, number>,
  options: { readonly leaseToken: string; readonly leaseMs: number },
): Promise<readonly Claim[]> {
  await sql`
    UPDATE delivery_queue SET event = input.event, workflow_id = input.workflow_id,
      lease_token = CASE WHEN input.wait_ms IS NULL THEN ${options.leaseToken}::uuid END,
      lease_until = CASE WHEN input.wait_ms IS NULL THEN now() + ${options.leaseMs} * interval '1 millisecond' END,
      next_attempt_at = now() + coalesce(input.wait_ms, ${options.leaseMs}) * interval '1 millisecond',
      attempts = attempts + CASE WHEN input.wait_ms IS NULL THEN 1 ELSE 0 END
    FROM unnest(${names.map(({ delivery }) => delivery.position)}::bigint[], ${names.map(({ event }) => event)}::text[],
      ${names.map(({ workflowId }) => workflowId)}::text[],
      ${names.map(({ delivery }) => waitsMs.get(delivery.id) ?? null)}::float8[])
      AS input (position, event, workflow_id, wait_ms)
    WHERE delivery_queue.position = input.position`.execute(transaction);
  return names
    .filter(({ delivery }) => !waitsMs.has(delivery.id))
    .map(({ delivery }) => ({ ...delivery, attempts: delivery.attempts + 1, leaseToken: options.leaseToken }));
}
