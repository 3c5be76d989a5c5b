import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';

import { type AlertTarget } from './alerts/sender';
import { ConfigurationError, createVariableReader, type Environment, type VariableReader } from './environment';
import type { CoinifyClientOptions } from './partners/coinify/client';
import type { TradevestClientOptions } from './partners/tradevest/client';

/** What a process runs for; decides which variables it cannot do without. */
export type Command = 'setup' | 'receive' | 'work' | 'operate';

/** Everything a process is told from outside, checked. */
export interface Configuration {
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly temporal: { readonly connection: ClientConnectConfig['connectionOptions']; readonly namespace: string };
  readonly taskQueue: string;
  readonly temporalUiUrl: string | null;
  readonly receiver: ReceiverConfiguration;
  /** Token by the name of who holds it; null when /operations is off. */
  readonly operationsTokens: Readonly<Record<string, string>> | null;
  readonly operationsPort: number | null;
  readonly tradevest: {
    /** Header names in lower case with their accepted values, newest first; null while the partner is off. */
    readonly webhookHeaders: Readonly<Record<string, readonly string[]>> | null;
    readonly client: TradevestClientOptions | null;
  };
  readonly coinify: { readonly webhookSecrets: readonly string[] | null; readonly client: CoinifyClientOptions | null };
  readonly alerts: AlertTarget | null;
  readonly policyFile: string | null;
  readonly deadlineScale: number;
  readonly worker: WorkerConfiguration;
  readonly logLevel: string;
  /** Things that are not wrong and yet should be said at the start. */
  readonly warnings: readonly string[];
}

export interface ReceiverConfiguration {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  readonly bodyLimitBytes: number;
  readonly bodyTimeoutMs: number;
}

export interface WorkerConfiguration {
  readonly cachedWorkflows: number;
  /** Per partner. */
  readonly readConcurrency: number;
  readonly readsPerSecond: number;
  /** Where the worker shows its health and metrics; null for nowhere. */
  readonly metricsPort: number | null;
  /** Where the Temporal SDK shows its own metrics; null for nowhere. */
  readonly sdkMetricsPort: number | null;
}

const READ_TIMEOUT_MS = 10_000;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && item !== '');
}

function optionalPort(read: VariableReader, name: string): number | null {
  return read.isSet(name) ? read.number(name, 0, 0, 65_535) : null;
}

/** All, none, or a complaint about each that is missing: a partner half configured refuses to start. */
function allOrNone(read: VariableReader, names: readonly string[]): boolean {
  const missing = names.filter((name) => !read.isSet(name));
  if (missing.length === 0) return true;
  const given = names.filter((name) => read.isSet(name));
  if (given.length > 0)
    for (const name of missing) read.complain(name, `a value, because ${given.join(', ')} is set`, 'nothing');
  return false;
}

function tradevestHeaders(read: VariableReader): Readonly<Record<string, readonly string[]>> | null {
  const name = 'TRADEVEST_WEBHOOK_HEADERS';
  const expected = 'JSON of header names, each with a list of accepted values such as {"api-key":["new","old"]}';
  const value = read.json(name, expected);
  if (value === undefined) return null;
  const entries = isRecord(value) ? Object.entries(value) : [];
  const good = entries.flatMap(([header, values]) =>
    HEADER_NAME.test(header) && isTextList(values) ? [[header.toLowerCase(), values] as const] : [],
  );
  if (good.length > 0 && good.length === entries.length) return Object.fromEntries(good);
  read.complain(name, expected, 'JSON of another shape');
  return null;
}

const TRADEVEST_API = [
  'TRADEVEST_API_URL',
  'TRADEVEST_TOKEN_URL',
  'TRADEVEST_CLIENT_ID',
  'TRADEVEST_CLIENT_SECRET',
  'TRADEVEST_REQUESTOR_ID',
];

function tradevestClient(read: VariableReader): TradevestClientOptions | null {
  if (!allOrNone(read, TRADEVEST_API)) return null;
  return {
    apiUrl: read.url('TRADEVEST_API_URL') ?? '',
    tokenUrl: read.url('TRADEVEST_TOKEN_URL') ?? '',
    clientId: read.text('TRADEVEST_CLIENT_ID') ?? '',
    clientSecret: read.text('TRADEVEST_CLIENT_SECRET') ?? '',
    requestorId: read.text('TRADEVEST_REQUESTOR_ID') ?? '',
    timeoutMs: READ_TIMEOUT_MS,
  };
}

function coinifyClient(read: VariableReader): CoinifyClientOptions | null {
  const [url, token, tokenUrl] = ['COINIFY_API_URL', 'COINIFY_ACCESS_TOKEN', 'COINIFY_TOKEN_URL'] as const;
  const hasToken = read.isSet(token);
  if (hasToken && read.isSet(tokenUrl)) read.complain(token, `nothing, because ${tokenUrl} is set`, 'a value');
  if (!allOrNone(read, [url, hasToken ? token : tokenUrl])) return null;
  const accessToken = read.text(token);
  const credentials = accessToken === undefined ? { tokenUrl: read.url(tokenUrl) ?? '' } : { accessToken };
  return { apiUrl: read.url(url) ?? '', credentials, timeoutMs: READ_TIMEOUT_MS };
}

function operationsTokens(read: VariableReader): Readonly<Record<string, string>> | null {
  const name = 'OPERATIONS_TOKENS';
  const expected = 'JSON of names, each with a token such as {"alice":"…"}';
  const value = read.json(name, expected);
  if (value === undefined) return null;
  const entries = isRecord(value) ? Object.entries(value) : [];
  const good = entries.flatMap(([who, token]) =>
    who !== '' && typeof token === 'string' && token !== '' ? [[who, token] as const] : [],
  );
  if (good.length > 0 && good.length === entries.length) return Object.fromEntries(good);
  read.complain(name, expected, 'JSON of another shape');
  return null;
}

function secretList(read: VariableReader, name: string): readonly string[] | null {
  const value = read.text(name);
  if (value === undefined) return null;
  const secrets = value.split(',').map((secret) => secret.trim());
  if (!secrets.includes('')) return secrets;
  read.complain(name, 'secrets separated by commas, newest first', 'an empty one among them');
  return null;
}

/** The Temporal SDK's own variables; no profile file is read, which could point somewhere nobody meant. */
function temporalOf(read: VariableReader, environment: Environment): Configuration['temporal'] {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  );
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ disableFile: true, overrideEnvVars: given });
    return { connection: connectionOptions, namespace: namespace ?? 'default' };
  } catch (error) {
    read.complain(
      'TEMPORAL_*',
      'settings that @temporalio/envconfig accepts',
      error instanceof Error ? error.message : 'others',
    );
    return { connection: {}, namespace: 'default' };
  }
}

function workerOf(read: VariableReader): WorkerConfiguration {
  return {
    cachedWorkflows: read.number('WORKER_CACHED_WORKFLOWS', 1_000, 1, 1_000_000),
    readConcurrency: read.number('READ_CONCURRENCY', 20, 1, 1_000),
    readsPerSecond: read.number('READS_PER_SECOND', 50, 0.01, 100_000, false),
    metricsPort: optionalPort(read, 'WORKER_METRICS_PORT'),
    sdkMetricsPort: optionalPort(read, 'WORKER_SDK_METRICS_PORT'),
  };
}

function receiverOf(read: VariableReader): ReceiverConfiguration {
  return {
    host: read.text('RECEIVER_HOST') ?? '127.0.0.1',
    port: read.number('RECEIVER_PORT', 8080, 0, 65_535),
    publicUrl: read.url('RECEIVER_PUBLIC_URL') ?? null,
    bodyLimitBytes: read.number('RECEIVER_BODY_LIMIT_BYTES', 10_485_760, 1, 67_108_864),
    bodyTimeoutMs: read.number('RECEIVER_BODY_TIMEOUT_MS', 10_000, 1, 600_000),
  };
}

/** A worker has to read what its partners report: webhooks without a way to read are half a configuration there. */
function requireReading(
  read: VariableReader,
  command: Command,
  partner: string,
  on: boolean,
  names: readonly string[],
  readable: boolean,
): void {
  if (command !== 'work' || !on || readable || names.some((name) => read.isSet(name))) return;
  for (const name of names) read.complain(name, `a value, because ${partner}'s webhooks are configured`, 'nothing');
}

function logLevelOf(read: VariableReader): string {
  const level = read.text('LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(level))
    read.complain('LOG_LEVEL', `one of ${LOG_LEVELS.join(', ')}`, `"${level.slice(0, 20)}"`);
  return level;
}

function warningsOf(read: VariableReader, operationsPort: number | null): readonly string[] {
  const shared = read.isSet('OPERATIONS_TOKENS') && operationsPort === null;
  const bitpanda = ['BITPANDA_WEBHOOK_KEYS', 'BITPANDA_API_URL'].some((name) => read.isSet(name));
  return [
    ...(shared ? ['OPERATIONS_PORT is not set: the operations API is served on the port that partners reach'] : []),
    ...(bitpanda ? ['Bitpanda is configured but not served yet: its routes answer 404'] : []),
  ];
}

/**
 * Reads and checks every variable; throws `ConfigurationError` naming all bad ones. A partner none of whose webhook
 * variables are set is off. `receive` needs no way to read partners (it holds fewer secrets then); `work` does.
 */
export function readConfiguration(environment: Environment, command: Command): Configuration {
  const read = createVariableReader(environment);
  const tradevest = { webhookHeaders: tradevestHeaders(read), client: tradevestClient(read) };
  const coinify = { webhookSecrets: secretList(read, 'COINIFY_WEBHOOK_SECRETS'), client: coinifyClient(read) };
  requireReading(
    read,
    command,
    'Tradevest',
    read.isSet('TRADEVEST_WEBHOOK_HEADERS'),
    TRADEVEST_API,
    tradevest.client !== null,
  );
  requireReading(
    read,
    command,
    'Coinify',
    read.isSet('COINIFY_WEBHOOK_SECRETS'),
    ['COINIFY_API_URL', 'COINIFY_TOKEN_URL'],
    coinify.client !== null,
  );
  const hasAlerts = allOrNone(read, ['ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET']);
  const operationsPort = optionalPort(read, 'OPERATIONS_PORT');
  const configuration: Configuration = {
    databaseUrl: read.required('DATABASE_URL', 'the URL of a PostgreSQL database'),
    databasePoolSize: read.number('DATABASE_POOL_SIZE', 10, 1, 500),
    temporal: temporalOf(read, environment),
    taskQueue: read.text('TEMPORAL_TASK_QUEUE') ?? 'partnerflow',
    temporalUiUrl: read.url('TEMPORAL_UI_URL') ?? null,
    receiver: receiverOf(read),
    operationsTokens: operationsTokens(read),
    operationsPort,
    tradevest,
    coinify,
    alerts: hasAlerts
      ? { url: read.url('ALERT_WEBHOOK_URL') ?? '', secret: read.text('ALERT_WEBHOOK_SECRET') ?? '' }
      : null,
    policyFile: read.text('POLICY_FILE') ?? null,
    deadlineScale: read.number('DEADLINE_SCALE', 1, Number.MIN_VALUE, 1e9, false),
    worker: workerOf(read),
    logLevel: logLevelOf(read),
    warnings: warningsOf(read, operationsPort),
  };
  if (read.bad.length > 0) throw new ConfigurationError(read.bad);
  return configuration;
}
