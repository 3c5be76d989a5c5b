import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';

import type { Configuration } from '../config/configuration';
import { createApplication } from '../http/server/application';
import { createHealth } from '../http/server/health';
import { type Listener, startListener } from '../http/server/listener';
import { openDatabase } from '../store/database';
import { createEncryption } from '../store/encryption';
import { traceHeader } from '../telemetry/flow-traces';
import { tracingOf } from '../telemetry/start';
import { openTemporalClient } from '../temporal/client';
import { createDispatch, type DispatchResources } from './dispatch-parts';
import { databaseAnswers, temporalAnswers } from './server-checks';

/** Running dispatcher. */
export interface RunningDispatcher {
  /** End of the dispatcher: it claims no more, finishes what is under way, and closes. */
  stop(): Promise<void>;
}

/**
 * Dispatcher that is a process of its own: it receives nothing and serves nobody but those who watch it. It starts also
 * while PostgreSQL or Temporal is away. Several may run, beside receivers that dispatch or that only keep.
 */
export async function startDispatching(configuration: Configuration, logger: Logger): Promise<RunningDispatcher> {
  const tracing = await tracingOf(configuration.tracing, 'dispatcher', logger);
  const database = openDatabase({ url: configuration.databaseUrl, poolSize: configuration.databasePoolSize });
  const temporal = openTemporalClient(configuration, [traceHeader]);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'partnerflow_dispatcher_' });
  const encryption = createEncryption(configuration.bodyKeys);
  const resources = { database, temporal, encryption, registry, tracing, logger };
  const dispatcher = createDispatch(configuration, resources).start();
  const stopWork = async (): Promise<void> => {
    await dispatcher.stop();
    await tracing.stop();
    await temporal.close();
    await database.close();
  };
  try {
    const listener = await listen(configuration, resources);
    logger.info({ url: listener?.url ?? null }, 'dispatching');
    return {
      stop: async () => {
        await listener?.close();
        await stopWork();
      },
    };
  } catch (error) {
    await stopWork();
    throw error;
  }
}

const HEADERS_TIMEOUT_MS = 10_000;

/** Listener with `/health` and `/metrics` of this process; null where no port is configured. */
async function listen(
  { dispatcher: { metricsHost: host, metricsPort: port } }: Configuration,
  { database, temporal, registry }: DispatchResources,
): Promise<Listener | null> {
  if (port === null) return null;
  const health = createHealth({
    database: () => databaseAnswers(database),
    temporal: () => temporalAnswers(temporal),
    registry,
  });
  return startListener(createApplication([health]), { host, port, headersTimeoutMs: HEADERS_TIMEOUT_MS });
}
