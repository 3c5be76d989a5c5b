import { type Kysely, sql, type Transaction } from 'kysely';

import type { Problem } from '../../domain/problem';
import type { Tables } from '../schema/tables';
import type { DeliveryDecision } from './claims';

/** Record of the side fields that could not be read, beside the decisions on their deliveries. */
export async function recordUnread(
  transaction: Transaction<Tables>,
  decisions: readonly DeliveryDecision[],
): Promise<void> {
  const rows = decisions.flatMap(({ claim, unread }) =>
    unread === undefined ? [] : [{ position: claim.position, fields: JSON.stringify(unread) }],
  );
  if (rows.length === 0) return;
  await transaction
    .insertInto('unread_fields')
    .values(rows)
    .onConflict((conflict) => conflict.column('position').doUpdateSet({ fields: sql`excluded.fields` }))
    .execute();
}

/** Side fields that could not be read, by the position of their delivery; those of the others are absent. */
export async function loadUnread(
  database: Kysely<Tables>,
  positions: readonly string[],
): Promise<ReadonlyMap<string, readonly Problem[]>> {
  if (positions.length === 0) return new Map();
  const rows = await database
    .selectFrom('unread_fields')
    .selectAll()
    .where('position', '=', sql<string>`ANY (${[...positions]}::bigint[])`)
    .execute();
  return new Map(rows.map(({ position, fields }) => [position, fields]));
}
