import { Pool } from 'undici';

import { mapConcurrently } from '../src/lib/concurrency';

/** Load of a driver. */
export interface Load {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly connections: number;
  readonly requests: number;
}

/**
 * Requests per second of a bounded number of requests over the given number of connections. Every answer must be 200.
 */
export async function drive({ origin, path, headers, body, connections, requests }: Load): Promise<number> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const measured = await perSecond(requests, connections, async () => {
    const answer = await pool.request({ method: 'POST', path, headers, body });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`);
  });
  await pool.close();
  return measured;
}

/** Does the work so many times with a fixed number of callers; times per second. */
export async function perSecond(times: number, callers: number, work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await mapConcurrently(Array.from({ length: times }), callers, work);
  return times / ((performance.now() - startMs) / 1000);
}
