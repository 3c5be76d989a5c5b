import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/**
 * Increment of a counter that is compared with rows elsewhere, in the transaction that writes those; it never
 * decreases.
 */
export async function addToCounter(
  database: Kysely<Tables> | Transaction<Tables>,
  name: 'received' | 'recovered',
  partner: Partner,
  by: number,
): Promise<void> {
  if (by === 0) return;
  await sql`
    INSERT INTO counters (name, partner, slot, value) VALUES (${name}, ${partner}, 0, ${by})
    ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`.execute(database);
}
