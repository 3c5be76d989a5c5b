import type { ChildProcess } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { dataFolder } from '../src/development/folders';
import { startPostgres } from '../src/development/postgres';
import { type BesideOptions, compare, type Comparison, type Measure } from './beside';
import { endChild, nextNumber, startChild } from './child';
import { createDatabase } from './databases';
import { drive } from './drive';
import { summarise, type Summary } from './summary';

const CONNECTIONS = 32;
const REQUESTS = 3_000;
const WARM_UP = 1_500;
const ROUNDS = 21;
const UNITS = 'requests per second at 32 connections';

const BODY = Buffer.from(
  JSON.stringify({
    id: '00000000-0000-4000-8000-000000000003',
    time: '2024-01-02T03:04:05.673Z',
    event: 'trade.created',
    context: { id: '1235', traderId: '123', residenceCountry: 'DK', partnerContext: { clientId: 123, refId: 12 } },
  }),
);

interface Receivers {
  /** Starts a receiver as a process with a database of its own, and warms it up. */
  open(name: string, file: string): Promise<Measure>;
  close(): Promise<void>;
}

async function openReceivers(): Promise<Receivers> {
  const postgres = await startPostgres({ folder: dataFolder(`bench-${process.pid}`) });
  const secret = randomBytes(16).toString('hex');
  const signature = createHmac('sha256', secret).update(BODY).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-coinify-webhook-signature': signature };
  const load = { path: '/webhooks/coinify', headers, body: BODY, connections: CONNECTIONS };
  const children: ChildProcess[] = [];
  return {
    async open(name, file) {
      const environment = { BENCH_DATABASE_URL: await createDatabase(postgres.url, name), BENCH_SECRET: secret };
      const child = startChild(file, [], { ...environment, BENCH_MOST_ROWS: '256' });
      children.push(child);
      const origin = `http://127.0.0.1:${String(await nextNumber(child, 'port'))}`;
      await drive({ ...load, origin, requests: WARM_UP });
      return () => drive({ ...load, origin, requests: REQUESTS });
    },
    async close() {
      await Promise.all(children.map(endChild));
      await postgres.stop();
    },
  };
}

const OURS = join(__dirname, 'our-receiver.js');

/**
 * Requests per second of our receiving path beside a bare Koa and a minimal receiver, interleaved; same driver, fsync
 * and batch limit.
 */
export async function benchReceiver(progress: (text: string) => void): Promise<Summary> {
  const receivers = await openReceivers();
  const results: Record<string, number[]> = { ours: [], bareKoa: [], minimalReceiver: [] };
  try {
    const order: [string, Measure][] = [
      ['ours', await receivers.open('ours', OURS)],
      ['bareKoa', await receivers.open('bareKoa', join(__dirname, 'baselines', 'bare-koa.js'))],
      ['minimalReceiver', await receivers.open('minimalReceiver', join(__dirname, 'baselines', 'minimal-receiver.js'))],
    ];
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [name, measure] of order) results[name]?.push(await measure());
      // In a fixed order a variant would always run while the same other one's data is still written to the disk.
      order.push(...order.splice(0, 1));
      progress(`receiver: round ${round} of ${ROUNDS}`);
    }
  } finally {
    await receivers.close();
  }
  return summarise('receiver', UNITS, results);
}

/** Requests per second of our receiving path beside another checkout's. */
export async function receiverBeside(options: BesideOptions): Promise<Comparison> {
  const theirs = join(options.folder, 'dist', 'bench', 'our-receiver.js');
  const receivers = await openReceivers();
  try {
    const sides = { ours: await receivers.open('ours', OURS), theirs: await receivers.open('theirs', theirs) };
    return await compare({ name: 'receiver', units: UNITS }, sides, options);
  } finally {
    await receivers.close();
  }
}
