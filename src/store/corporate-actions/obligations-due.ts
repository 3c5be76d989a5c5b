import { type Kysely, sql, type Transaction } from 'kysely';

import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';

/** Due times of the earliest obligation of each user that is not passed on, ISO 8601 UTC. */
export async function obligationsDue(
  database: Kysely<Tables> | Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ userId: string; dueAt: Date }>`
    SELECT m.user_id AS "userId", min(o.due_at) AS "dueAt" FROM movements m JOIN obligations o ON o.movement = m.position
    WHERE m.partner = ${partner} AND m.corporate_action_id = ${id} AND m.user_id = ANY (${[...userIds]}::text[])
      AND m.is_obligation AND m.amount > o.lessened AND o.paid_at IS NULL
      AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position)
    GROUP BY m.user_id`.execute(database);
  return new Map(rows.map(({ userId, dueAt }) => [userId, dueAt.toISOString()]));
}
