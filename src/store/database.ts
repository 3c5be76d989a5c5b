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

import type { Tables } from './schema/tables';

/** A pool of connections, and the typed view of it. */
export interface Database {
  readonly kysely: Kysely<Tables>;
  readonly pool: Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  /** How long connecting, or waiting for a free connection, may take. */
  readonly connectTimeoutMs?: number;
  /** How long a query may take, counted on this side: a server that hangs counts nothing. */
  readonly queryTimeoutMs?: number;
  /**
   * For a pool that repeats the same few statements, one at a time, inserts before all: every prepared one is planned
   * once, and a query's time is watched on its socket. Watched by the driver, each statement's rows would stay in
   * memory until the next full collection of garbage.
   */
  readonly onlyInserts?: boolean;
}

const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 4_000;

/**
 * The same bounds for the server. A client that gives up leaves its statement running there: one that fails again and
 * again would pile up in the server until nothing else runs. The client gives up first, so that it knows of a silent
 * server as well; a transaction whose client has stopped holds its locks no longer than this.
 */
function serverTimeouts(queryTimeoutMs: number) {
  return {
    statement_timeout: queryTimeoutMs + 500,
    lock_timeout: queryTimeoutMs + 500,
    idle_in_transaction_session_timeout: Math.max(LEAST_IDLE_IN_TRANSACTION_MS, 2 * queryTimeoutMs),
  };
}

const LEAST_IDLE_IN_TRANSACTION_MS = 10_000;

const COMMANDS = ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'SELECT'] as const;

/**
 * Throws away a connection on which anything but an answer of the server happened. Given back to the pool after a
 * time-out it might hold a transaction that nobody will end, and swallow the writes of whoever gets it next.
 */
function discardBroken(client: PoolClient): PostgresPoolClient {
  let failure: Error | undefined;
  // Between two queries of a transaction nobody else listens: a server that ends then would end this process with it.
  const note = (error: Error): void => {
    failure = error;
  };
  client.on('error', note);
  async function run<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    try {
      const { command, rowCount, rows } = await client.query<R & QueryResultRow>(text, [...values]);
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

/** Breaks a connection in use on which the server says nothing for so long; its query fails, the pool opens another. */
function breakSilent(pool: Pool, silenceMs: number): void {
  pool.on('connect', ({ connection: { stream } }) => {
    stream.on('timeout', () => stream.destroy(new Error('the database says nothing')));
  });
  pool.on('acquire', ({ connection: { stream } }) => {
    if (stream instanceof Socket) stream.setTimeout(silenceMs);
  });
  pool.on('release', (_error, { connection: { stream } }) => {
    if (stream instanceof Socket) stream.setTimeout(0);
  });
}

/**
 * Opens the database. A server that hangs may not hold its callers: connecting and each query end on the client's
 * side, and a connection whose query timed out is thrown away, because its answer might still come.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const queryTimeoutMs = options.queryTimeoutMs ?? QUERY_TIMEOUT_MS;
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    application_name: 'partnerflow',
    ...serverTimeouts(queryTimeoutMs),
    ...(options.onlyInserts === true
      ? { options: '-c plan_cache_mode=force_generic_plan' }
      : { query_timeout: queryTimeoutMs }),
  });
  if (options.onlyInserts === true) breakSilent(pool, queryTimeoutMs);
  // A connection that breaks while idle is replaced by the pool; without a listener its error would end the process.
  pool.on('error', () => undefined);
  const guarded: PostgresPool = {
    connect: async () => discardBroken(await pool.connect()),
    end: () => pool.end(),
  };
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guarded }) });
  return { kysely, pool, close: () => kysely.destroy() };
}
