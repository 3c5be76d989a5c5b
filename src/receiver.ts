import type { Logger } from 'pino';

import { startAlertSender } from './alerts/sender';
import type { Configuration } from './config';
import { type Dispatcher, startDispatcher } from './dispatch/dispatcher';
import { createExpectations } from './dispatch/expectations';
import { createFlowStarter, type FlowStarter } from './dispatch/flow-starter';
import { createOperators, createRunningCheck } from './dispatch/operators';
import type { Partner } from './domain/notification';
import type { Policies } from './domain/rules';
import { createApplication } from './http/application';
import { createHealth } from './http/health';
import { type Listener, startListener } from './http/listener';
import { createReceiverMetrics } from './http/metrics';
import { createOperationsApi } from './http/operations';
import { createBodyBudget } from './http/raw-body';
import { createReceiver } from './http/receive';
import { decoders } from './partners';
import type { PartnerReception } from './partners/authentication';
import { createBitpandaAuthenticate } from './partners/bitpanda/authenticate';
import { createCoinifyAuthenticate } from './partners/coinify/authenticate';
import { createTradevestAuthenticate } from './partners/tradevest/authenticate';
import { createPolicies } from './policy';
import { readPolicySettings } from './policy-file';
import { createAppender } from './store/append';
import { evidenceOptions } from './evidence/configured';
import { gatherEvidence } from './evidence/evidence';
import { type Housekeeping, startHousekeeping } from './housekeeping';
import { type Database, openDatabase } from './store/database';
import { createRejectionRecorder } from './store/rejections';
import { createSealing, type Sealing } from './store/sealing';
import { createFlowLink } from './store/subject-listing';
import { openTemporalClient, type TemporalClient } from './temporal-client';

export interface RunningReceiver {
  readonly url: string;
  /** The same as `url` unless OPERATIONS_PORT is set. */
  readonly operationsUrl: string;
  /** Stops accepting, answers what is under way, finishes the batch in dispatch, closes. */
  stop(): Promise<void>;
}

const UNFINISHED_BODIES_BYTES = 67_108_864;
const HEADERS_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 3_000;

const APPEND_LIMITS = { batchRows: 256, batchBytes: 16_777_216, waitingBytes: 134_217_728, deadlineMs: 4_000 };

/** The lease outlasts several calls in a row: a slow batch must not be taken over while it is being sent. */
const DISPATCH_LIMITS = { batchSize: 64, batchBytes: 16_777_216, leaseMs: 30_000, pollMs: 500 };
const SIGNALS_AT_ONCE = 16;
const MOST_REFUSALS = 5;
const ALERT_POLL_MS = 500;
const HOUSEKEEPING_MS = { everyMs: 600_000, retryMs: 5_000 };
/** Two lanes of appends and one of refusals. */
const KEEPING_CONNECTIONS = 3;

function receptions({
  tradevest,
  coinify,
  bitpanda,
}: Configuration): Partial<Readonly<Record<Partner, PartnerReception>>> {
  const { webhookHeaders: headers } = tradevest;
  const { webhookSecrets: secrets } = coinify;
  const { webhookKeys: keys, signatureMaxAgeSeconds: maxAgeSeconds } = bitpanda;
  return {
    ...(headers === null
      ? {}
      : {
          tradevest: {
            authenticate: createTradevestAuthenticate(headers),
            credentialHeaders: Object.keys(headers),
          },
        }),
    ...(secrets === null
      ? {}
      : { coinify: { authenticate: createCoinifyAuthenticate(secrets), credentialHeaders: [] } }),
    ...(keys === null
      ? {}
      : {
          bitpanda: {
            authenticate: createBitpandaAuthenticate({ keys, maxAgeSeconds }),
            credentialHeaders: [],
            signsTarget: true,
          },
        }),
  };
}

async function databaseAnswers({ pool }: Database): Promise<boolean> {
  await pool.query('SELECT 1');
  return true;
}

async function temporalAnswers({ connection }: TemporalClient): Promise<boolean> {
  await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => connection.workflowService.getSystemInfo({}));
  return true;
}

type Parts = Parameters<typeof createApplication>[0];

/** What is served, part by part. */
interface Served {
  readonly receive: Parts[number];
  readonly health: Parts[number];
  readonly operations: Parts[number];
}

/** Listens for partners, and for operators on the same port or on one of their own. */
async function listen(configuration: Configuration, served: Served): Promise<readonly [Listener, ...Listener[]]> {
  const { host, port } = configuration.receiver;
  const { receive, health, operations } = served;
  const options = { host, headersTimeoutMs: HEADERS_TIMEOUT_MS };
  const operationsPort = configuration.operationsPort;
  if (operationsPort === null) {
    return [await startListener(createApplication([receive, health, operations]), { ...options, port })];
  }
  const partners = await startListener(createApplication([receive, health]), { ...options, port });
  return [partners, await startListener(createApplication([health, operations]), { ...options, port: operationsPort })];
}

/** What a receiver works with, opened but not yet used. */
interface Opened {
  readonly database: Database;
  /** Connections for appends alone: slow queries of operators or dispatch must not make a partner wait. */
  readonly keeping: Database;
  readonly temporal: TemporalClient;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly sealing: Sealing;
  readonly dispatcher: Dispatcher;
}

function open(configuration: Configuration, logger: Logger): Opened {
  const policies = createPolicies(readPolicySettings(configuration.policyFile), configuration.deadlineScale);
  const database = openDatabase({ url: configuration.databaseUrl, poolSize: configuration.databasePoolSize });
  const keeping = openDatabase({ url: configuration.databaseUrl, poolSize: KEEPING_CONNECTIONS, plansOnce: true });
  const temporal = openTemporalClient(configuration);
  const sealing = createSealing(configuration.bodyKeys);
  const flows = createFlowStarter(temporal.client, configuration.taskQueue, CALL_TIMEOUT_MS);
  const dispatcher = startDispatcher(
    {
      database: database.kysely,
      decoders,
      flows,
      sealing,
      policies,
      logger,
      concurrency: SIGNALS_AT_ONCE,
      mostRefusals: MOST_REFUSALS,
    },
    DISPATCH_LIMITS,
  );
  return { database, keeping, temporal, flows, policies, sealing, dispatcher };
}

function serve(configuration: Configuration, opened: Opened, logger: Logger): Served {
  const { database, keeping, temporal, flows, policies, sealing, dispatcher } = opened;
  const tokens = configuration.operationsTokens;
  const metrics = createReceiverMetrics();
  const appender = createAppender(keeping.pool, APPEND_LIMITS, metrics.batch, sealing);
  metrics.watchDepth(appender.depth);
  return {
    receive: createReceiver({
      ...configuration.receiver,
      partners: receptions(configuration),
      appender,
      rejections: createRejectionRecorder(keeping.pool, sealing),
      budget: createBodyBudget(UNFINISHED_BODIES_BYTES),
      onAppended: dispatcher.wake,
      logger,
      metrics,
    }),
    health: createHealth({
      database: () => databaseAnswers(database),
      temporal: () => temporalAnswers(temporal),
      registry: metrics.registry,
    }),
    operations: createOperationsApi({
      database: database.kysely,
      sealing,
      evidence: (id) =>
        gatherEvidence({ database: database.kysely, sealing, configured: evidenceOptions(configuration) }, id),
      tokens: tokens === null ? null : new Map(Object.entries(tokens)),
      flowLink: createFlowLink(configuration.temporalUiUrl, configuration.temporal.namespace),
      notRunning: createRunningCheck(temporal.client),
      wakeDispatcher: dispatcher.wake,
      registerExpectation: createExpectations(database.kysely, flows, policies),
      judging: policies,
      operate: createOperators(temporal.client, database.kysely),
      log: logger,
    }),
  };
}

function keepHouse(configuration: Configuration, { database }: Opened, logger: Logger): Housekeeping {
  return startHousekeeping({
    database: database.kysely,
    bitpandaKeys: configuration.bitpanda.webhookKeys,
    retentionDays: configuration.bodyRetentionDays,
    ...HOUSEKEEPING_MS,
    logger,
  });
}

/** Starts a receiver: keeps, dispatches, and serves operators. Starts also while PostgreSQL or Temporal is away. */
export async function startReceiver(configuration: Configuration, logger: Logger): Promise<RunningReceiver> {
  for (const warning of configuration.warnings) logger.warn(warning);
  if (configuration.bodyKeys === null)
    logger.warn('BODY_ENCRYPTION_KEYS is not set: bodies of webhooks, which hold personal data, are kept in clear');
  const opened = open(configuration, logger);
  const target = configuration.alerts;
  const database = opened.database.kysely;
  const alerts = target === null ? null : startAlertSender({ database, target, logger, pollMs: ALERT_POLL_MS });
  const housekeeping = keepHouse(configuration, opened, logger);
  const stopWork = async (): Promise<void> => {
    await Promise.all([opened.dispatcher.stop(), alerts?.stop(), housekeeping.stop()]);
    await opened.temporal.close();
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
