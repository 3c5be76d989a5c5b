import { createHmac, randomBytes } from 'node:crypto';

import type { Pool } from 'pg';

import { openDispatchServers } from './dispatch-servers';
import { fillGrown } from './grown';
import { measureReads } from './growth';
import { summarise, type Summary } from './summary';

/** Rows written by one statement. */
const ROWS_AT_ONCE = 200_000;

/**
 * Milliseconds in which one thing is found among so many deliveries, as many movements, and a subject with its details
 * for every fourth: the slowest way of finding it, at its 99th percentile. Each way is told.
 */
export async function benchSearch(progress: (text: string) => void, rows: number): Promise<Summary> {
  const servers = await openDispatchServers();
  const key = randomBytes(32);
  try {
    const grown = await servers.database('search');
    await fillGrown(grown.pool, rows, progress);
    await fillMovements(grown.pool, rows, key, progress);
    const environment = { REFERENCE_HASH_KEY: key.toString('base64') };
    const reads = { name: 'search', paths: waysOf(rows), environment };
    const slowest = await measureReads(servers, grown, reads, progress);
    return summarise('search', 'milliseconds to the answer, the slowest way at its 99th percentile', { ours: slowest });
  } finally {
    await servers.close();
  }
}

/** Ways to find one of so many, and a window of an hour in their middle. */
function waysOf(rows: number): readonly string[] {
  const one = Math.floor(rows / 8);
  const middle = Date.now() - rows * 5_000;
  const [from, to] = [middle, middle + 3_600_000].map((ms) => new Date(ms).toISOString());
  return [
    ...[
      `grown-${one}`,
      'grown-1',
      `coinify:trade:grown-${one}`,
      `user-${one}`,
      `reference ${one}`,
      `transaction-${one}`,
    ],
    ...['transaction-1', 'nobody'],
  ]
    .map((text) => `/operations/search?${new URLSearchParams({ q: text }).toString()}`)
    .concat([
      `/operations/deliveries?user=user-${one}`,
      `/operations/deliveries?since=${from ?? ''}&until=${to ?? ''}`,
      `/operations/deliveries?event=nothing`,
      `/operations/flows?open=false&since=${from ?? ''}&until=${to ?? ''}`,
      `/operations/report?partner=coinify&from=${from ?? ''}&to=${to ?? ''}`,
    ]);
}

/** A movement for every delivery, ten of a user, and the details of every subject, with our own reference. */
async function fillMovements(pool: Pool, rows: number, key: Buffer, progress: (text: string) => void): Promise<void> {
  for (let from = 1; from <= rows; from += ROWS_AT_ONCE) {
    const to = Math.min(rows, from + ROWS_AT_ONCE - 1);
    await pool.query(
      `INSERT INTO movements (partner, transaction_id, leg, workflow_id, user_id, instrument, amount, credited_at, type)
       SELECT 'bitpanda', 'transaction-' || n, 'asset', 'bitpanda:transaction:transaction-' || n, 'user-' || n / 10, 'asset:1', 1,
         now(), 'buy' FROM generate_series($1::bigint, $2::bigint) n`,
      [from, to],
    );
    const numbers = Array.from(
      { length: Math.floor(to / 4) - Math.ceil(from / 4) + 1 },
      (_, index) => Math.ceil(from / 4) + index,
    );
    await pool.query(
      `INSERT INTO subject_details (workflow_id, partner, told_at, user_id, reference_hash)
       SELECT 'coinify:trade:grown-' || n, 'coinify', now(), 'user-' || n / 10, decode(hash, 'hex')
       FROM unnest($1::bigint[], $2::text[]) AS input (n, hash)`,
      [numbers, numbers.map((n) => createHmac('sha256', key).update(`reference ${n}`).digest('hex'))],
    );
    progress(`search: ${to} of ${rows} movements written`);
  }
  await pool.query('VACUUM (ANALYZE)');
}
