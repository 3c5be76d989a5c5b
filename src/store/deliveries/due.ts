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
  /** True where an operator has let it in, whatever verification said. */
  readonly isAccepted: boolean;
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
 * One dispatcher at a time has its turn, until its transaction ends. Claims write the subject of each delivery into the
 * queue: whoever claims next then sees every earlier delivery of a subject, and lets none overtake it.
 */
export async function selectDue(
  transaction: Transaction<Tables>,
  from: DueFrom,
  limit: number,
): Promise<ReadonlyMap<Partner, readonly DueDelivery[]>> {
  const turn = `partnerflow claims ${'of' in from ? from.of : ''}`;
  const partners =
    'of' in from
      ? sql`SELECT ${from.of}::text`
      : sql`WITH RECURSIVE waiting (partner) AS (${ofPartnersWaiting})
            SELECT partner FROM waiting WHERE partner <> ALL (${[...from.notOf]}::text[])`;
  // The turn comes before the rows, since they belong to a partner of it. A row that was claimed meanwhile is read anew, and left.
  const { rows } = await sql<DueDelivery>`
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended(${turn}, 0))),
      wanted (partner) AS MATERIALIZED (SELECT listed.partner FROM turn CROSS JOIN LATERAL (${partners}) AS listed (partner))
    SELECT facts.id, due.partner, facts.route, facts.received_at AS "receivedAt", facts.verdict,
           facts.accepted_at IS NOT NULL AS "isAccepted", facts.source,
           facts.body_bytes AS "bodyBytes", due.attempts, due.refusals, due.position, facts.traceparent,
           coalesce(extract(epoch FROM now() - due.failing_since) * 1000, 0)::float8 AS "failingForMs"
    FROM wanted CROSS JOIN LATERAL (
      SELECT partner, attempts, refusals, position, failing_since
      FROM delivery_queue WHERE delivery_queue.partner = wanted.partner AND ${isDue}
      ORDER BY next_attempt_at, position LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) AS due JOIN deliveries facts ON facts.position = due.position`.execute(transaction);
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

/** A lease: the deliveries that may be dispatched now, and whether one that waits behind another may go on soon. */
export interface Leased {
  readonly claims: readonly Claim[];
  readonly isMoreSoon: boolean;
}

/** Wait in milliseconds behind a delivery that is being dispatched: mostly it is done by then. */
export const UNDER_WAY_WAIT_MS = 100;

/**
 * Lease of deliveries, with what they were decoded to. The token keeps a dispatcher that comes too late from writing
 * over another one's work. One behind an earlier delivery of its subject, which is pending and not among them, is not
 * leased: it waits until that one may have gone on.
 */
export async function lease(
  transaction: Transaction<Tables>,
  names: readonly DecodedNames[],
  options: { readonly leaseToken: string; readonly leaseMs: number },
): Promise<Leased> {
  const positions = names.map(({ delivery }) => delivery.position);
  const { rows } = await sql<{ position: string; waitMs: number | null }>`
    UPDATE delivery_queue own SET event = input.event, workflow_id = input.workflow_id,
      lease_token = CASE WHEN input.wait_ms IS NULL THEN ${options.leaseToken}::uuid END,
      lease_until = CASE WHEN input.wait_ms IS NULL THEN now() + ${options.leaseMs} * interval '1 millisecond' END,
      next_attempt_at = now() + coalesce(input.wait_ms, ${options.leaseMs}) * interval '1 millisecond',
      attempts = own.attempts + CASE WHEN input.wait_ms IS NULL THEN 1 ELSE 0 END
    FROM (
      SELECT given.position, given.event, given.workflow_id, earlier.wait_ms
      FROM unnest(${positions}::bigint[], ${names.map(({ event }) => event)}::text[],
        ${names.map(({ workflowId }) => workflowId)}::text[]) AS given (position, event, workflow_id)
      LEFT JOIN LATERAL (
        SELECT CASE WHEN lease_until > now() THEN ${UNDER_WAY_WAIT_MS}
          ELSE greatest(${UNDER_WAY_WAIT_MS}, extract(epoch FROM next_attempt_at - now()) * 1000) END::float8 AS wait_ms
        FROM delivery_queue
        WHERE workflow_id COLLATE "C" = given.workflow_id AND position < given.position
          AND position <> ALL (${positions}::bigint[])
        ORDER BY position LIMIT 1
      ) AS earlier ON true
    ) AS input
    WHERE own.position = input.position
    RETURNING own.position, input.wait_ms AS "waitMs"`.execute(transaction);
  const waitsMs = new Map(rows.map(({ position, waitMs }) => [position, waitMs]));
  return {
    claims: names
      .filter(({ delivery }) => waitsMs.get(delivery.position) === null)
      .map(({ delivery }) => ({ ...delivery, attempts: delivery.attempts + 1, leaseToken: options.leaseToken })),
    isMoreSoon: rows.some(({ waitMs }) => waitMs !== null && waitMs <= UNDER_WAY_WAIT_MS),
  };
}
