import { sql, type Transaction } from 'kysely';

import type { CorporateActionKey } from './load';
import type { Tables } from '../schema/tables';

/** Booked movement that may change holdings before corporate actions other than its own. */
export interface HoldingChange {
  readonly partner: string;
  readonly userId: string;
  readonly instrument: string;
  /** ISO 8601. */
  readonly creditedAt: string;
  readonly corporateActionId: string | null;
}

/**
 * Corporate actions to judge anew after movements: they take away an instrument of which a holder with an imported
 * opening held another amount before than was known when they were judged. The order of arrival must not matter.
 */
export async function actionsAfterMovements(
  transaction: Transaction<Tables>,
  changes: readonly HoldingChange[],
): Promise<readonly CorporateActionKey[]> {
  if (changes.length === 0) return [];
  const { rows } = await sql<CorporateActionKey>`
    WITH moved AS (
      SELECT m.*, coalesce(a.uuid_instrument, m.instrument) AS name
      FROM unnest(${changes.map(({ partner }) => partner)}::text[], ${changes.map(({ userId }) => userId)}::text[],
        ${changes.map(({ instrument }) => instrument)}::text[],
        ${changes.map(({ creditedAt }) => creditedAt)}::timestamptz[],
        ${changes.map(({ corporateActionId }) => corporateActionId)}::text[])
        AS m (partner, user_id, instrument, credited_at, corporate_action_id)
        LEFT JOIN aliases a ON a.partner = m.partner AND a.integer_instrument = m.instrument
    )
    SELECT DISTINCT c.partner, c.id FROM corporate_actions c
      LEFT JOIN aliases a ON a.partner = c.partner AND a.integer_instrument = c.old_instrument
      JOIN moved ON moved.partner = c.partner AND moved.name = coalesce(a.uuid_instrument, c.old_instrument)
        AND moved.corporate_action_id IS DISTINCT FROM c.id
    WHERE EXISTS (SELECT FROM openings o WHERE o.partner = moved.partner AND o.user_id = moved.user_id)
      AND CASE WHEN c.started_at IS NOT NULL THEN moved.credited_at <= c.started_at ELSE NOT EXISTS (
        SELECT FROM movements own WHERE own.partner = c.partner AND own.corporate_action_id = c.id AND own.amount <> 0
          AND own.credited_at < moved.credited_at
      ) END
    ORDER BY partner, id`.execute(transaction);
  return rows;
}

/**
 * Corporate actions to judge anew after a change of aliases: their sets may change when two names are known, or no
 * longer known, to be one instrument.
 */
export async function actionsAfterAliases(
  transaction: Transaction<Tables>,
  pairs: readonly { readonly partner: string; readonly integer: string; readonly uuid: string }[],
): Promise<readonly CorporateActionKey[]> {
  if (pairs.length === 0) return [];
  const names = pairs.flatMap(({ integer, uuid }) => [integer, uuid]);
  const { rows } = await sql<CorporateActionKey>`
    WITH changed AS (SELECT ${names}::text[] AS names)
    SELECT c.partner, c.id FROM corporate_actions c CROSS JOIN changed
    WHERE c.partner = ANY (${pairs.map(({ partner }) => partner)}::text[])
      AND (c.old_instrument = ANY (names) OR c.new_instruments && names OR EXISTS (
        SELECT FROM transaction_sets s JOIN movements m ON m.partner = s.partner
          AND m.corporate_action_id = s.corporate_action_id AND m.user_id = s.user_id
        WHERE s.partner = c.partner AND s.corporate_action_id = c.id AND s.verdict = 'unverified'
          AND m.instrument = ANY (names)
      ))
    ORDER BY c.partner, c.id`.execute(transaction);
  return rows;
}
