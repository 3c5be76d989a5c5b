import { type Kysely, sql, type Transaction } from 'kysely';

import type { Tables } from './schema/tables';

/** The time of the database, by which sets are due: processes have other clocks. ISO 8601 UTC. */
export async function databaseTime(database: Kysely<Tables> | Transaction<Tables>): Promise<string> {
  const { rows } = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(database);
  return (rows[0]?.now ?? new Date()).toISOString();
}
