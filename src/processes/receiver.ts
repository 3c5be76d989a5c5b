import type { Logger } from 'pino';

import type { Configuration } from '../config/configuration';
import { startFolding } from './folding';
import { type Housekeeping, startHousekeeping } from './housekeeping';
import { createApplication } from '../http/server/application';
import { type Listener, startListener } from '../http/server/listener';
import { type OutboxSender, startOutboxSender } from '../outbox/sender';
import { startSequencer } from './sequencer';
import { open, type Opened, serve, type Served } from './receiver-parts';
import { tracingOf } from '../telemetry/start';

/** Running receiver. */
export interface RunningReceiver {
  readonly url: string;
  /** Address of the operations API; the same as `url` unless OPERATIONS_PORT is set. */
  readonly operationsUrl: string;
  /**
   * End of the receiver: it stops accepting, answers requests under way, finishes the batch in dispatch, and closes.
   */
  stop(): Promise<void>;
}

/**
 * Receiver that keeps and dispatches webhooks, sends messages to our own backend, and serves operators. It starts
 * also while PostgreSQL or Temporal is away.
 */
export async function startReceiver(configuration: Configuration, logger: Logger): Promise<RunningReceiver> {
  for (const warning of configuration.warnings) logger.warn(warning);
  for (const { name, notices } of configuration.configuredPartners)
    for (const notice of notices()) logger.warn({ partner: name }, notice);
  if (configuration.bodyKeys === null)
    logger.warn('BODY_ENCRYPTION_KEYS is not set: bodies of webhooks, which hold personal data, are kept in clear');
  const tracing = await tracingOf(configuration.tracing, 'receiver', logger);
  const opened = open(configuration, logger, tracing);
  const sender = startSender(configuration, opened, logger);
  const housekeeping = keepHouse(configuration, opened, logger);
  const folding = startFolding(opened.housekeeping.kysely);
  const sequencer = startSequencer({
    ...opened,
    database: opened.database.kysely,
    partners: configuration.partners,
    logger,
  });
  const stopWork = async (): Promise<void> => {
    await Promise.all([opened.dispatcher.stop(), sender.stop(), housekeeping.stop(), folding.stop(), sequencer.stop()]);
    await tracing.stop();
    await opened.temporal.close();
    await opened.measuring.close();
    await opened.housekeeping.close();
    await opened.keeping.close();
    await opened.database.close();
  };
  try {
    const listeners = await listen(configuration, serve(configuration, opened, logger));
    const [partners] = listeners;
    const operationsUrl = (listeners[1] ?? partners).url;
    logger.info({ url: partners.url, operationsUrl }, 'receiving');
    return {
      url: partners.url,
      operationsUrl,
      stop: async () => {
        await Promise.all(listeners.map((listener) => listener.close()));
        await stopWork();
      },
    };
  } catch (error) {
    await stopWork();
    throw error;
  }
}

const OUTBOX_POLL_MS = 500;

function startSender(
  { outcomes, alerts, outbox, outboxTypes: types }: Configuration,
  { database, encryption }: Opened,
  logger: Logger,
): OutboxSender {
  const targets = { ...(outcomes === null ? {} : { outcomes }), ...(alerts === null ? {} : { alerts }) };
  return startOutboxSender({
    ...{ database: database.kysely, encryption, targets, types, limits: outbox, logger },
    pollMs: OUTBOX_POLL_MS,
  });
}

const HOUSEKEEPING_MS = { everyMs: 600_000, retryMs: 5_000 };

function keepHouse(configuration: Configuration, { housekeeping }: Opened, logger: Logger): Housekeeping {
  return startHousekeeping({
    database: housekeeping.kysely,
    partners: configuration.configuredPartners,
    retentionDays: configuration.bodyRetentionDays,
    recordDays: configuration.recordRetentionDays,
    messageDays: configuration.messageRetentionDays,
    ...HOUSEKEEPING_MS,
    logger,
  });
}

const HEADERS_TIMEOUT_MS = 10_000;

/** Listeners for partners, and for operators on the same port or on one of their own. */
async function listen(configuration: Configuration, served: Served): Promise<readonly [Listener, ...Listener[]]> {
  const { host, port } = configuration.receiver;
  const { receive, health, page, operations } = served;
  const options = { host, headersTimeoutMs: HEADERS_TIMEOUT_MS };
  const operationsPort = configuration.operationsPort;
  if (operationsPort === null) {
    return [await startListener(createApplication([receive, health, page, operations]), { ...options, port })];
  }
  const partners = await startListener(createApplication([receive, health]), { ...options, port });
  try {
    const forOperators = createApplication([health, page, operations]);
    return [partners, await startListener(forOperators, { ...options, port: operationsPort })];
  } catch (error) {
    // Left open it would still report that it is alive, and answer 503 to every webhook.
    await partners.close();
    throw error;
  }
}
