import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

import Koa from 'koa';
import { Pool } from 'pg';

/**
 * Baseline: the least that keeps a webhook before answering 200: Koa, an HMAC over the raw body, and a group commit
 * with at most two statements in flight. No limits, no deadlines, no counters, no second partner.
 */
const SECRET = process.env.BENCH_SECRET ?? '';
const MOST_ROWS = Number(process.env.BENCH_MOST_ROWS ?? '256');
const pool = new Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: 4 });

interface Waiting {
  readonly id: string;
  readonly body: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

let waiting: Waiting[] = [];
let inFlight = 0;

function flush(): void {
  if (inFlight >= 2 || waiting.length === 0) return;
  const batch = waiting.slice(0, MOST_ROWS);
  waiting = waiting.slice(MOST_ROWS);
  inFlight += 1;
  const rows = batch.map((_, index) => `($${index * 2 + 1}, $${index * 2 + 2}, now())`).join(', ');
  pool
    .query(
      `INSERT INTO bench_deliveries (id, body, received_at) VALUES ${rows}`,
      batch.flatMap(({ id, body }) => [id, body]),
    )
    .then(() => batch.forEach(({ resolve }) => resolve()))
    .catch((error: unknown) => batch.forEach(({ reject }) => reject(error)))
    .finally(() => {
      inFlight -= 1;
      flush();
    });
}

function keep(id: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.push({ id, body, resolve, reject });
    flush();
  });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const application = new Koa();
application.use(async (context) => {
  const body = await bodyOf(context.req);
  const expected = createHmac('sha256', SECRET).update(body).digest();
  const given = Buffer.from(context.get('x-coinify-webhook-signature'), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    context.status = 401;
    return;
  }
  const id = randomUUID();
  await keep(id, body);
  context.set('Delivery-Id', id);
  context.status = 200;
  context.body = '';
});

async function start(): Promise<void> {
  await pool.query(
    'CREATE TABLE IF NOT EXISTS bench_deliveries (id uuid PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL)',
  );
  const server = createServer(application.callback());
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.({ port: address !== null && typeof address === 'object' ? address.port : 0 });
  });
}

process.on('disconnect', () => process.exit(0));
void start();
