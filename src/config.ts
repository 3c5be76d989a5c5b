import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';

import { type PartnersConfiguration, readPartners, refuseUnreadable } from './configuration/partners';
import { httpUrl, oneOf, positiveNumber, text, tokens, url, wholeNumber } from './configuration/values';
import { type BadVariable, createVariables, type Environment, type Variables } from './configuration/variables';
import { LOG_LEVELS, type LogLevel } from './logger';

export type { PartnersConfiguration } from './configuration/partners';
export type { BadVariable, Environment } from './configuration/variables';

/**
 * Which part of partnerflow is configured. `receive` needs nothing of a partner but what authenticates its webhooks
 * (least privilege: what is open to the internet holds no key to a partner's API); `work` must be able to read the
 * objects of every partner whose webhooks are configured; `operate` is the operators' commands.
 */
export type ConfiguredCommand = 'setup' | 'receive' | 'work' | 'operate';

export interface TemporalConfiguration {
  /** For `Connection.connect` and `NativeConnection.connect` alike. */
  readonly connection: Pick<ClientConnectConfig['connectionOptions'], 'apiKey' | 'tls' | 'metadata'> & {
    readonly address: string;
  };
  readonly namespace: string;
  readonly taskQueue: string;
  readonly uiUrl: string | null;
}

export interface ReceiverConfiguration {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Scheme and host that partners sign against; null: as received. */
  readonly publicUrl: string | null;
  readonly bodyLimitBytes: number;
  readonly bodyTimeoutMs: number;
}

export interface OperationsConfiguration {
  /** Token by name; null: `/operations` answers 404. */
  readonly tokens: ReadonlyMap<string, string> | null;
  /** Null: the receiver's own port. */
  readonly port: number | null;
}

export interface WorkerConfiguration {
  readonly metricsHost: string;
  /** Null: no metrics are served. */
  readonly metricsPort: number | null;
  readonly cachedWorkflows: number;
  readonly readConcurrency: number;
  readonly readsPerSecond: number;
}

/** Everything partnerflow is told from outside; see docs/configuration.md. */
export interface Configuration {
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly temporal: TemporalConfiguration;
  readonly receiver: ReceiverConfiguration;
  readonly operations: OperationsConfiguration;
  readonly worker: WorkerConfiguration;
  readonly partners: PartnersConfiguration;
  /** Who decides on savings plans: a URL that is asked, `auto` confirms everything, null confirms nothing. */
  readonly savingsPlanDecision: 'auto' | { readonly url: string } | null;
  readonly alerts: { readonly url: string; readonly secret: string } | null;
  readonly policyFile: string | null;
  /** Multiplies policy durations, never a time that a partner gave. */
  readonly deadlineScale: number;
  readonly logLevel: LogLevel;
}

export type ConfigurationResult =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly bad: readonly BadVariable[] };

const PORT = wholeNumber(0, 65_535);
const MEBIBYTE = 1024 * 1024;

/** Reads no profile file: what a process does must not depend on who is logged in. */
function readConnection(variables: Variables, environment: Environment): ClientConnectConfig | null {
  const set = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value === undefined || name === 'TEMPORAL_PROFILE' ? [] : [[name, value]],
  );
  try {
    return loadClientConnectConfig({ disableFile: true, overrideEnvVars: Object.fromEntries(set) });
  } catch {
    const expected = 'files that can be read, and values that @temporalio/envconfig knows';
    variables.refuse({ name: 'TEMPORAL_TLS_*', expected, found: 'others' });
    return null;
  }
}

function readTemporal(variables: Variables, environment: Environment): TemporalConfiguration {
  const options = readConnection(variables, environment)?.connectionOptions;
  return {
    connection: {
      address: variables.withDefault('TEMPORAL_ADDRESS', text, 'localhost:7233'),
      ...(options?.apiKey === undefined ? {} : { apiKey: options.apiKey }),
      ...(options?.tls === undefined ? {} : { tls: options.tls }),
      ...(options?.metadata === undefined ? {} : { metadata: options.metadata }),
    },
    namespace: variables.withDefault('TEMPORAL_NAMESPACE', text, 'default'),
    taskQueue: variables.withDefault('TEMPORAL_TASK_QUEUE', text, 'partnerflow'),
    uiUrl: variables.optional('TEMPORAL_UI_URL', httpUrl),
  };
}

function readReceiver(variables: Variables): ReceiverConfiguration {
  return {
    host: variables.withDefault('RECEIVER_HOST', text, '127.0.0.1'),
    port: variables.withDefault('RECEIVER_PORT', PORT, 8080),
    publicUrl: variables.optional('RECEIVER_PUBLIC_URL', httpUrl),
    bodyLimitBytes: variables.withDefault('RECEIVER_BODY_LIMIT_BYTES', wholeNumber(1, 64 * MEBIBYTE), 10 * MEBIBYTE),
    bodyTimeoutMs: variables.withDefault('RECEIVER_BODY_TIMEOUT_MS', wholeNumber(1, 600_000), 10_000),
  };
}

function readWorker(variables: Variables): WorkerConfiguration {
  return {
    metricsHost: variables.withDefault('WORKER_METRICS_HOST', text, '127.0.0.1'),
    metricsPort: variables.optional('WORKER_METRICS_PORT', PORT),
    cachedWorkflows: variables.withDefault('WORKER_CACHED_WORKFLOWS', wholeNumber(1, 100_000), 1_000),
    readConcurrency: variables.withDefault('WORKER_READ_CONCURRENCY', wholeNumber(1, 1_000), 20),
    readsPerSecond: variables.withDefault('WORKER_READS_PER_SECOND', positiveNumber, 50),
  };
}

/** An alert that cannot be signed is one nobody can trust: URL and secret come together. */
function readAlerts(variables: Variables): Configuration['alerts'] {
  const [urlName, secretName] = ['ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET'];
  const because = (name: string): string => `a value, because ${name} is set`;
  const target = variables.isSet(secretName)
    ? variables.required(urlName, httpUrl, because(secretName))
    : variables.optional(urlName, httpUrl);
  const secret = variables.isSet(urlName)
    ? variables.required(secretName, text, because(urlName))
    : variables.optional(secretName, text);
  return target === null || secret === null ? null : { url: target, secret };
}

function readSavingsPlanDecision(variables: Variables): Configuration['savingsPlanDecision'] {
  return variables.optional<'auto' | { readonly url: string }>('SAVINGS_PLAN_DECISION_URL', (given) => {
    if (given === 'auto') return { ok: true, value: 'auto' };
    const parsed = httpUrl(given);
    if (parsed.ok) return { ok: true, value: { url: parsed.value } };
    return { ...parsed, expected: `${parsed.expected}, or the word auto` };
  });
}

/**
 * Reads the environment, all of it at once: either a configuration, or every variable that cannot be used with what was
 * expected and what was found. A value that may be secret is never part of the answer.
 */
export function readConfiguration(environment: Environment, command: ConfiguredCommand): ConfigurationResult {
  const variables = createVariables(environment);
  const database = url('postgres:', 'postgresql:');
  const databaseUrl = variables.required('DATABASE_URL', database, 'the URL of the PostgreSQL database');
  const rest = {
    databasePoolSize: variables.withDefault('DATABASE_POOL_SIZE', wholeNumber(1, 500), 10),
    temporal: readTemporal(variables, environment),
    receiver: readReceiver(variables),
    operations: {
      tokens: variables.optional('OPERATIONS_TOKENS', tokens),
      port: variables.optional('OPERATIONS_PORT', PORT),
    },
    worker: readWorker(variables),
    partners: readPartners(variables),
    savingsPlanDecision: readSavingsPlanDecision(variables),
    alerts: readAlerts(variables),
    policyFile: variables.optional('POLICY_FILE', text),
    deadlineScale: variables.withDefault('DEADLINE_SCALE', positiveNumber, 1),
    logLevel: variables.withDefault('LOG_LEVEL', oneOf(LOG_LEVELS), 'info'),
  };
  if (command === 'work') refuseUnreadable(variables);
  if (databaseUrl === null || variables.bad.length > 0) return { ok: false, bad: variables.bad };
  return { ok: true, configuration: { databaseUrl, ...rest } };
}

/** One line for each variable that cannot be used. */
export function describeBad(bad: readonly BadVariable[]): string {
  return bad.map(({ name, expected, found }) => `${name}: expected ${expected}; found ${found}`).join('\n');
}
