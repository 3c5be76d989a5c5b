import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  type RuntimeOptions,
  type Worker,
} from '@temporalio/worker';
import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

import type { Configuration } from '../config/configuration';
import type { Partner } from '../domain/partner';
import { ConfigurationError } from '../codecs/environment';
import { createApplication } from '../http/server/application';
import { createHealth } from '../http/server/health';
import { type Listener, startListener } from '../http/server/listener';
import { openDatabase } from '../store/database';
import { createEncryption } from '../store/encryption';
import { ensureSweeps, type SweepPace } from '../temporal/schedules';
import { createActivityWatch } from '../telemetry/activity-watch';
import { createTraceSinks } from '../telemetry/flow-traces';
import { levelOf, sdkFields } from '../telemetry/sdk-log';
import { tracingOf } from '../telemetry/start';
import { createWorkerMetrics } from '../telemetry/worker-metrics';
import { openTemporalClient, untilStopped } from '../temporal/client';
import { dataConverterOf } from '../temporal/payload-codec';
import { createWorkers } from './worker-parts';
import { readPartnersOf } from './worker-partners';
import { findWorkflowBundle } from '../temporal/workflow-bundle';

/** Running worker. */
export interface RunningWorker {
  /** End of the worker, after its activities. */
  stop(): Promise<void>;
  /** Promise that resolves when all workers have stopped, and rejects when one fails. */
  readonly stopped: Promise<void>;
  databaseAnswers(): Promise<boolean>;
  /** True while every worker of the process polls. */
  polls(): boolean;
  readonly registry: Registry;
}

/**
 * Runtime of the SDK, which logs through our logger and serves its own metrics where a port is configured. Once per
 * process. Throws `ConfigurationError` where that port is taken.
 */
export function installRuntime(logger: Logger, sdkMetricsPort: number | null, host = '127.0.0.1'): void {
  const bindAddress = `${host.includes(':') ? `[${host}]` : host}:${sdkMetricsPort}`;
  const metrics = sdkMetricsPort === null ? {} : { metrics: { prometheus: { bindAddress } } };
  const logging = { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} };
  const sdk = logger.child({ part: 'sdk' });
  const options: RuntimeOptions = {
    // One function for all levels: lines of the SDK's core call `log` alone, with their level as a field.
    logger: new DefaultLogger('TRACE', ({ level, message, meta }) => {
      sdk[levelOf(level, message)](sdkFields(meta), message);
    }),
    // By default the SDK's core prints lines of another form, with errors that quote what was sent.
    telemetryOptions: { ...metrics, logging },
    shutdownSignals: [],
  };
  try {
    Runtime.install(options);
  } catch (error) {
    if (sdkMetricsPort === null || !(error instanceof Error)) throw error;
    const found = `${bindAddress}: ${error.message}`;
    throw new ConfigurationError([{ name: 'WORKER_SDK_METRICS_PORT', expected: 'a free port', found }]);
  }
}

/** Workers of this process. Ready (the promise resolves) means that they poll. */
export async function startWorker(
  configuration: Configuration,
  logger: Logger,
  stop: AbortSignal,
  workflowBundlePath = findWorkflowBundle(),
): Promise<RunningWorker> {
  const { policies, partners } = configuration;
  const connection = await connect(configuration, logger, stop);
  const database = openDatabase({ url: configuration.databaseUrl, poolSize: configuration.databasePoolSize });
  const { cachedWorkflows, readConcurrency, readsPerSecond } = configuration.worker;
  const metrics = createWorkerMetrics(partners.names);
  const readPartners = readPartnersOf(configuration, { metrics, database: database.kysely, logger });
  const tracing = await tracingOf(configuration.tracing, 'worker', logger);
  const workers = await createWorkers({
    connection,
    namespace: configuration.temporal.namespace,
    taskQueue: configuration.taskQueue,
    workflowBundlePath,
    database: database.kysely,
    ...{ encryption: createEncryption(configuration.bodyKeys), referenceHashKey: configuration.referenceHashKey },
    dataConverter: dataConverterOf(configuration.payloadKeys),
    readPartners,
    lifecycleTables: partners.lifecycleTables,
    watch: {
      activities: createActivityWatch({ metrics, tracing, logger, partners: partners.names }),
      sinks: createTraceSinks(tracing, partners.names),
    },
    decisionMaker: configuration.savingsPlanDecision,
    alertWindowMs: policies.alertWindowMs,
    precisions: policies.precisions,
    cachedWorkflows,
    readConcurrency,
    readsPerSecond,
  }).catch(async (error: unknown) => {
    // Left open, these would keep a process alive that has no worker.
    await Promise.allSettled([tracing.stop(), connection.close(), database.close()]);
    throw error;
  });
  const polls = (): boolean => workers.every((worker) => worker.getState() === 'RUNNING');
  metrics.watchPolling(polls);
  const scheduled = new AbortController();
  const stopped = runAll(workers).finally(async () => {
    scheduled.abort();
    await tracing.stop();
    await connection.close();
    await database.close();
  });
  // The caller awaits it; a failure before that must not count as unhandled.
  stopped.catch(() => undefined);
  const swept = readPartners.flatMap(({ name, client }) => (client.sweep === undefined ? [] : [name]));
  logger.info({ taskQueue: configuration.taskQueue, reads: readPartners.map(({ name }) => name) }, 'working');
  stop.addEventListener('abort', () => scheduled.abort(), { once: true });
  const scheduling = scheduleSweeps(configuration, swept, policies.sweeps, logger, scheduled.signal).catch(
    () => undefined,
  );
  return {
    stopped,
    databaseAnswers: async () => {
      await database.pool.query('SELECT 1');
      return true;
    },
    polls,
    registry: metrics.registry,
    stop: async () => {
      shutDown(workers);
      scheduled.abort();
      await Promise.all([stopped, scheduling]);
    },
  };
}

/**
 * Connection to Temporal, tried until it succeeds or the worker is stopped: Temporal may be away when a worker
 * starts.
 */
async function connect(configuration: Configuration, logger: Logger, stop: AbortSignal): Promise<NativeConnection> {
  const patiently = retry(handleAll, {
    maxAttempts: Number.MAX_SAFE_INTEGER,
    backoff: new ExponentialBackoff({ maxDelay: 5_000 }),
  });
  patiently.onRetry(() => {
    logger.warn('the worker waits: Temporal is away');
  });
  return patiently.execute(() => NativeConnection.connect(configuration.temporal.connection), stop);
}

/** Run of all workers. One that fails stops the others, so that the process ends and is restarted. */
async function runAll(workers: readonly Worker[]): Promise<void> {
  const runs = workers.map((worker) => worker.run());
  try {
    await Promise.all(runs);
  } finally {
    shutDown(workers);
    await Promise.allSettled(runs);
  }
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}

/**
 * Schedules of the sweeps, made in the background and tried until the worker is stopped: it also works without them.
 */
async function scheduleSweeps(
  configuration: Configuration,
  partners: readonly Partner[],
  pace: SweepPace,
  logger: Logger,
  stop: AbortSignal,
): Promise<void> {
  const temporal = openTemporalClient(configuration);
  const patiently = retry(handleAll, {
    maxAttempts: Number.MAX_SAFE_INTEGER,
    backoff: new ExponentialBackoff({ maxDelay: 30_000 }),
  });
  patiently.onRetry(() => {
    logger.warn('the sweeps could not be scheduled yet');
  });
  try {
    const schedule = () => ensureSweeps(temporal.client, configuration.taskQueue, partners, pace);
    await patiently.execute(() => untilStopped(temporal.client, stop, schedule), stop);
  } finally {
    await temporal.close();
  }
}

const HEADERS_TIMEOUT_MS = 10_000;

/**
 * Listener with the worker's own `/health` and `/metrics`, where a port is configured: state of the process and of
 * its database.
 */
export async function serveWorkerMetrics(
  port: number | null,
  worker: RunningWorker,
  host = '127.0.0.1',
): Promise<Listener | null> {
  if (port === null) return null;
  const health = createHealth({
    database: () => worker.databaseAnswers(),
    temporal: () => Promise.resolve(worker.polls()),
    registry: worker.registry,
  });
  return startListener(createApplication([health]), { host, port, headersTimeoutMs: HEADERS_TIMEOUT_MS });
}
