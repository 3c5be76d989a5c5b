import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Pool } from 'pg';

import type { FaultOf, TemporalFault } from '../src/development/temporal-proxy';
import { openDispatchServers } from './dispatch-servers';
import { summarise, type Summary } from './summary';
import { hasPending, keepTrades, workflowIdOfTrade } from './trades';

const ROUNDS = 5;
/** Subjects that Temporal takes, in each round, with or without the others beside them. */
const WELL = 1_200;
/** One in a hundred, the same number in each of the ways. */
const POISONED_OF_EACH = 2;
const STATES = ['created', 'cancelled'];
/** Longer than the deadline of a call. */
const TOO_LONG_MS = 4_000;

/** The ways in which Temporal does not take a signal. */
const WAYS: readonly { readonly name: string; readonly fault: TemporalFault }[] = [
  { name: 'invalid', fault: { kind: 'refuse', code: 3 } },
  { name: 'busy', fault: { kind: 'refuse', code: 8 } },
  { name: 'internal', fault: { kind: 'refuse', code: 13 } },
  { name: 'unavailable', fault: { kind: 'refuse', code: 14 } },
  { name: 'time-out', fault: { kind: 'delay', ms: TOO_LONG_MS } },
  { name: 'lost-answer', fault: { kind: 'lose-answer' } },
];

const PREFIX = 'poison-';

const faultOf: FaultOf = ({ workflowId }) => {
  const [way] = WAYS.filter(({ name }) => workflowId?.startsWith(workflowIdOfTrade(`${PREFIX}${name}-`)) === true);
  return way?.fault ?? null;
};

/**
 * Deliveries dispatched per second where one subject in a hundred is not taken by Temporal, in six ways (`ours`), beside
 * the same without them (`alone`); only the others are counted. Fails where a poisoned one is not parked with a cause.
 */
export async function benchPoison(progress: (text: string) => void): Promise<Summary> {
  const servers = await openDispatchServers();
  const results: Record<string, number[]> = { alone: [], ours: [] };
  try {
    const { url, pool } = await servers.database('poison');
    await servers.start('dispatch', { DATABASE_URL: url });
    servers.proxy.use(faultOf);
    await measure(pool, []);
    for (let round = 1; round <= ROUNDS; round += 1) {
      results.alone?.push(await measure(pool, []));
      results.ours?.push(await measure(pool, poisoned()));
      progress(`poison: round ${round} of ${ROUNDS}: ${await causesOnceParked(pool)}`);
    }
  } finally {
    await servers.close();
  }
  return summarise('poison', 'deliveries dispatched per second, poisoned ones not counted', results);
}

function poisoned(): readonly string[] {
  return WAYS.flatMap(({ name }) => Array.from({ length: POISONED_OF_EACH }, () => `${PREFIX}${name}-${randomUUID()}`));
}

const POISONED = 'poisoned';
const POLL_MS = 100;

/** Keeps deliveries, poisoned ones evenly among the others, and measures how fast all others were dispatched. */
async function measure(pool: Pool, poison: readonly string[]): Promise<number> {
  const mark = randomUUID();
  const distance = Math.floor(WELL / (poison.length + 1));
  const trades = Array.from({ length: WELL }, (_, index) => {
    const beside = index % distance === 0 ? poison[index / distance] : undefined;
    const well = { id: `well-${randomUUID()}`, mark };
    return beside === undefined ? [well] : [{ id: beside, mark: POISONED }, well];
  });
  await keepTrades(pool, trades.flat(), STATES);
  while (await hasPending(pool, mark)) await delay(POLL_MS);
  const { rows } = await pool.query<{ rate: number }>(
    `SELECT count(*) / extract(epoch FROM max(settled_at) - min(settled_at))::float8 AS rate FROM deliveries
     WHERE credential_fingerprint = $1`,
    [mark],
  );
  return rows[0]?.rate ?? 0;
}

/** How long a poisoned delivery may stay pending, its tries and their waits included. */
const PARKED_WITHIN_MS = 180_000;

/** The causes of what was parked, once nothing is pending. Throws where something stays pending, or went through. */
async function causesOnceParked(pool: Pool): Promise<string> {
  const endMs = performance.now() + PARKED_WITHIN_MS;
  while (await hasPending(pool, POISONED)) {
    if (performance.now() > endMs) throw new Error('a poisoned delivery is neither dispatched nor parked');
    await delay(POLL_MS);
  }
  const { rows } = await pool.query<{ status: string; cause: string; count: string }>(
    `SELECT status, problem->>'path' || ' ' || (problem->>'found') AS cause, count(*) FROM deliveries
     WHERE credential_fingerprint = $1 GROUP BY status, cause ORDER BY cause`,
    [POISONED],
  );
  if (rows.some(({ status }) => status !== 'parked')) throw new Error('a poisoned delivery was not parked');
  return rows.map(({ cause, count }) => `${count} parked (${cause})`).join(', ');
}
