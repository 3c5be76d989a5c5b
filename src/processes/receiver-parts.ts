import type { Logger } from 'pino';
import { collectDefaultMetrics } from 'prom-client';

import type { Configuration } from '../config/configuration';
import type { Dispatcher } from '../dispatch/dispatcher';
import { createExpectations } from '../operator/expect';
import { createManyOperators, createOperators, createRunningCheck } from '../operator/actions';
import { createPollerCheck } from '../temporal/pollers';
import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Partner } from '../domain/partner';
import type { Policies } from '../domain/lifecycles/rules';
import { gatherEvidence } from '../operator/evidence/evidence';
import { openSubjectFile } from '../operator/subject-file/subject-file';
import type { createApplication } from '../http/server/application';
import { createHealth } from '../http/server/health';
import { createReceiverMetrics, type ReceiverMetrics } from '../telemetry/receiver-metrics';
import { createOperationsApi } from '../http/operations';
import { createBodyLimits } from '../http/operations/body';
import type { OperationsDependencies } from '../http/operations/dependencies';
import { createOperationsPage } from '../http/page';
import { createBodyBudget } from '../http/server/raw-body';
import { createReceiver } from '../http/webhooks/receive';
import { messageSourcesOf } from '../partners/message-sources';
import type { PartnerReception } from '../partners/authentication';
import { createAppender } from '../store/deliveries/append';
import { readBalances } from '../store/stats/balance';
import { type Database, openDatabase } from '../store/database';
import { createRejectionRecorder } from '../store/deliveries/rejections';
import { createEncryption, type Encryption } from '../store/encryption';
import { readOutboxCounts } from '../store/outbox/counts';
import { readStoreGauges } from '../store/stats/gauges';
import { createFlowLink, type FlowLink } from '../store/flows/list';
import { traceHeader } from '../telemetry/flow-traces';
import { createStoreMetrics } from '../telemetry/store-metrics';
import type { Tracing } from '../telemetry/tracing';
import { openTemporalClient, type TemporalClient } from '../temporal/client';
import type { FlowStarter } from '../temporal/flow-client';
import { createDispatch, NO_DISPATCHER } from './dispatch-parts';
import { CALL_TIMEOUT_MS, databaseAnswers, temporalAnswers } from './server-checks';

type Parts = Parameters<typeof createApplication>[0];

/** Parts of the HTTP service. */
export interface Served {
  readonly receive: Parts[number];
  readonly health: Parts[number];
  /** Page for browsers; requests of other clients it leaves to the API. */
  readonly page: Parts[number];
  readonly operations: Parts[number];
}

/** Resources of a receiver, opened but not yet used. */
export interface Opened {
  readonly database: Database;
  /** Connections for appends alone: slow queries of operators or dispatch must not make a partner wait. */
  readonly keeping: Database;
  /** Connection for measurements alone: a scrape must take none from dispatch or operators. */
  readonly measuring: Database;
  /** Connections for housekeeping alone, whose statements may take long. */
  readonly housekeeping: Database;
  readonly temporal: TemporalClient;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly encryption: Encryption;
  readonly dispatcher: Dispatcher;
  readonly metrics: ReceiverMetrics;
  readonly tracing: Tracing;
}

/** Number of connections that keep requests: two lanes of appends and one of rejections. */
const KEEPING_CONNECTIONS = 3;
/** Longest time for a measurement: a delay that an operator would not accept is harmless for a scrape. */
const MEASURING_TIMEOUT_MS = 10_000;

/** Number of connections of housekeeping: one may count a day while the other folds. */
const HOUSEKEEPING_CONNECTIONS = 2;
/** Longest time for a statement of housekeeping; it counts all deliveries of a day. */
const HOUSEKEEPING_TIMEOUT_MS = 300_000;
/** Longest wait of housekeeping for a lock. */
const HOUSEKEEPING_LOCK_MS = 10_000;

/** Resources of a receiver. No server is contacted yet, so that the receiver starts while servers are away. */
export function open(configuration: Configuration, logger: Logger, tracing: Tracing): Opened {
  const { policies, partners } = configuration;
  const database = openDatabase({ url: configuration.databaseUrl, poolSize: configuration.databasePoolSize });
  const keeping = openDatabase({ url: configuration.databaseUrl, poolSize: KEEPING_CONNECTIONS, onlyInserts: true });
  const measuring = openDatabase({
    url: configuration.databaseUrl,
    poolSize: 1,
    queryTimeoutMs: MEASURING_TIMEOUT_MS,
  });
  const housekeeping = openDatabase({
    url: configuration.databaseUrl,
    poolSize: HOUSEKEEPING_CONNECTIONS,
    queryTimeoutMs: HOUSEKEEPING_TIMEOUT_MS,
    lockTimeoutMs: HOUSEKEEPING_LOCK_MS,
  });
  const temporal = openTemporalClient(configuration, [traceHeader]);
  const encryption = createEncryption(configuration.bodyKeys);
  const metrics = createReceiverMetrics(partners.names);
  const parts = { database, temporal, encryption, registry: metrics.registry, tracing, logger };
  const { flows, start } = createDispatch(configuration, parts);
  const dispatcher = configuration.receiver.dispatches ? start() : NO_DISPATCHER;
  return {
    database,
    keeping,
    measuring,
    housekeeping,
    temporal,
    flows,
    policies,
    encryption,
    dispatcher,
    metrics,
    tracing,
  };
}

const UNFINISHED_BODIES_BYTES = 67_108_864;

const APPEND_LIMITS = { batchRows: 256, batchBytes: 16_777_216, waitingBytes: 134_217_728, deadlineMs: 4_000 };

/** HTTP service made of the opened resources. */
export function serve(configuration: Configuration, opened: Opened, logger: Logger): Served {
  const { database, keeping, temporal, flows, policies, encryption, dispatcher, metrics, tracing } = opened;
  const { operationsTokens: tokens, partners } = configuration;
  measure(configuration, opened);
  const appender = createAppender(keeping.pool, APPEND_LIMITS, metrics.batch, encryption);
  metrics.watchDepth(appender.depth);
  const operations: OperationsDependencies = {
    partners: partners.names,
    messageSources: messageSourcesOf(partners),
    database: database.kysely,
    encryption,
    referenceHashKey: configuration.referenceHashKey,
    evidence: (id) => gatherEvidence({ database: database.kysely, encryption, configured: configuration }, id),
    subjectFile: (workflowId, by) =>
      openSubjectFile(
        { database: database.kysely, encryption, configured: configuration, flowLink: flowLinkOf(configuration) },
        workflowId,
        by,
      ),
    tokens: tokens === null ? null : new Map(Object.entries(tokens)),
    flowLink: flowLinkOf(configuration),
    notRunning: createRunningCheck(temporal.client),
    wakeDispatcher: dispatcher.wake,
    registerExpectation: createExpectations({
      ...{ database: database.kysely, flows, policies, partners },
      references: { encryption, referenceHashKey: configuration.referenceHashKey },
    }),
    judging: policies,
    operate: createOperators(temporal.client, database.kysely),
    operateMany: createManyOperators(temporal.client, database.kysely),
    notices: () => configuration.configuredPartners.flatMap((partner) => partner.notices()),
    bodies: createBodyLimits(),
    log: logger,
  };
  return {
    receive: createReceiver({
      ...configuration.receiver,
      partners: receptionsOf(configuration),
      appender,
      rejections: createRejectionRecorder(keeping.pool, encryption),
      budget: createBodyBudget(UNFINISHED_BODIES_BYTES),
      onAppended: dispatcher.wake,
      logger,
      metrics,
      tracing,
    }),
    health: createHealth({
      database: () => databaseAnswers(database),
      temporal: () => temporalAnswers(temporal),
      registry: metrics.registry,
    }),
    page: createOperationsPage(operations, { publicUrl: configuration.receiver.publicUrl }),
    operations: createOperationsApi(operations),
  };
}

function flowLinkOf({ temporalUiUrl, temporal }: Configuration): FlowLink {
  return createFlowLink(temporalUiUrl, temporal.namespace);
}

/** Metrics of the whole, beside those of this process. */
function measure(configuration: Configuration, { measuring, temporal, metrics }: Opened): void {
  const { registry } = metrics;
  const { kysely } = measuring;
  collectDefaultMetrics({ register: registry, prefix: 'partnerflow_receiver_' });
  const notRunning = createRunningCheck(temporal.client);
  const { taskQueue, partners } = configuration;
  const partnersOn = [...receptionsOf(configuration).keys()];
  const confirming = partners.modules
    .filter(({ name, lifecycles }) => partnersOn.includes(name) && lifecycles.some(isConfirmed))
    .map(({ name }) => name);
  createStoreMetrics(registry, {
    balance: async () => (await readBalances(kysely, notRunning, partners.names)).partners,
    gauges: () => readStoreGauges(kysely),
    outbox: () => readOutboxCounts(kysely),
    pollers: createPollerCheck(temporal.client, {
      taskQueue,
      partners: partnersOn,
      confirming,
      callTimeoutMs: CALL_TIMEOUT_MS,
    }),
    partners: partners.names,
  });
}

/** True for a kind of subject whose recurrences are confirmed at its partner. */
function isConfirmed({ lifecycle }: LifecycleTable): boolean {
  return lifecycle === 'savingsPlan';
}

/** Reception of each partner that is on. */
function receptionsOf({ configuredPartners }: Configuration): ReadonlyMap<Partner, PartnerReception> {
  return new Map(
    configuredPartners.flatMap(({ name, reception }) => {
      const made = reception();
      return made === null ? [] : [[name, made] as const];
    }),
  );
}
