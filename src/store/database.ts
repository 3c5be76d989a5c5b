import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

import type { Tables } from './tables';

/** A pool of connections, and the typed view of it. */
export interface Database {
  readonly kysely: Kysely<Tables>;
  readonly pool: Pool;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 4_000;

/**
 * Opens the database. A server that hangs may not hold its callers: connecting and each query end on the client's
 * side, and a connection whose query timed out is thrown away, because its answer might still come.
 */
export function openDatabase(options: { readonly url: string; readonly poolSize: number }): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: 'partnerflow',
  });
  // A connection that breaks while idle is replaced by the pool; without a listener its error would end the process.
  pool.on('error', () => undefined);
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { kysely, pool, close: () => kysely.destroy() };
}
