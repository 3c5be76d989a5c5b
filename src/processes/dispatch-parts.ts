import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

import type { Configuration } from '../config/configuration';
import { type Dispatcher, startDispatcher } from '../dispatch/dispatcher';
import { createSlots } from '../lib/concurrency';
import type { Database } from '../store/database';
import type { Encryption } from '../store/encryption';
import type { Partners } from '../partners/partners';
import { createDispatchMetrics, type WatchedEvent } from '../telemetry/dispatch-metrics';
import { createDispatchWatch } from '../telemetry/dispatch-watch';
import type { Tracing } from '../telemetry/tracing';
import type { TemporalClient } from '../temporal/client';
import { createFlowStarter, type FlowStarter } from '../temporal/flow-client';
import { CALL_TIMEOUT_MS } from './server-checks';

/** Resources that dispatch uses and its process owns. */
export interface DispatchResources {
  readonly database: Database;
  readonly temporal: TemporalClient;
  readonly encryption: Encryption;
  readonly registry: Registry;
  readonly tracing: Tracing;
  readonly logger: Logger;
}

/** Dispatch that is ready to begin, and the calls to flows that it is watched by. */
export interface Dispatch {
  readonly flows: FlowStarter;
  /** Dispatcher with all that belongs to it. */
  readonly start: () => Dispatcher;
}

/**
 * Limits of dispatch. The lease outlasts several calls in a row: a slow batch must not be taken over while it is
 * being sent.
 */
const DISPATCH_LIMITS = {
  batchSize: 256,
  batchBytes: 16_777_216,
  mostUnderWay: 512,
  // No smaller: the claims would then cost more than what is claimed.
  yielding: { batchSize: 32, mostUnderWay: 64 },
  leaseMs: 30_000,
  pollMs: 500,
};
/**
 * Signals at once. More of one partner would not go faster where Temporal has all it can do, and those of the others
 * would wait behind them there. One that lasts longer than a fifth of a second no longer counts: a few that hang must
 * not hold all. With more slow ones beside, a server that is merely slow would answer none before its deadline.
 */
const SIGNALS = { count: 16, ofOwner: 4, slowMs: 200, mostSlow: 32 };

/** Dispatch as a receiver and a dispatcher of its own run it. */
export function createDispatch(configuration: Configuration, resources: DispatchResources): Dispatch {
  const { partners, policies, taskQueue, referenceHashKey } = configuration;
  const { database, temporal, encryption, registry, tracing, logger } = resources;
  const metrics = createDispatchMetrics(registry, partners.names, watchedEvents(partners));
  const watched = createDispatchWatch({ metrics, tracing, logger });
  const flows = watched.flows(createFlowStarter(temporal.client, taskQueue, CALL_TIMEOUT_MS));
  const dependencies = {
    database: database.kysely,
    partners,
    flows,
    encryption,
    referenceHashKey,
    policies,
    logger,
    slots: createSlots(SIGNALS),
    mostTries: policies.dispatchTries,
    watch: watched.watch,
  };
  return { flows, start: () => startDispatcher(dependencies, DISPATCH_LIMITS) };
}

function watchedEvents({ modules }: Partners): readonly WatchedEvent[] {
  return modules.flatMap(({ name: partner, events }) =>
    events.map(({ event, fields, isDeprecated }) => {
      const sideFields = fields.flatMap(({ weight, path }) => (weight === 'side' ? [path] : []));
      return { partner, event, sideFields, isDeprecated };
    }),
  );
}

/** Dispatcher of a receiver that only keeps: other processes dispatch, and look for what it has kept by themselves. */
export const NO_DISPATCHER: Dispatcher = { wake: () => undefined, stop: () => Promise.resolve() };
