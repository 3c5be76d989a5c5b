import { Socket } from 'node:net';

import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { DatabaseError, Pool, type PoolClient, type QueryResultRow } from 'pg';

import { createStatementNames } from './prepared-statements';
import type { Tables } from './schema/tables';

/** Pool of connections, and the typed view of it. */
export interface Database {
  readonly kysely: Kysely<Tables>;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** Options of `openDatabase`. */
export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  /** Longest time for connecting, or for waiting for a free connection; 3 s where absent. */
  readonly connectTimeoutMs?: number;
  /** Longest time for a query, counted by the client, because a server that hangs counts nothing; 4 s where absent. */
  readonly queryTimeoutMs?: number;
  /** Longest wait for a lock; as long as for a query where absent. */
  readonly lockTimeoutMs?: number;
  /**
   * Setting of a pool that repeats the same few statements, inserts before all. Each prepared statement is planned
   * once, and a query's time is watched on its socket. Watched by the driver, each statement's rows would stay in
   * memory until the next full collection of garbage.
   */
  readonly onlyInserts?: boolean;
}

/** Name of our connections. Release 0.2.0 calls itself `partnerflow`, and is told apart by it. */
const APPLICATION_NAME = 'partnerflow-0.3';

const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 4_000;

/**
 * Pool for the database at the URL. A server that hangs may not hold its callers: connecting and each query end on
 * the client's side. A connection whose query timed out is thrown away, because its answer might still come.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const queryTimeoutMs = options.queryTimeoutMs ?? QUERY_TIMEOUT_MS;
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    application_name: APPLICATION_NAME,
    ...serverTimeouts(queryTimeoutMs, options.lockTimeoutMs),
    ...(options.onlyInserts === true
      ? { options: '-c plan_cache_mode=force_generic_plan' }
      : { query_timeout: queryTimeoutMs }),
  });
  if (options.onlyInserts === true) breakSilent(pool, queryTimeoutMs);
  // The pool replaces a connection that breaks while idle; without a listener its error would end the process.
  pool.on('error', () => undefined);
  const guarded: PostgresPool = {
    connect: async () => discardBroken(await pool.connect()),
    end: () => pool.end(),
  };
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guarded }) });
  return { kysely, pool, close: () => kysely.destroy() };
}

const LEAST_IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * Time limits of the server. A client that gives up leaves its statement running there: one that fails again and
 * again would pile up until nothing else runs. The client gives up first, so that it notices a silent server as well.
 * A transaction whose client has stopped holds its locks no longer than this.
 */
function serverTimeouts(queryTimeoutMs: number, lockTimeoutMs = queryTimeoutMs + 500) {
  return {
    statement_timeout: queryTimeoutMs + 500,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: Math.max(LEAST_IDLE_IN_TRANSACTION_MS, 2 * queryTimeoutMs),
  };
}

/**
 * Limit on the silence of a connection in use: after it the connection is closed, its query fails, and the pool opens
 * another.
 */
function breakSilent(pool: Pool, silenceMs: number): void {
  pool.on('connect', ({ connection: { stream } }) => {
    stream.on('timeout', () => stream.destroy(new Error('the database does not answer')));
  });
  pool.on('acquire', ({ connection: { stream } }) => {
    if (stream instanceof Socket) stream.setTimeout(silenceMs);
  });
  pool.on('release', (_error, { connection: { stream } }) => {
    if (stream instanceof Socket) stream.setTimeout(0);
  });
}

const nameOf = createStatementNames();

const COMMANDS = ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'SELECT'] as const;

/**
 * Connection that the pool throws away after any error that is not an answer of the server. Returned to the pool
 * after a time-out it might hold a transaction that nobody will end, and swallow the next user's writes.
 */
function discardBroken(client: PoolClient): PostgresPoolClient {
  let failure: Error | undefined;
  // Between two queries of a transaction no other listener exists: the end of the server would end this process.
  const note = (error: Error): void => {
    failure = error;
  };
  client.on('error', note);
  async function run<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    try {
      const query = { name: nameOf(text), text, values: [...values] };
      const { command, rowCount, rows } = await client.query<R & QueryResultRow>(query);
      return { command: COMMANDS.find((known) => known === command) ?? 'SELECT', rowCount: rowCount ?? 0, rows };
    } catch (error) {
      if (!(error instanceof DatabaseError)) failure = error instanceof Error ? error : new Error('query failed');
      throw error;
    }
  }
  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query<R>(
    text: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== 'string') throw new Error('cursors are not set up');
    return run<R>(text, values);
  }
  return {
    query,
    release: () => {
      client.off('error', note);
      client.release(failure);
    },
  };
}
