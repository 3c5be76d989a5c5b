import { type ChildProcess, fork } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { dataFolder } from '../src/development/folders';
import { startPostgres } from '../src/development/postgres';
import { drive } from './drive';
import { summarise, type Summary } from './summary';

const CONNECTIONS = 32;
const REQUESTS = 3_000;
const WARM_UP = 1_500;
const ROUNDS = 21;

const BODY = Buffer.from(
  JSON.stringify({
    id: '00000000-0000-4000-8000-000000000003',
    time: '2024-01-02T03:04:05.673Z',
    event: 'trade.created',
    context: { id: '1235', traderId: '123', residenceCountry: 'DK', partnerContext: { clientId: 123, refId: 12 } },
  }),
);

interface Variant {
  readonly child: ChildProcess;
  readonly origin: string;
}

function startVariant(file: string, environment: Readonly<Record<string, string>>): Promise<Variant> {
  const child = fork(join(__dirname, file), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} ended before it listened`)));
    child.once('message', (message) => {
      const port = typeof message === 'object' && 'port' in message ? String(message.port) : '0';
      resolve({ child, origin: `http://127.0.0.1:${port}` });
    });
  });
}

/**
 * Requests per second of our receiving path beside a bare Koa and a minimal receiver, interleaved; same driver, fsync
 * and batch limit.
 */
export async function benchReceiver(progress: (text: string) => void): Promise<Summary> {
  const postgres = await startPostgres({ folder: dataFolder(`bench-${process.pid}`) });
  const secret = randomBytes(16).toString('hex');
  const environment = { BENCH_DATABASE_URL: postgres.url, BENCH_SECRET: secret, BENCH_MOST_ROWS: '256' };
  const variants = {
    ours: await startVariant('our-receiver.js', environment),
    bareKoa: await startVariant(join('baselines', 'bare-koa.js'), environment),
    minimalReceiver: await startVariant(join('baselines', 'minimal-receiver.js'), environment),
  };
  const signature = createHmac('sha256', secret).update(BODY).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-coinify-webhook-signature': signature };
  const load = (origin: string, requests: number) => ({
    origin,
    path: '/webhooks/coinify',
    headers,
    body: BODY,
    connections: CONNECTIONS,
    requests,
  });
  const results: Record<string, number[]> = { ours: [], bareKoa: [], minimalReceiver: [] };
  try {
    for (const { origin } of Object.values(variants)) await drive(load(origin, WARM_UP));
    const order = Object.entries(variants);
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [name, { origin }] of order) results[name]?.push(await drive(load(origin, REQUESTS)));
      // In a fixed order a variant would always run while the same other one's data is still written to the disk.
      order.push(...order.splice(0, 1));
      progress(`receiver: round ${round} of ${ROUNDS}`);
    }
  } finally {
    for (const { child } of Object.values(variants)) {
      child.removeAllListeners('exit');
      child.disconnect();
    }
    await postgres.stop();
  }
  return summarise('receiver', 'requests per second at 32 connections', results);
}
