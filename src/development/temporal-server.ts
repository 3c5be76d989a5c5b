import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Connection } from '@temporalio/client';
import { ConstantBackoff, handleAll, retry } from 'cockatiel';
import { stringify } from 'yaml';

import { cacheFolder } from './folders';
import { DevelopmentServerError, lastLine, startGuarded } from './guarded-process';
import { freePort } from './ports';
import type { RunningTemporal } from './temporal';
import type { TemporalServerSettings } from './topology/compose-file';

/** Options of the server. */
export interface TemporalServerOptions {
  /** PostgreSQL that gets the server's two databases. */
  readonly databaseUrl: string;
  /** Folder for its configuration. */
  readonly folder: string;
  /** Version and dynamic configuration, as docker-compose.yml has them. */
  readonly settings: TemporalServerSettings;
  readonly progress: (text: string) => void;
}

/**
 * Temporal server as in production, on PostgreSQL, with all four of its services in one process: what differs from the
 * dev server shows here. Development only: no authentication, loopback.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<RunningTemporal> {
  const { server, sqlTool } = await builtServer(options.settings.version, options.progress);
  await createDatabases(sqlTool, options.databaseUrl);
  const ports = await freePorts();
  const process = startGuarded({
    command: server,
    arguments: ['--config-file', writeConfiguration(options, ports), '--allow-no-auth', 'start'],
    stopSignal: 'TERM',
  });
  let isOver = false;
  void process.ended.then(() => (isOver = true));
  const address = `127.0.0.1:${ports.frontend.grpcPort}`;
  const patiently = retry(
    handleAll.orWhen(() => !isOver),
    { maxAttempts: 300, backoff: new ConstantBackoff(200) },
  );
  try {
    await patiently.execute(() => answers(address));
  } catch {
    await process.stop();
    throw new DevelopmentServerError(`The Temporal server did not start: ${lastLine(process.output())}`);
  }
  const metricsUrl = `http://127.0.0.1:${ports.metricsPort}/metrics`;
  return { address, uiUrl: null, metricsUrl, stop: () => process.stop(), kill: () => process.kill() };
}

const MODULE = 'go.temporal.io/server';
const run = promisify(execFile);
/** A first build takes many minutes where there are few processors. */
const BUILD_TIMEOUT_MS = 3_600_000;

/** Paths of the server and its tool for databases: built once from the server's Go module, and kept. */
async function builtServer(
  version: string,
  progress: (text: string) => void,
): Promise<{ readonly server: string; readonly sqlTool: string }> {
  const folder = join(cacheFolder(), `temporal-server-${version}`);
  if (!existsSync(folder)) await build(version, folder, progress);
  return { server: join(folder, 'server'), sqlTool: join(folder, 'sql') };
}

async function build(version: string, folder: string, progress: (text: string) => void): Promise<void> {
  const packages = ['cmd/server', 'cmd/tools/sql'].map((path) => `${MODULE}/${path}@v${version}`);
  const target = mkdtempSync(join(cacheFolder(), 'build-'));
  progress(`building the Temporal server ${version} from its Go module; once, for some minutes`);
  try {
    await run('go', ['install', ...packages], {
      env: { ...process.env, GOBIN: target },
      timeout: BUILD_TIMEOUT_MS,
    });
    renameSync(target, folder);
  } catch (error) {
    rmSync(target, { recursive: true, force: true });
    const why = error instanceof Error ? lastLine(error.message) : 'unknown';
    throw new DevelopmentServerError(
      `The Temporal server ${version} could not be built (${why}). Install Go, as new as its go.mod asks for, and run ` +
        `this again; or build \`go install ${packages.join(' ')}\` elsewhere, and put both programs, \`server\` and ` +
        `\`sql\`, into ${folder}.`,
    );
  }
}

const PLUGIN = 'postgres12';
/** Databases of the server, with the folder of each one's schema in the tool. */
const DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' } as const;

async function createDatabases(sqlTool: string, databaseUrl: string): Promise<void> {
  const { hostname, port, username } = new URL(databaseUrl);
  for (const [database, schema] of Object.entries(DATABASES)) {
    const target = ['--plugin', PLUGIN, '--ep', hostname, '--port', port, '--user', username, '--db', database];
    await run(sqlTool, [...target, 'create', '--defaultdb', 'postgres']);
    await run(sqlTool, [...target, 'setup-schema', '--version', '0.0']);
    await run(sqlTool, [...target, 'update-schema', '--schema-name', `postgresql/v12/${schema}`]);
  }
}

interface ServicePorts {
  readonly grpcPort: number;
  readonly membershipPort: number;
}

interface Ports {
  readonly frontend: ServicePorts;
  readonly history: ServicePorts;
  readonly matching: ServicePorts;
  readonly worker: ServicePorts;
  readonly metricsPort: number;
}

async function freePorts(): Promise<Ports> {
  const two = async (): Promise<ServicePorts> => ({ grpcPort: await freePort(), membershipPort: await freePort() });
  return {
    frontend: await two(),
    history: await two(),
    matching: await two(),
    worker: await two(),
    metricsPort: await freePort(),
  };
}

/** Number of history shards; few, because one small machine is all there is. In production it can never be changed. */
const HISTORY_SHARDS = 4;

function writeConfiguration({ databaseUrl, folder, settings }: TemporalServerOptions, ports: Ports): string {
  mkdirSync(folder, { recursive: true });
  const dynamicPath = join(folder, 'dynamic.yaml');
  writeFileSync(dynamicPath, settings.dynamicConfiguration);
  const { host, username } = new URL(databaseUrl);
  const store = (databaseName: string, maxConns: number) => ({
    sql: {
      ...{ pluginName: PLUGIN, databaseName, connectAddr: host, connectProtocol: 'tcp', user: username, password: '' },
      ...{ maxConns, maxIdleConns: maxConns, maxConnLifetime: '1h' },
    },
  });
  const { metricsPort, ...services } = ports;
  const path = join(folder, 'temporal.yaml');
  writeFileSync(
    path,
    stringify({
      log: { stdout: true, level: 'error' },
      persistence: {
        ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: HISTORY_SHARDS },
        datastores: { default: store('temporal', 20), visibility: store('temporal_visibility', 10) },
      },
      global: {
        membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
        metrics: {
          prometheus: { framework: 'tally', timerType: 'histogram', listenAddress: `127.0.0.1:${metricsPort}` },
        },
      },
      services: Object.fromEntries(
        Object.entries(services).map(([name, own]) => [name, { rpc: { ...own, bindOnLocalHost: true } }]),
      ),
      clusterMetadata: {
        ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
        ...{ masterClusterName: 'active', currentClusterName: 'active' },
        clusterInformation: {
          active: {
            ...{ enabled: true, initialFailoverVersion: 1, rpcName: 'frontend' },
            rpcAddress: `127.0.0.1:${ports.frontend.grpcPort}`,
          },
        },
      },
      dynamicConfigClient: { filepath: dynamicPath, pollInterval: '60s' },
    }),
  );
  return path;
}

const CALL_TIMEOUT_MS = 2_000;

/** Promise that resolves when the frontend reaches the server's database, which is more than an open port. */
async function answers(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: CALL_TIMEOUT_MS });
  try {
    await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => connection.workflowService.listNamespaces({}));
  } finally {
    await connection.close();
  }
}
