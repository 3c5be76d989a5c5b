import { type RawBuilder, sql, type Transaction } from 'kysely';

import { Exact, plain } from '../../domain/lifecycles/corporate-actions/exact';
import { inOrderOfCredit } from '../../domain/lifecycles/corporate-actions/legs';
import { netMoney } from '../../domain/lifecycles/corporate-actions/money';
import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/** Set whose money is netted. */
export interface MoneyOfSet {
  readonly partner: Partner;
  readonly corporateActionId: string;
  readonly userId: string;
}

/**
 * Obligations of sets, lessened by the money of theirs that was taken back: computed from all that is booked, so that
 * it does not matter what came first. Only sets of which any was taken back are looked at. Result: what is taken back of
 * each obligation that changed, by the position of its movement.
 */
export async function netObligations(
  transaction: Transaction<Tables>,
  sets: readonly MoneyOfSet[],
): Promise<ReadonlyMap<string, string>> {
  if (sets.length === 0) return new Map();
  await lockObligations(transaction, sets);
  const rows = await moneyOf(transaction, sets);
  const names = new Set(rows.map(nameOf));
  const changed = [...names].flatMap((name) => {
    const own = rows.filter((row) => nameOf(row) === name);
    return netMoney(inOrderOfCredit(own)).owed.flatMap(({ movement, left }) => {
      const lessened = new Exact(movement.amount).minus(left);
      return lessened.eq(movement.lessened) ? [] : [{ position: movement.position, lessened: plain(lessened) }];
    });
  });
  const lessenedBy = new Map(changed.map(({ position, lessened }) => [position, lessened]));
  if (changed.length === 0) return lessenedBy;
  await sql`
    UPDATE obligations SET lessened = input.lessened
    FROM unnest(${changed.map(({ position }) => position)}::bigint[],
      ${changed.map(({ lessened }) => lessened)}::numeric[]) AS input (movement, lessened)
    WHERE obligations.movement = input.movement`.execute(transaction);
  return lessenedBy;
}

function nameOf({ caId, userId }: Pick<MoneyRow, 'caId' | 'userId'>): string {
  return `${caId} ${userId}`;
}

/** Whoever states a payment meanwhile waits, or is waited for: what was passed on is not open any more. */
async function lockObligations(transaction: Transaction<Tables>, sets: readonly MoneyOfSet[]): Promise<void> {
  await sql`
    SELECT FROM obligations o JOIN movements m ON m.position = o.movement WHERE ${isNetted(sets)}
    ORDER BY o.position FOR UPDATE OF o`.execute(transaction);
}

interface MoneyRow {
  readonly position: string;
  readonly caId: string;
  readonly userId: string;
  readonly transactionId: string;
  readonly instrument: string;
  readonly amount: string;
  readonly creditedAt: string;
  readonly lessened: string;
  readonly paid: string | null;
}

async function moneyOf(transaction: Transaction<Tables>, sets: readonly MoneyOfSet[]): Promise<readonly MoneyRow[]> {
  const { rows } = await sql<MoneyRow>`
    SELECT m.position, m.corporate_action_id AS "caId", m.user_id AS "userId", m.transaction_id AS "transactionId",
      coalesce(a.uuid_instrument, m.instrument) AS instrument, trim_scale(m.amount)::text AS amount,
      ${creditedAtText} AS "creditedAt", coalesce(o.lessened, 0)::text AS lessened, ${paidText} AS paid
    FROM movements m LEFT JOIN obligations o ON o.movement = m.position
      LEFT JOIN aliases a ON a.partner = m.partner AND a.integer_instrument = m.instrument
    WHERE ${isNetted(sets)} AND m.is_obligation AND m.amount <> 0 AND m.reverses IS NULL
      AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position)`.execute(transaction);
  return rows;
}

/** Time of credit of a movement `m`, ISO 8601 UTC, to the microsecond: by it movements are ordered. */
export const creditedAtText = sql<string>`to_char(m.credited_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Amount of a movement `m` that was passed on by its obligation `o`; null while it is open. 0.2.0 kept none: it was all of it. */
export const paidText = sql<
  string | null
>`CASE WHEN o.paid_at IS NOT NULL THEN trim_scale(coalesce(o.paid_amount, m.amount))::text END`;

function isNetted(sets: readonly MoneyOfSet[]): RawBuilder<boolean> {
  return sql<boolean>`(m.partner, m.corporate_action_id, m.user_id) IN (
    SELECT set.partner, set.id, set.user_id FROM unnest(${sets.map(({ partner }) => partner)}::text[],
      ${sets.map(({ corporateActionId }) => corporateActionId)}::text[], ${sets.map(({ userId }) => userId)}::text[])
      AS set (partner, id, user_id)
    WHERE EXISTS (SELECT FROM movements back WHERE back.partner = set.partner AND back.corporate_action_id = set.id
      AND back.user_id = set.user_id AND back.is_obligation AND back.amount < 0))`;
}
