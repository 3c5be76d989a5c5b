import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/**
 * Increment of a count, in the transaction of what it counts; it never decreases. It is appended: two transactions
 * that count the same wait for nobody.
 */
export async function addToCounter(
  database: Kysely<Tables> | Transaction<Tables>,
  name: 'recovered',
  partner: Partner,
  by: number,
): Promise<void> {
  if (by === 0) return;
  await sql`INSERT INTO count_changes (name, partner, value) VALUES (${name}, ${partner}, ${by})`.execute(database);
}
