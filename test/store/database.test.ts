import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { sql } from 'kysely';
import { Client } from 'pg';

import { openDatabase } from '../../src/store/database';
import { migrate, migrationsPending } from '../../src/store/migrate';
import { eventually } from '../support/eventually';
import { freshDatabase } from '../support/fresh-database';

/** Holds a lock until released: to whoever waits for it, the server hangs. */
async function lockCounters(url: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE counters');
  return async () => {
    await client.query('ROLLBACK');
    await client.end();
  };
}

/** Names of all files of migrations: one that is left out of the list would never run. */
const MIGRATIONS = readdirSync(join(__dirname, '..', '..', 'src', 'store', 'schema', 'migrations'))
  .map((name) => name.replace(/\.ts$/, ''))
  .sort();

const INCREMENT = sql`INSERT INTO counters (name, partner, slot, value) VALUES ('recovered', 'tradevest', 1, 1)`;

describe('the database', () => {
  it('is migrated once, also when several processes start at the same time', async () => {
    const fresh = await freshDatabase();
    const databases = [1, 2, 3].map(() => openDatabase({ url: fresh.url, poolSize: 2 }));
    const [first] = databases;
    if (first === undefined) throw new Error('no database');
    expect(await migrationsPending(first.kysely)).toEqual(MIGRATIONS);
    await Promise.all(databases.map(({ kysely }) => migrate(kysely)));
    await migrate(first.kysely);
    expect(await migrationsPending(first.kysely)).toEqual([]);
    expect(await first.kysely.selectFrom('deliveries').selectAll().execute()).toEqual([]);
    await Promise.all(databases.map((database) => database.close()));
    await fresh.drop();
  });

  it('never gives a connection back whose query timed out in a transaction: the next write there would be lost', async () => {
    const fresh = await freshDatabase();
    const database = openDatabase({ url: fresh.url, poolSize: 1, queryTimeoutMs: 300 });
    await migrate(database.kysely);
    const unlock = await lockCounters(fresh.url);
    await expect(
      database.kysely.transaction().execute(async (transaction) => INCREMENT.execute(transaction)),
    ).rejects.toThrow('timeout');
    await unlock();
    await INCREMENT.execute(database.kysely);
    const observer = openDatabase({ url: fresh.url, poolSize: 1 });
    const rows = await observer.kysely.selectFrom('counters').select('value').execute();
    expect(rows).toEqual([{ value: '1' }]);
    await Promise.all([database.close(), observer.close()]);
    await fresh.drop();
  });

  it.each([{ onlyInserts: false }, { onlyInserts: true }])(
    'ends a statement in the server, too, when its client has given up (%o)',
    async (kind) => {
      const fresh = await freshDatabase();
      const database = openDatabase({ url: fresh.url, poolSize: 2, queryTimeoutMs: 300, ...kind });
      const observer = openDatabase({ url: fresh.url, poolSize: 1 });
      await expect(database.pool.query('SELECT pg_sleep(600)')).rejects.toThrow();
      await eventually(async () => {
        const running = await observer.pool.query(
          "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'",
        );
        expect(running.rows).toEqual([]);
      }, 20_000);
      await Promise.all([database.close(), observer.close()]);
      await fresh.drop();
    },
  );

  it('ends a transaction whose client has stopped, so that its locks hold up nobody for good', async () => {
    const fresh = await freshDatabase();
    const database = openDatabase({ url: fresh.url, poolSize: 1, queryTimeoutMs: 300 });
    const { rows } = await database.pool.query('SHOW idle_in_transaction_session_timeout');
    expect(rows).toEqual([{ idle_in_transaction_session_timeout: '10s' }]);
    await database.close();
    await fresh.drop();
  });

  it('breaks a connection for inserts on which the server says nothing, and leaves an idle one alone', async () => {
    const fresh = await freshDatabase();
    const database = openDatabase({ url: fresh.url, poolSize: 1, queryTimeoutMs: 300, onlyInserts: true });
    await migrate(database.kysely);
    const backend = async (): Promise<unknown> => (await database.pool.query('SELECT pg_backend_pid() AS pid')).rows[0];
    const unlock = await lockCounters(fresh.url);
    await expect(database.pool.query("INSERT INTO counters VALUES ('received', 'tradevest', 1, 1)")).rejects.toThrow(
      'the database does not answer',
    );
    await unlock();
    const before = await backend();
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await backend()).toEqual(before);
    await database.close();
    await fresh.drop();
  });

  it('keeps 64-bit integers as strings, so that none is rounded', async () => {
    const fresh = await freshDatabase();
    const database = openDatabase({ url: fresh.url, poolSize: 1 });
    const result = await sql<{ big: unknown }>`SELECT 9007199254740993::int8 AS big`.execute(database.kysely);
    expect(result.rows[0]?.big).toBe('9007199254740993');
    await database.close();
    await fresh.drop();
  });

  it('outlives a server that ends a connection between two queries of a transaction', async () => {
    const fresh = await freshDatabase();
    const database = openDatabase({ url: fresh.url, poolSize: 2 });
    const work = database.kysely.transaction().execute(async (transaction) => {
      const own = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(transaction);
      await database.pool.query('SELECT pg_terminate_backend($1)', [own.rows[0]?.pid]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await sql`SELECT 1`.execute(transaction);
    });
    await expect(work).rejects.toThrow();
    expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(database.kysely)).rows).toEqual([{ one: 1 }]);
    await database.close();
    await fresh.drop();
  });
});
