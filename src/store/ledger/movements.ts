import { type Kysely, sql, type Transaction } from 'kysely';

import type { AliasEvidence, BookedLeg, Enrichment } from '../../domain/booking';
import type { Booking, BookingLeg } from '../../domain/booking';
import type { Partner } from '../../domain/partner';
import { textOf } from './amounts';
import { netObligations } from './netting';
import { bookingMessages, type BookedRow, type OwedRow, MESSAGE_COLUMNS } from '../outbox/booking-messages';
import { queueMessages } from '../messages/queue';
import type { Tables } from '../schema/tables';

/** Leg that is to be added to the ledger. */
export interface NewMovement {
  readonly partner: Partner;
  readonly workflowId: string;
  readonly deliveryId: string;
  readonly recovered: boolean;
  readonly booking: Booking;
  readonly leg: BookingLeg;
}

/** Event that is to be booked, and whose holdings it moves. */
export interface LedgerPlace {
  readonly partner: Partner;
  readonly transactionId: string;
  readonly userId: string;
}

/**
 * Lock that admits one booking transaction of an event, and of a user at a partner, at a time: it must see everything that
 * was booked of them before in order to decide what is new. Others of the partner go on beside it. All that a
 * transaction needs is locked at once and in one order, so that no two wait for each other.
 */
export async function lockLedger(transaction: Transaction<Tables>, places: readonly LedgerPlace[]): Promise<void> {
  const names = places.flatMap(({ partner, transactionId, userId }) => [
    `ledger:${partner}:event:${transactionId}`,
    `ledger:${partner}:user:${userId}`,
  ]);
  await sql`
    SELECT pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest(${names}::text[]) AS name ORDER BY key
    ) AS ordered`.execute(transaction);
}

type Database = Kysely<Tables> | Transaction<Tables>;

/** Booked legs by the ids of their events; reversals are left out. */
export async function loadBooked(
  database: Database,
  partner: Partner,
  transactionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly BookedLeg[]>> {
  if (transactionIds.length === 0) return new Map();
  const rows = await database
    .selectFrom('movements')
    .select(['transaction_id', 'leg', 'user_id', 'instrument', 'amount', 'corporate_action_id', 'type', 'fee'])
    .select(['value_instrument', 'value_amount', 'delivery_id'])
    .where('partner', '=', partner)
    .where('transaction_id', '=', sql<string>`ANY (${[...transactionIds]}::text[])`)
    .where('reverses', 'is', null)
    .execute();
  const booked = new Map<string, BookedLeg[]>();
  for (const row of rows) {
    const value = { instrument: row.value_instrument ?? '', amount: textOf(row.value_amount) ?? '' };
    const leg = {
      leg: row.leg,
      userId: row.user_id,
      instrument: row.instrument,
      amount: textOf(row.amount),
      corporateActionId: row.corporate_action_id,
      type: row.type,
      fee: textOf(row.fee),
      value: row.value_amount === null ? null : value,
      deliveryId: row.delivery_id,
    };
    booked.set(row.transaction_id, [...(booked.get(row.transaction_id) ?? []), leg]);
  }
  return booked;
}

/**
 * Insertion of movements with their obligations and messages, under the ledger's lock and after a look at what is
 * booked.
 */
export async function insertMovements(
  transaction: Transaction<Tables>,
  movements: readonly NewMovement[],
  obligationDueAt: (since: string) => string,
): Promise<void> {
  if (movements.length === 0) return;
  const rows = await transaction
    .insertInto('movements')
    .values(
      movements.map(({ partner, workflowId, deliveryId, recovered, booking, leg }) => ({
        partner,
        transaction_id: booking.transactionId,
        leg: leg.leg,
        workflow_id: workflowId,
        user_id: booking.userId,
        instrument: leg.instrument,
        amount: leg.amount,
        credited_at: booking.creditedAt,
        type: booking.type,
        direction: leg.direction,
        asset_group: leg.assetGroup,
        corporate_action_id: booking.corporateActionId,
        is_obligation: leg.isObligation,
        fee: leg.fee,
        value_instrument: leg.value?.instrument ?? null,
        value_amount: leg.value?.amount ?? null,
        delivery_id: deliveryId,
        recovered,
      })),
    )
    .returning(MESSAGE_COLUMNS)
    .execute();
  const owedToo = new Set(
    movements.flatMap(({ leg, booking }) => (leg.isOwedToo === true ? [booking.transactionId] : [])),
  );
  const owed = await insertObligations(
    transaction,
    rows.filter((row) => isOwed(row, owedToo)),
    obligationDueAt,
  );
  const lessened = await netObligations(transaction, rows.flatMap(moneyOfSet));
  await queueMessages(transaction, bookingMessages(rows, owed, lessened));
}

/** Set whose obligations a booked movement may change. */
function moneyOfSet({ partner, corporate_action_id: corporateActionId, user_id: userId, is_obligation }: BookedRow) {
  return corporateActionId === null || !is_obligation ? [] : [{ partner, corporateActionId, userId }];
}

/** Money that came and is to be passed on; what is taken back is no obligation of its own. */
function isOwed({ transaction_id: id, amount, is_obligation: isObligation }: BookedRow, owedToo: ReadonlySet<string>) {
  return (isObligation || owedToo.has(id)) && !amount.startsWith('-') && textOf(amount) !== '0';
}

async function insertObligations(
  transaction: Transaction<Tables>,
  owed: readonly BookedRow[],
  obligationDueAt: (since: string) => string,
): Promise<readonly OwedRow[]> {
  if (owed.length === 0) return [];
  return transaction
    .insertInto('obligations')
    .values(
      owed.map(({ position, booked_at }) => ({
        movement: position,
        since: booked_at,
        due_at: new Date(obligationDueAt(booked_at.toISOString())),
      })),
    )
    .returning(['id', 'movement', 'since', 'due_at'])
    .execute();
}

/** Aliases that were not known before. */
export interface LearnedAliases {
  readonly pairs: readonly (AliasEvidence & { readonly partner: Partner })[];
  /** Integers whose new pair contradicts an earlier one, each after its partner and a colon. */
  readonly contradicted: readonly string[];
}

/** Insertion of evidence that one instrument has two ids; the aliases that were new. */
export async function learnAliases(
  transaction: Transaction<Tables>,
  learned: readonly LearnedPair[],
): Promise<LearnedAliases> {
  const unknown = await unknownPairs(transaction, learned);
  if (unknown.length === 0) return { pairs: [], contradicted: [] };
  // One at a time: of two that contradict each other the second has to see the first.
  const partners = [...new Set(unknown.map(({ partner }) => partner))].sort();
  for (const partner of partners)
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`aliases:${partner}`}, 0))`.execute(transaction);
  const fresh = await transaction
    .insertInto('alias_evidence')
    .values(
      unknown.map(({ partner, integer, uuid, deliveryId }) => ({
        partner,
        integer_instrument: integer,
        uuid_instrument: uuid,
        delivery_id: deliveryId,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['partner', 'integer_instrument', 'uuid_instrument'])
    .execute();
  if (fresh.length === 0) return { pairs: [], contradicted: [] };
  const valid = await transaction
    .selectFrom('aliases')
    .select(['integer_instrument', 'uuid_instrument'])
    .where(
      'integer_instrument',
      'in',
      fresh.map((row) => row.integer_instrument),
    )
    .execute();
  const uncontradicted = new Set(valid.map((row) => `${row.integer_instrument} ${row.uuid_instrument}`));
  return {
    pairs: fresh.map((row) => ({ partner: row.partner, integer: row.integer_instrument, uuid: row.uuid_instrument })),
    contradicted: fresh
      .filter((row) => !uncontradicted.has(`${row.integer_instrument} ${row.uuid_instrument}`))
      .map((row) => `${row.partner}:${row.integer_instrument}`),
  };
}

type LearnedPair = AliasEvidence & { readonly partner: Partner; readonly deliveryId: string };

/** Pairs that nothing has shown yet: nearly always none, and then nobody waits for anybody. */
async function unknownPairs(
  transaction: Transaction<Tables>,
  learned: readonly LearnedPair[],
): Promise<readonly LearnedPair[]> {
  if (learned.length === 0) return [];
  const { rows } = await sql<{ place: number }>`
    SELECT place::int - 1 AS place FROM unnest(${learned.map(({ partner }) => partner)}::text[],
      ${learned.map(({ integer }) => integer)}::text[], ${learned.map(({ uuid }) => uuid)}::text[])
      WITH ORDINALITY AS input (partner, integer, uuid, place)
    WHERE NOT EXISTS (SELECT FROM alias_evidence known WHERE known.partner = input.partner
      AND known.integer_instrument = input.integer AND known.uuid_instrument = input.uuid)`.execute(transaction);
  return rows.flatMap(({ place }) => learned[place] ?? []);
}

/** Fee and value of a richer version, added beside the booked amounts; values that exist stay. */
export async function enrichMovements(
  transaction: Transaction<Tables>,
  partner: Partner,
  transactionId: string,
  enrichments: readonly Enrichment[],
): Promise<void> {
  for (const { leg, fee, value } of enrichments) {
    await sql`
      UPDATE movements SET fee = coalesce(fee, ${fee}::numeric),
        value_instrument = coalesce(value_instrument, ${value?.instrument ?? null}),
        value_amount = coalesce(value_amount, ${value?.amount ?? null}::numeric)
      WHERE partner = ${partner} AND transaction_id = ${transactionId} AND leg = ${leg}`.execute(transaction);
  }
}

/** Record that a delivery contradicted a booked movement under its own id. */
export async function noteContradiction(
  transaction: Transaction<Tables>,
  contradiction: {
    readonly partner: Partner;
    readonly transactionId: string;
    readonly leg: string;
    readonly deliveryId: string;
    readonly found: string;
  },
): Promise<void> {
  const { partner, transactionId, leg, deliveryId, found } = contradiction;
  await transaction
    .insertInto('contradictions')
    .values({ partner, transaction_id: transactionId, leg, delivery_id: deliveryId, found })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Record that a parked delivery waits for a richer version of its event. */
export async function awaitRicher(
  transaction: Transaction<Tables>,
  partner: Partner,
  transactionId: string,
  deliveryId: string,
): Promise<void> {
  await transaction
    .insertInto('movements_awaited')
    .values({ partner, transaction_id: transactionId, delivery_id: deliveryId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Return to dispatch of parked deliveries whose event has now been booked from a richer version. */
export async function releaseAwaiting(
  transaction: Transaction<Tables>,
  partner: Partner,
  transactionIds: readonly string[],
): Promise<void> {
  if (transactionIds.length === 0) return;
  await sql`
    WITH released AS (
      DELETE FROM movements_awaited WHERE partner = ${partner} AND transaction_id = ANY (${[...transactionIds]}::text[])
      RETURNING delivery_id
    )
    UPDATE deliveries SET status = 'pending', problem = NULL, refusals = 0, settled_at = NULL
    FROM released WHERE deliveries.id = released.delivery_id AND deliveries.status = 'parked'`.execute(transaction);
}
