import { sql } from 'kysely';

import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { createIndexes } from '../../src/store/schema/indexes';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

jest.setTimeout(60_000);

let fresh: FreshDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 4, queryTimeoutMs: 20_000 });
  await migrate(database.kysely);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

async function invalid(): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    SELECT count(*) AS count FROM pg_index WHERE NOT indisvalid`.execute(database.kysely);
  return Number(rows[0]?.count ?? -1);
}

async function names(): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`.execute(database.kysely);
  return rows.map(({ name }) => name);
}

test('an index that a killed process left half made is made again, by several processes at once, beside those who write', async () => {
  const before = await names();
  await sql`
    INSERT INTO operator_actions (by, action, target) SELECT 'alice', 'retry', n::text FROM generate_series(1, 2000) AS n`.execute(
    database.kysely,
  );
  // A unique index over rows that repeat fails after it was written down, and stays behind as invalid.
  await sql`DROP INDEX operator_actions_action`.execute(database.kysely);
  await expect(
    sql`CREATE UNIQUE INDEX CONCURRENTLY operator_actions_action ON operator_actions (action)`.execute(database.kysely),
  ).rejects.toThrow('could not create unique index');
  await sql`DROP INDEX outbox_of_target`.execute(database.kysely);
  expect(await invalid()).toBe(1);

  const others = [1, 2, 3].map(() => openDatabase({ url: fresh.url, poolSize: 1, queryTimeoutMs: 20_000 }));
  const writing = Promise.all(
    Array.from({ length: 50 }, () =>
      sql`INSERT INTO operator_actions (by, action, target) VALUES ('bob', 'retry', 'x')`.execute(database.kysely),
    ),
  );
  await Promise.all([...others.map(({ kysely }) => createIndexes(kysely)), writing]);
  await Promise.all(others.map((other) => other.close()));
  expect(await invalid()).toBe(0);
  expect(await names()).toEqual(before);
});
