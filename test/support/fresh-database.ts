import { randomUUID } from 'node:crypto';

import { Client } from 'pg';

import { testServers } from './servers';

/** Database of one test file. */
export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: testServers().databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Empty database on the run's PostgreSQL. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`CREATE DATABASE ${name}`);
  const url = new URL(testServers().databaseUrl);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}
