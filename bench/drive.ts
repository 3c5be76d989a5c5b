import { Pool } from 'undici';

import { mapConcurrently } from '../src/lib/concurrency';

export interface Load {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly connections: number;
  readonly requests: number;
}

/** Sends a bounded number of requests over the given number of connections; requests per second. Every answer must be 200. */
export async function drive(load: Load): Promise<number> {
  const pool = new Pool(load.origin, { connections: load.connections, pipelining: 1 });
  const startMs = performance.now();
  await mapConcurrently(Array.from({ length: load.requests }), load.connections, async () => {
    const answer = await pool.request({ method: 'POST', path: load.path, headers: load.headers, body: load.body });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`);
  });
  const seconds = (performance.now() - startMs) / 1000;
  await pool.close();
  return load.requests / seconds;
}
