import { loadClientConnectConfig } from '@temporalio/envconfig';

import type { DecisionMaker } from '../../activities/decide-recurrence';
import { readOperationsTokens } from './secrets';
import { readWebhookTargets, type WebhookTargets } from './webhook-targets';
import type { RecordDays } from '../domain/termed-records';
import { readBodyRetention, readEncryptionKeys, readRecordRetention, readReferenceHashKey } from './privacy';
import { readTracing } from './tracing';
import type { Partner } from '../domain/partner';
import { charactersIn } from '../domain/plain-text';
import type { ConfiguredPartner } from '../partners/partner-module';
import { type Partners, withDecoders } from '../partners/partners';
import type { Policies } from '../domain/lifecycles/rules';
import { readAddressList } from '../partners/addresses';
import type { AddressList } from '../partners/authentication';
import { ConfigurationError, createVariableReader, type Environment, type VariableReader } from '../codecs/environment';
import { createPolicies } from './policy';
import { readPolicySettings } from './policy-file';
import type { EncryptionKey } from '../store/encryption';
import type { TracingConfiguration } from '../telemetry/tracing';
import type { TemporalClientOptions } from '../temporal/client';

/** Purpose of a process; it decides which variables the process cannot do without. */
export type Command = 'setup' | 'receive' | 'dispatch' | 'work' | 'operate';

/** Checked settings of a process. */
export interface Configuration extends WebhookTargets, TemporalClientOptions {
  readonly partners: Partners;
  /** Each of the partners as its variables configure it, whether it is on or off. */
  readonly configuredPartners: readonly ConfiguredPartner[];
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly taskQueue: string;
  readonly temporalUiUrl: string | null;
  readonly receiver: ReceiverConfiguration;
  readonly dispatcher: DispatcherConfiguration;
  /** Token by the name of its holder; null when /operations is off. */
  readonly operationsTokens: Readonly<Record<string, string>> | null;
  readonly operationsPort: number | null;
  /** Source of decisions on savings plans: a URL that is asked, `auto` confirms everything, null confirms nothing. */
  readonly savingsPlanDecision: DecisionMaker;
  /** Keys that encrypt bodies, newest first; null keeps them in clear. */
  readonly bodyKeys: readonly EncryptionKey[] | null;
  /** Key by which our own references are hashed, to be found again; null: none is found. */
  readonly referenceHashKey: Buffer | null;
  /** Days after which bodies are removed, by partner; bodies of an absent partner are kept for ever. */
  readonly bodyRetentionDays: Readonly<Record<Partner, number>>;
  readonly recordRetentionDays: RecordDays;
  readonly deadlineScale: number;
  /** Durations of everything, by the policy file and the scale. */
  readonly policies: Policies;
  readonly worker: WorkerConfiguration;
  /** Destination of spans; null when nothing is traced. */
  readonly tracing: TracingConfiguration | null;
  readonly logLevel: string;
  /** Sentences for the log at the start, about settings that are no errors. */
  readonly warnings: readonly string[];
}

/** Settings of the receiver alone. */
export interface ReceiverConfiguration {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  /** Proxies in front of us, whose `X-Forwarded-For` is believed; null for none. */
  readonly trustedProxies: AddressList | null;
  readonly bodyLimitBytes: number;
  readonly bodyTimeoutMs: number;
  /** False where it only keeps what it receives, because processes of their own dispatch it. */
  readonly dispatches: boolean;
}

/** Settings of a dispatcher that is a process of its own. */
export interface DispatcherConfiguration {
  /** Address on which the port below is opened. */
  readonly metricsHost: string;
  /** Port of the dispatcher's health and metrics; null for none. */
  readonly metricsPort: number | null;
}

/** Settings of the worker alone. */
export interface WorkerConfiguration {
  readonly cachedWorkflows: number;
  /** Number of reads at a time, per partner. */
  readonly readConcurrency: number;
  readonly readsPerSecond: number;
  /** Address on which the worker's ports below are opened. */
  readonly metricsHost: string;
  /** Port of the worker's health and metrics; null for none. */
  readonly metricsPort: number | null;
  /** Port of the Temporal SDK's own metrics; null for none. */
  readonly sdkMetricsPort: number | null;
}

/** Environment of this process; other modules are handed the settings they need. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Settings of the codec server for the Temporal Web UI. It has no access to the database. */
export interface CodecServerConfiguration {
  readonly host: string;
  readonly port: number;
  /** Scheme, host and port of the only page that may read its answers. */
  readonly uiOrigin: string;
  readonly keys: readonly EncryptionKey[];
  readonly logLevel: string;
}

/** Settings of `partnerflow codec-server`. Throws `ConfigurationError`. */
export function readCodecServerVariables(environment: Environment): CodecServerConfiguration {
  const read = createVariableReader(environment);
  read.required('TEMPORAL_UI_URL', 'the URL of the Temporal Web UI, the only page that may ask');
  read.required('TEMPORAL_PAYLOAD_KEYS', 'the keys that payloads are encrypted with');
  const uiUrl = read.url('TEMPORAL_UI_URL');
  const configuration = {
    host: read.text('CODEC_SERVER_HOST') ?? '127.0.0.1',
    port: read.number('CODEC_SERVER_PORT', 8081, 0, 65_535),
    uiOrigin: uiUrl === undefined ? '' : new URL(uiUrl).origin,
    keys: readEncryptionKeys(read, 'TEMPORAL_PAYLOAD_KEYS') ?? [],
    logLevel: logLevelOf(read),
  };
  if (read.bad.length > 0) throw new ConfigurationError(read.bad);
  return configuration;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function logLevelOf(read: VariableReader): string {
  return read.word('LOG_LEVEL', LOG_LEVELS, 'info');
}

type PolicyConfiguration = Pick<Configuration, 'deadlineScale' | 'policies'>;

/** Policy in force, without a database or a partner. Throws `ConfigurationError`. */
export function readPolicyVariables(environment: Environment, partners: Partners): PolicyConfiguration {
  const read = createVariableReader(environment);
  const variables = policyVariablesOf(read, partners);
  if (read.bad.length > 0) throw new ConfigurationError(read.bad);
  return variables;
}

/**
 * Policy in force. The file is checked here and not where the policy is used, so that its faults are named with all
 * others.
 */
function policyVariablesOf(read: VariableReader, { lifecycleTables }: Partners): PolicyConfiguration {
  const deadlineScale = read.number('DEADLINE_SCALE', 1, Number.MIN_VALUE, 1e9, false);
  const settings = readPolicySettings(read.text('POLICY_FILE') ?? null, lifecycleTables, ({ expected, found }) =>
    read.complain('POLICY_FILE', expected, found),
  );
  const usesPriority = read.word('TEMPORAL_PRIORITY', ['on', 'off'], 'off') === 'on';
  return { deadlineScale, policies: createPolicies(settings, deadlineScale, usesPriority) };
}

/** Address of Temporal, for commands that need nothing else. Throws `ConfigurationError`. */
export function readTemporalVariables(environment: Environment): TemporalClientOptions {
  const read = createVariableReader(environment);
  const temporal = temporalOf(read, environment);
  const payloadKeys = readEncryptionKeys(read, 'TEMPORAL_PAYLOAD_KEYS');
  if (read.bad.length > 0) throw new ConfigurationError(read.bad);
  return { temporal, payloadKeys };
}

/** Temporal SDK's own variables. No profile file is read, because it could point somewhere nobody meant. */
function temporalOf(read: VariableReader, environment: Environment): Configuration['temporal'] {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value === '' || name === 'TEMPORAL_PROFILE' ? [] : [[name, value]],
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

/**
 * Checked settings of a process. Throws `ConfigurationError` with every bad variable. A partner none of whose webhook
 * variables are set is off. `receive` needs no way to read partners (it holds fewer secrets then); `work` does.
 */
export function readConfiguration(environment: Environment, command: Command, partners: Partners): Configuration {
  const read = createVariableReader(environment);
  const configuredPartners = partners.modules.map((module) => module.configure(read));
  if (command === 'work') requireReading(read, partners);
  const operationsPort = optionalPort(read, 'OPERATIONS_PORT');
  const configuration: Configuration = {
    partners: withDecoders(partners, configuredPartners),
    configuredPartners,
    databaseUrl: databaseUrlOf(read),
    databasePoolSize: read.number('DATABASE_POOL_SIZE', 10, 1, 500),
    temporal: temporalOf(read, environment),
    taskQueue: read.text('TEMPORAL_TASK_QUEUE') ?? 'partnerflow',
    temporalUiUrl: read.url('TEMPORAL_UI_URL') ?? null,
    receiver: receiverOf(read),
    dispatcher: {
      metricsHost: read.text('DISPATCH_METRICS_HOST') ?? '127.0.0.1',
      metricsPort: optionalPort(read, 'DISPATCH_METRICS_PORT'),
    },
    operationsTokens: readOperationsTokens(read, 'OPERATIONS_TOKENS'),
    operationsPort,
    savingsPlanDecision: savingsPlanDecisionOf(read),
    ...readWebhookTargets(read),
    bodyKeys: readEncryptionKeys(read, 'BODY_ENCRYPTION_KEYS'),
    referenceHashKey: readReferenceHashKey(read, 'REFERENCE_HASH_KEY'),
    bodyRetentionDays: readBodyRetention(read, 'BODY_RETENTION', partners.names),
    recordRetentionDays: readRecordRetention(read, 'RECORD_RETENTION'),
    payloadKeys: readEncryptionKeys(read, 'TEMPORAL_PAYLOAD_KEYS'),
    ...policyVariablesOf(read, partners),
    worker: workerOf(read),
    tracing: readTracing(read),
    logLevel: logLevelOf(read),
    warnings: warningsOf(read, operationsPort),
  };
  if (read.bad.length > 0) throw new ConfigurationError(read.bad);
  return configuration;
}

/** Complaint about a partner that reports and cannot be read: a worker would call every flow of it unreachable. */
function requireReading(read: VariableReader, { modules }: Partners): void {
  for (const { variables } of modules) {
    const { webhooks, otherWebhooks = [], reads, needed } = variables;
    const given = [webhooks, ...otherWebhooks].find((name) => read.isSet(name));
    if (given === undefined || reads.some((name) => read.isSet(name))) continue;
    for (const name of needed) read.complain(name, `a value to read with, because ${given} is set`, 'nothing');
  }
}

function optionalPort(read: VariableReader, name: string): number | null {
  return read.isSet(name) ? read.number(name, 0, 0, 65_535) : null;
}

function databaseUrlOf(read: VariableReader): string {
  const expected = 'the URL of a PostgreSQL database, postgres://…';
  const given = read.required('DATABASE_URL', expected);
  const isUsable = URL.canParse(given) && ['postgres:', 'postgresql:'].includes(new URL(given).protocol);
  if (given !== '' && !isUsable) read.complain('DATABASE_URL', expected, `text of ${charactersIn(given)} characters`);
  return given;
}

function receiverOf(read: VariableReader): ReceiverConfiguration {
  return {
    host: read.text('RECEIVER_HOST') ?? '127.0.0.1',
    port: read.number('RECEIVER_PORT', 8080, 0, 65_535),
    publicUrl: read.url('RECEIVER_PUBLIC_URL') ?? null,
    trustedProxies: readAddressList(read, 'TRUSTED_PROXIES'),
    bodyLimitBytes: read.number('RECEIVER_BODY_LIMIT_BYTES', 10_485_760, 1, 67_108_864),
    bodyTimeoutMs: read.number('RECEIVER_BODY_TIMEOUT_MS', 10_000, 1, 600_000),
    dispatches: read.word('RECEIVER_DISPATCH', ['on', 'off'], 'on') === 'on',
  };
}

function savingsPlanDecisionOf(read: VariableReader): Configuration['savingsPlanDecision'] {
  const name = 'SAVINGS_PLAN_DECISION_URL';
  if (read.text(name) === 'auto') return 'auto';
  const url = read.url(name);
  return url === undefined ? null : { url };
}

function workerOf(read: VariableReader): WorkerConfiguration {
  return {
    cachedWorkflows: read.number('WORKER_CACHED_WORKFLOWS', 1_000, 1, 1_000_000),
    readConcurrency: read.number('READ_CONCURRENCY', 20, 1, 1_000),
    readsPerSecond: read.number('READS_PER_SECOND', 50, 0.01, 100_000, false),
    metricsHost: read.text('WORKER_METRICS_HOST') ?? '127.0.0.1',
    metricsPort: optionalPort(read, 'WORKER_METRICS_PORT'),
    sdkMetricsPort: optionalPort(read, 'WORKER_SDK_METRICS_PORT'),
  };
}

function warningsOf(read: VariableReader, operationsPort: number | null): readonly string[] {
  const shared = read.isSet('OPERATIONS_TOKENS') && operationsPort === null;
  return [
    ...(shared ? ['OPERATIONS_PORT is not set: the operations API is served on the port that partners reach'] : []),
  ];
}
