import { type Kysely, sql } from 'kysely';

import type { Tables } from '../../src/store/schema/tables';
import { eventually } from './eventually';

/** Wait until one of the database's connections waits for a lock of another one. */
export async function untilOneWaits(database: Kysely<Tables>): Promise<void> {
  await eventually(async () => {
    const { rows } = await sql`
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`.execute(database);
    expect(rows).toHaveLength(1);
  }, 20_000);
}
