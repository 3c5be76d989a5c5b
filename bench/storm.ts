import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Connection } from '@temporalio/client';
import type { Pool } from 'pg';
import { request } from 'undici';

import { dataFolder } from '../src/development/folders';
import { freePort } from '../src/development/ports';
import { startPostgres } from '../src/development/postgres';
import type { RunningTemporal } from '../src/development/temporal';
import { type ServiceProcess, startService } from '../src/development/topology/service-process';
import { openDatabase } from '../src/store/database';
import { migrate } from '../src/store/migrate';
import { setUpTemporal } from '../src/temporal/setup';
import { createDatabase } from './databases';
import { rounded, type Summary } from './summary';
import { startBenchTemporal } from './temporal';

/** Sizes of storms, and their quiet period. */
export interface StormOptions {
  readonly holders: readonly number[];
  readonly settleSeconds: number;
}

interface Storm {
  readonly holders: number;
  /** From the first delivery kept to the last verdict, and until the last was booked. */
  readonly seconds: number;
  readonly bookedSeconds: number;
  readonly actions: number;
  /** The most that the worker's process held. */
  readonly workerMegabytes: number;
}

/**
 * Spin-offs of so many holders, three webhooks each, kept at once: the time until the last verdict, the Actions of Temporal
 * that it cost, and the memory of the worker. Dispatcher, worker and both servers run beside each other.
 */
export async function benchStorm(progress: (text: string) => void, options: StormOptions): Promise<Summary> {
  const folder = dataFolder(`bench-storm-${process.pid}`);
  const postgres = await startPostgres({ folder: join(folder, 'data') });
  const temporal = await startBenchTemporal(postgres.url, folder);
  const storms: Storm[] = [];
  try {
    const connection = await Connection.connect({ address: temporal.address });
    await setUpTemporal(connection, 'default');
    await connection.close();
    for (const holders of options.holders) {
      const url = await createDatabase(postgres.url, `storm${holders}`);
      const storm = await measure({ url, temporal, folder, holders, settleSeconds: options.settleSeconds });
      storms.push(storm);
      progress(`storm: ${JSON.stringify(storm)}`);
    }
  } finally {
    await temporal.stop();
    await postgres.stop();
  }
  return summaryOf(storms);
}

interface Ground {
  readonly url: string;
  readonly temporal: RunningTemporal;
  readonly folder: string;
  readonly holders: number;
  readonly settleSeconds: number;
}

async function measure({ url, temporal, folder, holders, settleSeconds }: Ground): Promise<Storm> {
  const database = openDatabase({ url, poolSize: 2, queryTimeoutMs: 120_000 });
  const services: ServiceProcess[] = [];
  try {
    await migrate(database.kysely);
    const policyFile = join(folder, 'policy.json');
    const due = { 'bitpanda:corporate-action': { settle: `PT${settleSeconds}S`, answer: 'P1D', obligation: 'P1D' } };
    writeFileSync(policyFile, JSON.stringify({ due }));
    const worker = await start(services, 'work', 'WORKER_METRICS_PORT', { url, temporal, policyFile });
    await start(services, 'dispatch', 'DISPATCH_METRICS_PORT', { url, temporal, policyFile });
    const before = await actionsOf(temporal);
    const caId = randomUUID();
    const beganMs = performance.now();
    await keepMovements(database.pool, caId, holders);
    let [bookedSeconds, workerMegabytes] = [0, 0];
    for (let judged = 0; judged < holders;) {
      await delay(500);
      const { booked, done } = await countsOf(database.pool, caId);
      if (booked === 3 * holders && bookedSeconds === 0) bookedSeconds = (performance.now() - beganMs) / 1_000;
      workerMegabytes = Math.max(workerMegabytes, await megabytesOf(worker));
      judged = done;
    }
    const seconds = (performance.now() - beganMs) / 1_000;
    await delay(3_000);
    const actions = (await actionsOf(temporal)) - before;
    return {
      holders,
      seconds: rounded(seconds),
      bookedSeconds: rounded(bookedSeconds),
      actions,
      workerMegabytes: rounded(workerMegabytes),
    };
  } finally {
    await Promise.all(services.map((service) => service.stop()));
    await database.close();
  }
}

async function start(
  services: ServiceProcess[],
  command: 'work' | 'dispatch',
  portVariable: string,
  {
    url,
    temporal,
    policyFile,
  }: { readonly url: string; readonly temporal: RunningTemporal; readonly policyFile: string },
): Promise<string> {
  const port = String(await freePort());
  const service = startService({
    name: command,
    arguments: [command],
    environment: {
      DATABASE_URL: url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_TASK_QUEUE: url.split('/').at(-1),
      POLICY_FILE: policyFile,
      LOG_LEVEL: 'error',
      [portVariable]: port,
    },
    healthUrl: `http://127.0.0.1:${port}/health/ready`,
    stopGraceMs: 20_000,
  });
  services.push(service);
  await service.healthy();
  return `http://127.0.0.1:${port}/metrics`;
}

/** Rows written by one statement. */
const ROWS_AT_ONCE = 5_000;

/** Keeps the webhooks as a receiver does, much faster: all first ones, then all second ones, then all third ones. */
async function keepMovements(pool: Pool, caId: string, holders: number): Promise<void> {
  const userIds = Array.from({ length: holders }, () => randomUUID());
  const legs = [
    { assetId: 1477, amountOf: (old: number) => `-${old}` },
    { assetId: 1477, amountOf: (old: number) => `${old}` },
    { assetId: 1479, amountOf: (old: number) => `${old / 2}` },
  ];
  const bodies = legs.flatMap(({ assetId, amountOf }) =>
    userIds.map((userId, index) => bodyOf(caId, userId, assetId, amountOf(2 * (index + 1)))),
  );
  for (let at = 0; at < bodies.length; at += ROWS_AT_ONCE) {
    await pool.query(
      `WITH given AS MATERIALIZED (
         SELECT gen_random_uuid() AS id, body, place FROM unnest($1::bytea[]) WITH ORDINALITY AS given (body, place)
       ), kept AS (
         INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict)
         SELECT id, 'bitpanda', 'corporate-actions', now(), 'webhook', '[]', sha256(body), length(body), 'authentic'
         FROM given ORDER BY place RETURNING 1
       ), bodies AS (
         INSERT INTO delivery_bodies (partner, received_at, id, body) SELECT 'bitpanda', now(), id, body FROM given)
       INSERT INTO counters (name, partner, slot, value) SELECT 'received', 'bitpanda', 0, count(*) FROM kept
       ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`,
      [bodies.slice(at, at + ROWS_AT_ONCE).map((body) => Buffer.from(body))],
    );
  }
}

function bodyOf(caId: string, userId: string, assetId: number, amount: string): string {
  const direction = amount.startsWith('-') ? 'outgoing' : 'incoming';
  const details = { direction, credited_at: '2024-05-23T08:45:36Z', asset_group: 'stock', type: 'payout' };
  return JSON.stringify({
    params: {
      ...{ id: randomUUID(), ca_id: caId, user_pid: userId, type: 'spin_off', asset_id: assetId },
      ...{ asset_symbol: 'SAB', time: '2024-05-23T10:08:50Z', asset_amount: amount },
      ...{ fiat_id: null, fiat_symbol: null, fiat_amount: null, additional_details: details },
    },
  });
}

async function countsOf(pool: Pool, caId: string): Promise<{ readonly booked: number; readonly done: number }> {
  const { rows } = await pool.query<{ booked: number; done: number }>(
    `SELECT (SELECT count(*)::int FROM movements WHERE corporate_action_id = $1) AS booked,
       (SELECT count(*)::int FROM transaction_sets WHERE corporate_action_id = $1 AND verdict = 'complete') AS done`,
    [caId],
  );
  return rows[0] ?? { booked: 0, done: 0 };
}

async function textOf(url: string): Promise<string> {
  const { body } = await request(url);
  return body.text();
}

async function actionsOf({ metricsUrl }: RunningTemporal): Promise<number> {
  const lines = (await textOf(metricsUrl)).split('\n').filter((line) => line.startsWith('action{'));
  return lines
    .filter((line) => line.includes('namespace="default"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function megabytesOf(metricsUrl: string): Promise<number> {
  const line = (await textOf(metricsUrl))
    .split('\n')
    .find((one) => one.startsWith('partnerflow_worker_process_resident_memory_bytes'));
  return Number(line?.split(' ').at(-1) ?? 0) / 1_048_576;
}

function summaryOf(storms: readonly Storm[]): Summary {
  const median = Object.fromEntries(
    storms.flatMap(({ holders, seconds, bookedSeconds, actions, workerMegabytes }) => [
      [`${holders}: seconds`, seconds],
      [`${holders}: until booked`, bookedSeconds],
      [`${holders}: a second`, rounded((3 * holders) / seconds)],
      [`${holders}: actions`, actions],
      [`${holders}: worker MB`, workerMegabytes],
    ]),
  );
  return {
    ...{ name: 'storm', rounds: 1, median, spread: {}, ratio: {} },
    units: 'a spin-off of so many holders, three webhooks each, first to last verdict',
  };
}
