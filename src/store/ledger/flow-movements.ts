import { type Kysely, type RawBuilder, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/**
 * Movement of a recorded transaction, with the fee and the value that its event named; these are shown, never booked.
 */
export interface FlowMovement {
  readonly transactionId: string;
  readonly leg: string;
  readonly userId: string;
  readonly instrument: string;
  readonly amount: string;
  readonly fee: string | null;
  readonly value: { readonly instrument: string; readonly amount: string } | null;
  /** ISO 8601 UTC. */
  readonly creditedAt: string;
  readonly deliveryId: string | null;
  readonly recovered: boolean;
}

/** Movement with all that names it, as it is found and told of. */
export interface BookedMovement extends FlowMovement {
  readonly partner: Partner;
  readonly workflowId: string;
  readonly caId: string | null;
  /** Word of the partner for what it is. */
  readonly type: string;
  /** Time of the booking, ISO 8601 UTC. */
  readonly bookedAt: string;
  /** True for a movement that takes another one back. */
  readonly isReversing: boolean;
}

/**
 * Movements of an event that no flow follows, in the order of booking; a reversed one is listed beside its reversal.
 */
export async function movementsOfTransaction(
  database: Kysely<Tables>,
  partner: Partner,
  transactionId: string,
): Promise<readonly FlowMovement[]> {
  const condition = sql`m.partner = ${partner} AND transaction_id = ${transactionId} AND amount <> 0 ORDER BY position`;
  return (await movementsWhere(database, condition)).map(flowMovementOf);
}

function flowMovementOf(movement: BookedMovement): FlowMovement {
  const { transactionId, leg, userId, instrument, amount, fee, value, creditedAt, deliveryId, recovered } = movement;
  return { transactionId, leg, userId, instrument, amount, fee, value, creditedAt, deliveryId, recovered };
}

/** Movements by their positions, in that order. */
export async function movementsAt(
  database: Kysely<Tables>,
  positions: readonly string[],
): Promise<readonly BookedMovement[]> {
  if (positions.length === 0) return [];
  const wanted = sql`${[...positions]}::bigint[]`;
  return movementsWhere(database, sql`position = ANY (${wanted}) ORDER BY array_position(${wanted}, position)`);
}

interface Row extends Omit<BookedMovement, 'creditedAt' | 'bookedAt' | 'value'> {
  readonly creditedAt: Date;
  readonly bookedAt: Date;
  readonly valueInstrument: string | null;
  readonly valueAmount: string | null;
}

/** Movements that fulfil a condition; `m` names the table. */
export async function movementsWhere(
  database: Kysely<Tables>,
  condition: RawBuilder<unknown>,
): Promise<readonly BookedMovement[]> {
  const { rows } = await sql<Row>`
    SELECT m.partner, workflow_id AS "workflowId", corporate_action_id AS "caId", type, reverses IS NOT NULL AS "isReversing",
      transaction_id AS "transactionId", leg, user_id AS "userId",
      coalesce(uuid_instrument, instrument) AS instrument, trim_scale(amount)::text AS amount,
      trim_scale(fee)::text AS fee, value_instrument AS "valueInstrument",
      trim_scale(value_amount)::text AS "valueAmount", credited_at AS "creditedAt", booked_at AS "bookedAt",
      delivery_id AS "deliveryId", recovered
    FROM movements m LEFT JOIN aliases a ON a.partner = m.partner AND a.integer_instrument = m.instrument
    WHERE ${condition}`.execute(database);
  return rows.map(({ valueInstrument, valueAmount, creditedAt, bookedAt, ...row }) => ({
    ...row,
    value:
      valueInstrument === null || valueAmount === null ? null : { instrument: valueInstrument, amount: valueAmount },
    creditedAt: creditedAt.toISOString(),
    bookedAt: bookedAt.toISOString(),
  }));
}
