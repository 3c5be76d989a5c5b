import { type Kysely, sql, type Transaction } from 'kysely';

import { canonicalId } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import { bookingMessages, type BookedRow, MESSAGE_COLUMNS } from '../outbox/booking-messages';
import { actionsAfterMovements } from '../corporate-actions/affected';
import { RISE } from '../corporate-actions/touch';
import { recordAction } from '../audit';
import { lockLedger } from './movements';
import { type MoneyOfSet, netObligations } from './netting';
import { queueCancelled, queueMessages } from '../messages/queue';
import type { Tables } from '../schema/tables';

/** Reversal to make: of every leg of an event, or of the one that is named. */
export interface ReversalRequest {
  readonly partner: Partner;
  readonly transactionId: string;
  readonly leg?: string | undefined;
  readonly by: string;
  readonly reason: string;
}

/** Movement of an event, or one that reverses another, then with who and why. */
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

/** Event in the ledger after its reversal. */
export interface ReversedEvent {
  readonly partner: Partner;
  readonly transactionId: string;
  readonly movements: readonly EventMovement[];
}

/** Event after its reversal, the number of legs that were reversed now, and the corporate actions to be judged anew. */
export interface Reversal {
  readonly event: ReversedEvent;
  readonly taken: number;
  readonly corporateActionIds: readonly string[];
}

/**
 * Reversal of an event's movements by movements of the opposite sign; nothing is ever removed, and a repetition
 * changes nothing. Null where no such event, or no such leg of it, was booked.
 */
export async function reverseMovements(database: Kysely<Tables>, requested: ReversalRequest): Promise<Reversal | null> {
  const request = { ...requested, transactionId: canonicalId(requested.transactionId) };
  return database.transaction().execute(async (transaction) => {
    // Whose it is never changes: an event's further legs are of the same user.
    const known = await movementsOf(transaction, request);
    await lockLedger(
      transaction,
      known.map(({ userId }) => ({ ...request, userId })),
    );
    const before = await movementsOf(transaction, request);
    const isKnown = before.some(({ leg, reason }) => reason === null && (request.leg ?? leg) === leg);
    if (!isKnown) return null;
    const taken = await takeBack(transaction, request);
    const { partner, transactionId, by, reason, leg } = request;
    if (taken > 0) {
      await netObligations(
        transaction,
        before.flatMap((one) => moneyOfSet(partner, one)),
      );
      await raiseVersions(transaction, request);
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

function moneyOfSet(partner: Partner, { caId, userId }: EventMovement): readonly MoneyOfSet[] {
  return caId === null ? [] : [{ partner, corporateActionId: caId, userId }];
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

/** Number of movements that were reversed now. A movement of 0, or one that is reversed already, needs nothing. */
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
  await queueMessages(transaction, bookingMessages(rows, []));
  await queueCancelled(
    transaction,
    rows.flatMap(({ reverses }) => reverses ?? []),
  );
  return rows.length;
}

/**
 * Higher version of the sets concerned. The reversal may have removed an obligation, so their flows are notified even
 * where the verdict stays.
 */
async function raiseVersions(
  transaction: Transaction<Tables>,
  { partner, transactionId }: ReversalRequest,
): Promise<void> {
  await sql`
    UPDATE transaction_sets AS sets SET ${RISE} FROM (
      SELECT DISTINCT corporate_action_id, user_id FROM movements
      WHERE partner = ${partner} AND transaction_id = ${transactionId} AND corporate_action_id IS NOT NULL
    ) AS touched
    WHERE sets.partner = ${partner} AND sets.corporate_action_id = touched.corporate_action_id
      AND sets.user_id = touched.user_id`.execute(transaction);
}
