import { Client } from 'pg';

/** Creates an empty database on the server of the URL; answers the URL of it. */
export async function createDatabase(url: string, name: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE "${name}"`);
  await client.end();
  return new URL(`/${name}`, url).href;
}
