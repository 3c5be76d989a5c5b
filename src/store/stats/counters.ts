import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/**
 * Increment of what came by a read or sweep of ours instead of its webhook, in the transaction of what it counts; the
 * count never decreases. It is appended: two transactions that count the same wait for nobody.
 */
export async function addRecovered(
  database: Kysely<Tables> | Transaction<Tables>,
  partner: Partner,
  by: number,
): Promise<void> {
  if (by === 0) return;
  await sql`INSERT INTO count_changes (name, partner, value) VALUES ('recovered', ${partner}, ${by})`.execute(database);
}
