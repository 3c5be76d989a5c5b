import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, sql, type Transaction } from 'kysely';

import type { BookedKind } from '../../domain/booking';
import { isUuid } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import type { Outcome } from '../../domain/subject';
import { recordAction } from '../audit';
import type { DeliveryStatus, Tables } from '../schema/tables';
import { releaseAwaiting } from './movements';

/** Kind that an operator gives an event which does not state it. */
export interface GivenKind {
  readonly deliveryId: string;
  readonly kind: BookedKind;
  readonly by: string;
  readonly reason: string;
}

/** Result of giving a kind; `stated` where the delivery is not parked for want of one. */
export type GivingResult = 'given' | 'unknown' | 'not-parked' | 'stated';

/**
 * Kind of an event whose delivery is parked because it states none: it goes back to dispatch, which books it so. What comes
 * of the event later is compared with that.
 */
export async function giveKind(
  database: Kysely<Tables>,
  { deliveryId, kind, by, reason }: GivenKind,
): Promise<GivingResult> {
  if (!isUuid(deliveryId)) return 'unknown';
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ status: DeliveryStatus; partner: Partner; transactionId: string | null }>`
      SELECT d.status, d.partner, (SELECT a.transaction_id FROM movements_awaited a WHERE a.delivery_id = d.id LIMIT 1)
        AS "transactionId"
      FROM deliveries d WHERE d.id = ${deliveryId}::uuid FOR UPDATE`.execute(transaction);
    const [delivery] = rows;
    if (delivery === undefined) return 'unknown';
    const { status, partner, transactionId } = delivery;
    if (status !== 'parked') return 'not-parked';
    if (transactionId === null) return 'stated';
    await sql`
      INSERT INTO kinds_given (partner, transaction_id, kind, given_by) VALUES (${partner}, ${transactionId}, ${kind}, ${by})
      ON CONFLICT (partner, transaction_id) DO UPDATE SET kind = excluded.kind, given_by = excluded.given_by,
        given_at = now()`.execute(transaction);
    await releaseAwaiting(transaction, partner, [transactionId]);
    await recordAction(transaction, {
      by,
      action: 'book',
      target: deliveryId.toLowerCase(),
      reason,
      details: { as: kind },
    });
    return 'given';
  });
}

/** True for a delivery that is parked because its event states no kind. */
export async function awaitsKind(database: Kysely<Tables>, deliveryId: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM movements_awaited a JOIN deliveries d ON d.id = a.delivery_id
    WHERE a.delivery_id = ${deliveryId}::uuid AND d.status = 'parked'`.execute(database);
  return rows.length > 0;
}

/** Kinds that operators gave events, by the partner's id of the event. */
export async function loadKinds(
  transaction: Transaction<Tables>,
  partner: Partner,
  transactionIds: readonly string[],
): Promise<ReadonlyMap<string, BookedKind>> {
  if (transactionIds.length === 0) return new Map();
  const { rows } = await sql<{ transactionId: string; kind: BookedKind }>`
    SELECT transaction_id AS "transactionId", kind FROM kinds_given
    WHERE partner = ${partner} AND transaction_id = ANY (${[...transactionIds]}::text[])`.execute(transaction);
  return new Map(rows.map(({ transactionId, kind }) => [transactionId, kind]));
}

/** Those of some instruments, `fiat:<id>`, that a booked event of the partner names as money or as a value in money. */
export async function knownAsMoney(
  transaction: Transaction<Tables>,
  partner: Partner,
  instruments: readonly string[],
): Promise<ReadonlySet<string>> {
  if (instruments.length === 0) return new Set();
  const { rows } = await sql<{ instrument: string }>`
    SELECT instrument FROM unnest(${[...instruments]}::text[]) AS asked (instrument)
    WHERE EXISTS (
      SELECT FROM movements m WHERE m.partner = ${partner} AND m.instrument = asked.instrument
        AND m.instrument LIKE 'fiat:%' AND m.reverses IS NULL
        AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position)
    ) OR EXISTS (
      SELECT FROM movements m WHERE m.partner = ${partner} AND m.value_instrument = asked.instrument
    )`.execute(transaction);
  return new Set(rows.map(({ instrument }) => instrument));
}

/** Status of a delivery, with its outcome where it has one. */
export interface DeliveryState {
  readonly id: string;
  readonly status: DeliveryStatus;
  readonly outcome: Outcome | null;
}

const LOOK_EVERY_MS = 50;

/** State of a delivery once dispatch has decided on it, or when the wait is over. */
export async function decidedState(
  database: Kysely<Tables>,
  deliveryId: string,
  waitMs: number,
): Promise<DeliveryState> {
  const endMs = performance.now() + waitMs;
  for (;;) {
    const state = await database
      .selectFrom('deliveries')
      .select(['id', 'status', 'outcome'])
      .where('id', '=', deliveryId)
      .executeTakeFirstOrThrow();
    if (state.status !== 'pending' || performance.now() > endMs) return state;
    await delay(LOOK_EVERY_MS);
  }
}
