import { type Kysely, sql, type Transaction } from 'kysely';

import { canonicalId } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import { bookingMessages, type BookedRow, MESSAGE_COLUMNS } from '../outbox/booking-messages';
import { actionsAfterMovements } from '../corporate-actions/affected';
import { recordAction } from '../audit';
import { lockLedger } from './movements';
import { enqueueOutcomes } from '../outbox/enqueue';
import type { Tables } from '../schema/tables';

/** What is to be taken back: every leg of an event, or the one that is named. */
export interface ReversalRequest {
  readonly partner: Partner;
  readonly transactionId: string;
  readonly leg?: string | undefined;
  readonly by: string;
  readonly reason: string;
}

/** A movement of an event, or one that takes another back: then with who and why. */
export interface EventMovement {
  readonly leg: string;
  readonly userId: string;
  readonly caId: string | null;
  readonly instrument: string;
  readonly amount: string;
  /** ISO 8601 UTC. */
  readonly creditedAt: string;
  readonly deliveryId: string | null;
  readonly reason: string | null;
  readonly reversedBy: string | null;
}

/** An event as the ledger holds it after it was taken back. */
export interface ReversedEvent {
  readonly partner: Partner;
  readonly transactionId: string;
  readonly movements: readonly EventMovement[];
}

/** The event after its reversal, how many legs were taken back now, and the corporate actions to be judged anew. */
export interface Reversal {
  readonly event: ReversedEvent;
  readonly taken: number;
  readonly corporateActionIds: readonly string[];
}

/** Takes back what counts and has not been taken back, and says so; a movement of 0 has nothing to take back. */
async function takeBack(
  transaction: Transaction<Tables>,
  { partner, transactionId, leg, by, reason }: ReversalRequest,
): Promise<number> {
  const { rows } = await sql<BookedRow>`
    INSERT INTO movements (partner, transaction_id, leg, workflow_id, user_id, instrument, amount, credited_at, type,
      direction, asset_group, corporate_action_id, is_obligation, reverses, reason, reversed_by)
    SELECT partner, transaction_id, leg || ':reversal', workflow_id, user_id, instrument, -amount, credited_at, type,
      direction, asset_group, corporate_action_id, is_obligation, position, ${reason}, ${by}
    FROM movements m WHERE partner = ${partner} AND transaction_id = ${transactionId} AND reverses IS NULL
      AND (${leg ?? null}::text IS NULL OR leg = ${leg ?? null}) AND amount <> 0
      AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position)
    RETURNING ${sql.join(MESSAGE_COLUMNS.map((column) => sql.ref(column)))}`.execute(transaction);
  await enqueueOutcomes(transaction, bookingMessages(rows, []));
  return rows.length;
}

/** What a set owes may have gone with the movement: its flow hears of it, also where the verdict stays. */
async function tellSets(transaction: Transaction<Tables>, { partner, transactionId }: ReversalRequest): Promise<void> {
  await sql`
    UPDATE transaction_sets AS sets SET version = version + 1 FROM (
      SELECT DISTINCT corporate_action_id, user_id FROM movements
      WHERE partner = ${partner} AND transaction_id = ${transactionId} AND corporate_action_id IS NOT NULL
    ) AS touched
    WHERE sets.partner = ${partner} AND sets.corporate_action_id = touched.corporate_action_id
      AND sets.user_id = touched.user_id`.execute(transaction);
}

async function movementsOf(
  transaction: Transaction<Tables>,
  { partner, transactionId }: ReversalRequest,
): Promise<readonly EventMovement[]> {
  const { rows } = await sql<Omit<EventMovement, 'creditedAt'> & { readonly creditedAt: Date }>`
    SELECT leg, user_id AS "userId", corporate_action_id AS "caId", coalesce(uuid_instrument, instrument) AS instrument,
      trim_scale(amount)::text AS amount, credited_at AS "creditedAt", delivery_id AS "deliveryId", reason,
      reversed_by AS "reversedBy"
    FROM movements m LEFT JOIN aliases a ON a.partner = m.partner AND a.integer_instrument = m.instrument
    WHERE m.partner = ${partner} AND transaction_id = ${transactionId} ORDER BY position`.execute(transaction);
  return rows.map((row) => ({ ...row, creditedAt: row.creditedAt.toISOString() }));
}

/**
 * Takes back what an event booked, by movements of the opposite sign; nothing is ever removed. Again changes nothing.
 * Answers null where no such event, or no such leg of it, was booked.
 */
export async function reverseMovements(database: Kysely<Tables>, given: ReversalRequest): Promise<Reversal | null> {
  const request = { ...given, transactionId: canonicalId(given.transactionId) };
  return database.transaction().execute(async (transaction) => {
    await lockLedger(transaction, request.partner);
    const before = await movementsOf(transaction, request);
    const isKnown = before.some(({ leg, reason }) => reason === null && (request.leg ?? leg) === leg);
    if (!isKnown) return null;
    const taken = await takeBack(transaction, request);
    const { partner, transactionId, by, reason, leg } = request;
    if (taken > 0) {
      await tellSets(transaction, request);
      const details = { legs: taken, ...(leg === undefined ? {} : { leg }) };
      await recordAction(transaction, {
        by,
        action: 'reverse',
        target: `${partner}:${transactionId}`,
        reason,
        details,
      });
    }
    const movements = taken === 0 ? before : await movementsOf(transaction, request);
    const changes = movements.map(({ caId, ...one }) => ({ ...one, partner, corporateActionId: caId }));
    const after = await actionsAfterMovements(transaction, changes);
    const corporateActionIds = [
      ...new Set([...movements.flatMap(({ caId }) => caId ?? []), ...after.map(({ id }) => id)]),
    ];
    return { event: { partner, transactionId, movements }, taken, corporateActionIds };
  });
}
