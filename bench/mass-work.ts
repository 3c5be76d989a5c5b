import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { type RawBuilder, sql } from 'kysely';

import { dataFolder } from '../src/development/folders';
import { startPostgres } from '../src/development/postgres';
import { type Database, openDatabase } from '../src/store/database';
import { appendStatement, encryptDelivery } from '../src/store/deliveries/append-statement';
import { IN_CLEAR } from '../src/store/encryption';
import { migrate } from '../src/store/migrate';
import { createDatabase } from './databases';
import type { Summary } from './summary';
import { startBenchTemporal } from './temporal';

const CLI = join(__dirname, '..', 'src', 'cli.js');
const ROWS_OF_STATEMENT = 2_000;

/**
 * Seconds and largest memory (MB) of `retry --all` over parked deliveries, of `rotate-bodies` and of `reconcile` over
 * all; each is killed in its middle and run again to its end, and fails where something is left or done twice.
 */
export async function benchMassWork(
  progress: (text: string) => void,
  { parked, rows }: { readonly parked: number; readonly rows: number },
): Promise<Summary> {
  const folder = dataFolder(`bench-mass-work-${process.pid}`);
  const postgres = await startPostgres({ folder: join(folder, 'data') });
  const temporal = await startBenchTemporal(postgres.url, folder);
  const results: Record<string, number> = {};
  try {
    const url = await createDatabase(postgres.url, 'mass');
    const database = openDatabase({ url, poolSize: 2, queryTimeoutMs: 3_600_000 });
    await migrate(database.kysely);
    progress(`mass-work: writing ${rows} deliveries`);
    await fill(database, rows, parked);
    const environment = {
      DATABASE_URL: url,
      TEMPORAL_ADDRESS: temporal.address,
      BODY_ENCRYPTION_KEYS: JSON.stringify({ one: randomBytes(32).toString('base64') }),
    };
    for (const work of WORKS) {
      const { seconds, megabytes } = await killAndFinish(database, environment, work, progress);
      results[`${work.name}, seconds`] = seconds;
      results[`${work.name}, MB`] = megabytes;
    }
    await database.close();
  } finally {
    await temporal.stop();
    await postgres.stop();
  }
  return { name: 'mass-work', rounds: 1, median: results, spread: {}, ratio: {}, units: 'seconds, megabytes' };
}

/** Deliveries with bodies, the first of them parked, all others done; and an ended subject for each of these. */
async function fill({ kysely, pool }: Database, rows: number, parked: number): Promise<void> {
  for (let done = 0; done < rows; done += ROWS_OF_STATEMENT) {
    const deliveries = Array.from({ length: Math.min(ROWS_OF_STATEMENT, rows - done) }, newDelivery);
    await pool.query(appendStatement(deliveries, 0, 'first'));
  }
  await sql`
    UPDATE deliveries SET status = 'parked', settled_at = now() - interval '1 minute',
      problem = '{"path":"event","expected":"an event","found":"another"}' WHERE position <= ${parked}`.execute(kysely);
  await sql`
    UPDATE deliveries SET status = 'delivered', outcome = 'applied', settled_at = now(), outcome_at = now(),
      workflow_id = 'coinify:trade:' || position WHERE position > ${parked}`.execute(kysely);
  await sql`
    INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, open, closed_for_good, version, as_of)
    SELECT workflow_id, 'order', 'coinify', 'trade', position::text, false, true, 1, now() FROM deliveries
    WHERE workflow_id IS NOT NULL`.execute(kysely);
  await sql`VACUUM ANALYZE`.execute(kysely);
}

function newDelivery() {
  const body = Buffer.from(JSON.stringify({ id: randomUUID(), event: 'trade.created', context: 'x'.repeat(300) }));
  const bodySha256 = createHash('sha256').update(body).digest();
  const kept = {
    partner: 'coinify',
    route: 'coinify',
    source: 'webhook',
    headersJson: '[]',
    body,
    bodySha256,
  } as const;
  const rest = { verdict: 'authentic', credentialFingerprint: null, traceparent: null } as const;
  return encryptDelivery({ id: randomUUID(), receivedAt: new Date(), ...kept, ...rest }, IN_CLEAR);
}

interface Work {
  readonly name: string;
  readonly words: readonly string[];
  /** Condition for deliveries that are still to be done; null where nothing of the rows shows it. */
  readonly left: RawBuilder<unknown> | null;
}

const WORKS: readonly Work[] = [
  { name: 'rotate-bodies', words: ['rotate-bodies'], left: sql`headers ->> 'keyName' IS NULL` },
  { name: 'retry --all', words: ['retry', '--all'], left: sql`status = 'parked'` },
  { name: 'reconcile', words: ['reconcile', '--json'], left: null },
];

async function killAndFinish(
  { kysely }: Database,
  environment: Readonly<Record<string, string>>,
  { name, words, left }: Work,
  progress: (text: string) => void,
): Promise<{ readonly seconds: number; readonly megabytes: number }> {
  const isLeft = async (): Promise<number> => {
    if (left === null) return 0;
    const { rows } = await sql<{ count: string }>`SELECT count(*) AS count FROM deliveries WHERE ${left}`.execute(
      kysely,
    );
    return Number(rows[0]?.count ?? 0);
  };
  const all = await isLeft();
  const startMs = performance.now();
  const killed = start(words, environment);
  while (killed.isRunning() && (left === null || (await isLeft()) > all / 2)) await delay(left === null ? 3_000 : 200);
  const killedMs = performance.now();
  const first = await killed.kill();
  const between = await isLeft();
  const again = start(words, environment);
  const second = await again.ended();
  progress(
    `mass-work: ${name}: ${String(all)} to do, killed after ${seconds(killedMs - startMs)} s with ${String(between)} left`,
  );
  if ((await isLeft()) > 0) throw new Error(`${name} left something: ${second.err}`);
  return {
    seconds: seconds(performance.now() - startMs),
    megabytes: Math.round(Math.max(first.kilobytes, second.kilobytes) / 1024),
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

interface Ended {
  readonly err: string;
  /** Largest memory that the process had. */
  readonly kilobytes: number;
}

function start(words: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  let kilobytes = 0;
  let isRunning = true;
  child.stderr.on('data', (chunk: Buffer) => (err = `${err}${chunk.toString()}`.slice(-2_000)));
  const watch = setInterval(() => {
    kilobytes = Math.max(kilobytes, largestMemory(child.pid ?? 0));
  }, 100);
  const end = new Promise<Ended>((done) =>
    child.on('close', () => {
      isRunning = false;
      clearInterval(watch);
      done({ err, kilobytes });
    }),
  );
  return {
    isRunning: () => isRunning,
    ended: () => end,
    kill: () => {
      child.kill('SIGKILL');
      return end;
    },
  };
}

/** Largest memory of a process so far, kilobytes; 0 where the system does not tell. */
function largestMemory(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
