import { pino } from 'pino';

import { createApplication } from '../src/http/server/application';
import { startListener } from '../src/http/server/listener';
import { createReceiverMetrics } from '../src/telemetry/receiver-metrics';
import { createBodyBudget } from '../src/http/server/raw-body';
import { createReceiver } from '../src/http/webhooks/receive';
import { createCoinifyAuthenticate } from '../src/partners/coinify/authenticate';
import { createAppender } from '../src/store/deliveries/append';
import { openDatabase } from '../src/store/database';
import { migrate } from '../src/store/migrate';
import { createRejectionRecorder } from '../src/store/deliveries/rejections';

/** Receiving path as the receiver composes it, without dispatch, which the baselines do not have either. */
async function start(): Promise<void> {
  const database = openDatabase({ url: process.env.BENCH_DATABASE_URL ?? '', poolSize: 3, onlyInserts: true });
  await migrate(database.kysely);
  const metrics = createReceiverMetrics(['coinify']);
  const batchRows = Number(process.env.BENCH_MOST_ROWS ?? '256');
  const limits = { batchRows, batchBytes: 16_777_216, waitingBytes: 134_217_728, deadlineMs: 4_000 };
  const authenticate = createCoinifyAuthenticate([process.env.BENCH_SECRET ?? '']);
  const receive = createReceiver({
    partners: new Map([['coinify', { authenticate, credentialHeaders: [], oneAddress: true }]]),
    appender: createAppender(database.pool, limits, metrics.batch),
    rejections: createRejectionRecorder(database.pool),
    bodyLimitBytes: 10_485_760,
    bodyTimeoutMs: 10_000,
    budget: createBodyBudget(67_108_864),
    publicUrl: null,
    onAppended: () => undefined,
    logger: pino({ level: 'info' }),
    metrics,
  });
  const listener = await startListener(createApplication([receive]), {
    host: '127.0.0.1',
    port: 0,
    headersTimeoutMs: 10_000,
  });
  process.send?.({ port: listener.port });
}

process.on('disconnect', () => process.exit(0));
void start();
