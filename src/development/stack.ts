import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from 'pg';

import { type Configuration, readConfiguration } from '../config/configuration';
import { PARTNERS } from '../partners';
import { createLogger } from '../telemetry/logger';
import { startDispatching } from '../processes/dispatcher';
import { type RunningReceiver, startReceiver } from '../processes/receiver';
import { runSetup } from '../processes/setup';
import { installRuntime, type RunningWorker, startWorker } from '../processes/worker';
import { developmentBodyKeys, developmentReferenceKey } from './body-key';
import { type DevelopmentCredentials, developmentCredentials } from './credentials';
import { DevelopmentServerError } from './guarded-process';
import { freePort } from './ports';
import { startPostgres } from './postgres';
import { type Simulators, startSimulators } from './simulators';
import { createCleanupStack, type CleanupStack } from '../lib/cleanup-stack';
import { startTemporal } from './temporal';
import { startTemporalProxy, type TemporalProxy } from './temporal-proxy';
import { receiverVariables, stackVariables, withoutEmpty } from './variables';

type Environment = Readonly<Record<string, string | undefined>>;

/** Options of a stack. */
export interface StackOptions {
  /** Variables that hold; the stack sets the missing ones. */
  readonly environment: Environment;
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  /** Folder for the data of the servers that are started. */
  readonly dataFolder: string;
  /** True: flows survive a restart; else Temporal keeps them in memory. */
  readonly keepsFlows: boolean;
  /** True: a proxy stands between receiver and Temporal, by which signals can be made to fail. */
  readonly breaksSignals?: boolean;
  /** Port where RECEIVER_PORT is unset; null takes any free one. */
  readonly usualPort: number | null;
  /** Due time that scripts count in, milliseconds. */
  readonly dueMs: number;
  readonly seed: string;
  /** Log level where LOG_LEVEL is unset. */
  readonly usualLogLevel: string;
}

/** Everything on one machine: servers, receiver, worker, simulated partners. */
export interface Stack {
  readonly configuration: Configuration;
  readonly credentials: DevelopmentCredentials;
  readonly receiver: RunningReceiver;
  readonly worker: RunningWorker;
  readonly simulators: Simulators;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | null;
  /** Proxy between receiver and Temporal; null where none was asked for. */
  readonly temporalProxy: TemporalProxy | null;
  /** Names of the variables that the stack set. */
  readonly madeUp: readonly string[];
  stop(): Promise<void>;
}

/**
 * Stack with everything started; ready (the promise resolves) means that workers poll. On a failure the started parts
 * are stopped again.
 */
export async function startStack(given: StackOptions): Promise<Stack> {
  const options = withoutEmpty(given);
  const { environment, dueMs, seed } = options;
  const cleanup = createCleanupStack();
  try {
    const credentials = developmentCredentials(environment);
    const servers = await startServers(options, cleanup);
    if (options.databaseUrl !== undefined && !options.keepsFlows) await refuseForeignDeliveries(options.databaseUrl);
    const listening = await receiverVariables(environment, options.usualPort, freePort);
    const { deliverTo } = listening;
    const simulators = await startSimulators(environment, credentials, { deliverTo, dueMs, seed }, cleanup);
    const made: Record<string, string> = {
      DATABASE_URL: servers.databaseUrl,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      ...(servers.temporalUiUrl === null ? {} : { TEMPORAL_UI_URL: servers.temporalUiUrl }),
      // A server that somebody else started may not order task queues; it ignores priorities then.
      TEMPORAL_PRIORITY: 'on',
      LOG_LEVEL: options.usualLogLevel,
      ...listening.variables,
      ...storageKeys(options),
      ...stackVariables(environment, credentials, simulators),
    };
    const madeUp = Object.keys(made).filter((name) => environment[name] === undefined);
    const read = readConfiguration({ ...made, ...environment, ...listening.variables }, 'work', PARTNERS);
    // Warnings concern production, such as operators on the port of partners; in development that is intended.
    const configuration = { ...read, warnings: [] };
    const logger = createLogger(configuration.logLevel, 'development');
    await runSetup(configuration);
    installRuntime(logger, null);
    const worker = await startWorker(configuration, logger, new AbortController().signal);
    cleanup.add(() => worker.stop());
    const temporalProxy = options.breaksSignals === true ? await startTemporalProxy(servers.temporalAddress) : null;
    if (temporalProxy !== null) cleanup.add(() => temporalProxy.stop());
    const receiver = await startReceiver(throughProxy(configuration, temporalProxy), logger);
    cleanup.add(() => receiver.stop());
    if (!configuration.receiver.dispatches) {
      const dispatcher = await startDispatching(configuration, logger);
      cleanup.add(() => dispatcher.stop());
    }
    const { temporalAddress, temporalUiUrl } = servers;
    return {
      configuration,
      credentials,
      receiver,
      worker,
      simulators,
      temporalAddress,
      temporalUiUrl,
      temporalProxy,
      madeUp,
      stop: () => cleanup.stop(),
    };
  } catch (error) {
    await cleanup.stop();
    throw error;
  }
}

/** Configuration of a process that calls Temporal through the proxy, where there is one. */
function throughProxy(configuration: Configuration, proxy: TemporalProxy | null): Configuration {
  if (proxy === null) return configuration;
  const { temporal } = configuration;
  return {
    ...configuration,
    temporal: { ...temporal, connection: { ...temporal.connection, address: proxy.address } },
  };
}

interface Servers {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | null;
}

async function startServers(options: StackOptions, cleanup: CleanupStack): Promise<Servers> {
  mkdirSync(options.dataFolder, { recursive: true });
  const startDatabase = async (): Promise<string> => {
    if (options.databaseUrl !== undefined) return options.databaseUrl;
    const postgres = await startPostgres({ folder: options.dataFolder });
    cleanup.add(() => postgres.stop());
    return postgres.url;
  };
  const startFlows = async (): Promise<Pick<Servers, 'temporalAddress' | 'temporalUiUrl'>> => {
    if (options.temporalAddress !== undefined) {
      return { temporalAddress: options.temporalAddress, temporalUiUrl: options.environment.TEMPORAL_UI_URL ?? null };
    }
    const file = options.keepsFlows ? { databaseFile: `${options.dataFolder}-temporal.db` } : {};
    const temporal = await startTemporal({ withUi: true, ordersQueues: true, ...file });
    cleanup.add(() => temporal.stop());
    return { temporalAddress: temporal.address, temporalUiUrl: temporal.uiUrl };
  };
  const database = startDatabase();
  const flows = startFlows();
  // Where one fails the other is awaited too, so that it is known and can be stopped.
  await Promise.allSettled([database, flows]);
  return { databaseUrl: await database, ...(await flows) };
}

/** Check that the database holds no deliveries of another system: such a one is not to be played in. */
async function refuseForeignDeliveries(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ exists: boolean }>(`SELECT to_regclass('deliveries') IS NOT NULL AS exists`);
    if (rows[0]?.exists !== true) return;
    const { rowCount } = await client.query('SELECT 1 FROM deliveries LIMIT 1');
    if (rowCount !== 0)
      throw new DevelopmentServerError('The database holds deliveries that this run did not make: use an empty one.');
  } finally {
    await client.end();
  }
}

/** Keys for a database of the stack's own; another database's bodies and references would become unreadable. */
function storageKeys({ databaseUrl, keepsFlows, dataFolder }: StackOptions): Readonly<Record<string, string>> {
  if (databaseUrl !== undefined) return {};
  const fileOf = (name: string): string | null => (keepsFlows ? `${dataFolder}-${name}` : null);
  return {
    BODY_ENCRYPTION_KEYS: developmentBodyKeys(fileOf('body-keys.json')),
    REFERENCE_HASH_KEY: developmentReferenceKey(fileOf('reference-key')),
  };
}

/**
 * File below the current folder in which `dev` and `demo -- --keep` write the addresses of the servers they started.
 */
export const DEVELOPMENT_FILE = join('.partnerflow', 'dev.json');
