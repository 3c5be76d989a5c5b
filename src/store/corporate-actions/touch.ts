import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';

/**
 * The assignments by which a set's version rises after something other than a booking, in an UPDATE of `sets`. One that
 * the flow of its corporate action follows is due at once, unless its quiet period lasts.
 */
export const RISE = sql`
  version = sets.version + 1,
  told_version = CASE WHEN sets.followed_by = 'action' THEN sets.version + 1 ELSE sets.told_version END,
  look_at = CASE WHEN sets.followed_by = 'action' AND sets.judged_version = sets.version THEN now() ELSE sets.look_at END`;

/** Event of a partner. */
export interface BookedEvent {
  readonly partner: Partner;
  readonly transactionId: string;
}

/** Corporate actions of events, with the sets that their movements belong to due at once. */
export async function touchSetsOf(
  database: Kysely<Tables> | Transaction<Tables>,
  events: readonly BookedEvent[],
): Promise<readonly CorporateActionKey[]> {
  if (events.length === 0) return [];
  const { rows } = await sql<CorporateActionKey>`
    SELECT DISTINCT m.partner, m.corporate_action_id AS id FROM movements m JOIN ${tableOf(events)}
      ON m.partner = input.partner AND m.transaction_id = input.transaction_id
    WHERE m.corporate_action_id IS NOT NULL`.execute(database);
  await sql`
    UPDATE transaction_sets AS sets SET ${RISE} FROM movements m JOIN ${tableOf(events)}
      ON m.partner = input.partner AND m.transaction_id = input.transaction_id
    WHERE sets.partner = m.partner AND sets.corporate_action_id = m.corporate_action_id AND sets.user_id = m.user_id
      AND sets.followed_by = 'action'`.execute(database);
  return rows;
}

function tableOf(events: readonly BookedEvent[]): RawBuilder<unknown> {
  return sql`unnest(${events.map(({ partner }) => partner)}::text[],
    ${events.map(({ transactionId }) => transactionId)}::text[]) AS input (partner, transaction_id)`;
}
