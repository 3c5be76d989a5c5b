import { type Kysely, sql } from 'kysely';

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

interface Row extends Omit<FlowMovement, 'creditedAt' | 'value'> {
  readonly creditedAt: Date;
  readonly valueInstrument: string | null;
  readonly valueAmount: string | null;
}

/**
 * Movements of an event that no flow follows, in the order of booking; a reversed one is listed beside its reversal.
 */
export async function movementsOfTransaction(
  database: Kysely<Tables>,
  partner: Partner,
  transactionId: string,
): Promise<readonly FlowMovement[]> {
  const { rows } = await sql<Row>`
    SELECT transaction_id AS "transactionId", leg, user_id AS "userId",
      coalesce(uuid_instrument, instrument) AS instrument, trim_scale(amount)::text AS amount,
      trim_scale(fee)::text AS fee, value_instrument AS "valueInstrument",
      trim_scale(value_amount)::text AS "valueAmount", credited_at AS "creditedAt", delivery_id AS "deliveryId",
      recovered
    FROM movements m LEFT JOIN aliases a ON a.partner = m.partner AND a.integer_instrument = m.instrument
    WHERE m.partner = ${partner} AND transaction_id = ${transactionId} AND amount <> 0 ORDER BY position`.execute(
    database,
  );
  return rows.map(({ valueInstrument, valueAmount, creditedAt, ...row }) => ({
    ...row,
    value:
      valueInstrument === null || valueAmount === null ? null : { instrument: valueInstrument, amount: valueAmount },
    creditedAt: creditedAt.toISOString(),
  }));
}
