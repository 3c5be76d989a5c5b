import { type Kysely, sql } from 'kysely';

import type { OutboxLane } from '../../domain/outgoing';
import type { Tables } from '../schema/tables';

/** Message leased to one sender. */
export interface ClaimedMessage {
  readonly position: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** As it is kept: `clearBody` has what is sent. */
  readonly body: string;
  /** Number of attempts, this one included. */
  readonly attempts: number;
  readonly leaseToken: string;
}

/**
 * Lease of messages that are due, only the first of each subject that still waits: the next is sent after that was
 * taken or given up. Messages of one subject are written one after the other, so their positions are their order. A
 * lease that ran out is taken over, and the token keeps the late sender from writing over the new one's work.
 */
export async function claimMessages(
  database: Kysely<Tables>,
  lane: OutboxLane,
  options: { readonly leaseToken: string; readonly leaseMs: number; readonly limit: number },
): Promise<readonly ClaimedMessage[]> {
  const { rows } = await sql<Omit<ClaimedMessage, 'leaseToken'>>`
    UPDATE outbox SET lease_token = ${options.leaseToken}, attempts = attempts + 1,
                      lease_until = clock_timestamp() + ${options.leaseMs} * interval '1 millisecond'
    WHERE position = ANY (ARRAY (
      SELECT position FROM outbox AS due
      WHERE target = ${lane} AND state = 'waiting' AND next_attempt_at <= now()
        AND (lease_until IS NULL OR lease_until < now())
        AND NOT EXISTS (
          SELECT FROM outbox AS earlier WHERE earlier.target = due.target AND earlier.subject = due.subject
            AND earlier.state = 'waiting' AND earlier.position < due.position
        )
      ORDER BY next_attempt_at, position LIMIT ${options.limit} FOR UPDATE SKIP LOCKED
    ))
    RETURNING position, id, type, subject, body, attempts`.execute(database);
  return rows.map((row) => ({ ...row, leaseToken: options.leaseToken }));
}

/** Record that the receiver took a message. */
export async function messageTaken(database: Kysely<Tables>, { position, leaseToken }: ClaimedMessage): Promise<void> {
  await sql`
    UPDATE outbox SET state = 'sent', ended_at = now(), lease_token = NULL, lease_until = NULL, last_failure = NULL
    WHERE position = ${position} AND state = 'waiting' AND lease_token = ${leaseToken}`.execute(database);
}

/**
 * Record that the receiver did not take a message: it is due again after `retryMs`, or given up where that is null.
 * Messages behind it are not due before it: otherwise each search would go through all of them, and a long outage
 * would end slowly.
 */
export async function messageFailed(
  database: Kysely<Tables>,
  { position, leaseToken }: ClaimedMessage,
  failure: string,
  retryMs: number | null,
): Promise<void> {
  await sql`
    WITH failed AS (
      UPDATE outbox SET last_failure = ${failure}, lease_token = NULL, lease_until = NULL,
        state = CASE WHEN ${retryMs}::float8 IS NULL THEN 'dead' ELSE state END,
        ended_at = CASE WHEN ${retryMs}::float8 IS NULL THEN now() END,
        next_attempt_at = now() + coalesce(${retryMs}::float8, 0) * interval '1 millisecond'
      WHERE position = ${position} AND state = 'waiting' AND lease_token = ${leaseToken}
      RETURNING target, subject, position, state, next_attempt_at
    )
    UPDATE outbox AS behind SET next_attempt_at = failed.next_attempt_at FROM failed
    WHERE failed.state = 'waiting' AND behind.target = failed.target AND behind.subject = failed.subject
      AND behind.state = 'waiting' AND behind.position > failed.position
      AND behind.next_attempt_at < failed.next_attempt_at`.execute(database);
}

/**
 * Removal of sent messages that are older, at most `limit` of them; the number removed, so that the caller proceeds
 * in small steps.
 */
export async function removeSent(database: Kysely<Tables>, olderThanMs: number, limit: number): Promise<number> {
  const result = await sql`
    DELETE FROM outbox WHERE position = ANY (ARRAY (
      SELECT position FROM outbox WHERE state = 'sent' AND ended_at < now() - ${olderThanMs} * interval '1 millisecond'
      LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ))`.execute(database);
  return Number(result.numAffectedRows ?? 0n);
}
