import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';

import { developmentReferenceKey } from '../src/development/body-key';
import { developmentCredentials } from '../src/development/credentials';
import { writeDemoPolicy } from '../src/development/demo-policy';
import { dataFolder } from '../src/development/folders';
import { type KillablePostgres, startKillablePostgres } from '../src/development/killable-postgres';
import { createOperationsClient, type OperationsClient } from '../src/development/operations-client';
import { freePort } from '../src/development/ports';
import { startSimulators, type Simulators } from '../src/development/simulators';
import { startTemporal } from '../src/development/temporal';
import { startService, type ServiceCommand } from '../src/development/topology/service-process';
import { stackVariables } from '../src/development/variables';
import { createCleanupStack } from '../src/lib/cleanup-stack';
import { type Database, openDatabase } from '../src/store/database';
import { type Bank, startBank } from './bank';
import type { Plan } from './plan';
import { type Proxy, startProxy } from './proxy';

/** Process of ours that is started again whenever it ends, as in production. */
export interface Kept {
  /** Process id; null between an end and the next start. */
  pid(): number | null;
  /** End by `kill -9` or SIGTERM, and the next start after the given time. */
  end(how: 'kill' | 'stop', forMs: number): Promise<void>;
}

/** Everything of a run: servers, proxies before them, our processes, partners and the bank. */
export interface Place {
  readonly postgres: KillablePostgres;
  readonly killTemporal: (forMs: number) => Promise<void>;
  readonly proxies: Readonly<Record<'database' | 'temporal' | 'partners', readonly Proxy[]>>;
  readonly processes: Readonly<Record<'receiver' | 'dispatcher' | 'worker', Kept>>;
  readonly bank: Bank;
  readonly simulators: Simulators;
  readonly operations: OperationsClient;
  readonly operationsUrl: string;
  readonly operationsToken: string;
  /** Past the proxies. */
  readonly database: Database;
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly stop: () => Promise<void>;
}

/** Due time that scripts count in. */
const DUE_MS = 7_000;

/** Waits of a partner that insists, for half a minute and more. */
const INSISTING_DUE: readonly number[] = Array.from({ length: 60 }, (_, index) => Math.min(0.15, 0.02 * (index + 1)));

/** Started place; the plan's seed makes the ids of the partners' objects. */
export async function openPlace({ seed, partnersInsist }: Plan): Promise<Place> {
  const cleanup = createCleanupStack();
  try {
    const folder = mkdtempSync(join(tmpdir(), 'partnerflow-chaos-'));
    cleanup.add(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
    const data = dataFolder(`chaos-${process.pid}-${Date.now()}`);
    cleanup.add(() => Promise.resolve(rmSync(data, { recursive: true, force: true })));
    const postgres = await startKillablePostgres({ folder: data });
    cleanup.add(() => postgres.stop());
    const temporal = await startKillableTemporal(join(folder, 'temporal.db'));
    cleanup.add(() => temporal.stop());
    const [beforeDatabase, beforeTemporal] = await Promise.all([startProxy(postgres.port), startProxy(temporal.port)]);
    cleanup.add(() => beforeDatabase.stop());
    cleanup.add(() => beforeTemporal.stop());
    const secret = `chaos-${seed}`;
    const bank = await startBank(secret);
    cleanup.add(() => bank.stop());
    const credentials = developmentCredentials({});
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const options = {
      ...{ deliverTo: url, dueMs: DUE_MS, seed: `chaos-${seed}` },
      ...(partnersInsist ? { retryWaitsDue: INSISTING_DUE } : {}),
    };
    const simulators = await startSimulators({}, credentials, options, cleanup);
    const beforePartners = await proxiesOf(simulators);
    for (const { proxy } of beforePartners) cleanup.add(() => proxy.stop());
    const taskQueue = `chaos-${seed}`;
    const environment = {
      ...throughProxies(stackVariables({}, credentials, simulators), beforePartners),
      DATABASE_URL: withPort(postgres.url, beforeDatabase.port),
      TEMPORAL_ADDRESS: `127.0.0.1:${beforeTemporal.port}`,
      TEMPORAL_TASK_QUEUE: taskQueue,
      TEMPORAL_PRIORITY: 'on',
      RECEIVER_PORT: String(port),
      POLICY_FILE: policyFile(folder),
      REFERENCE_HASH_KEY: developmentReferenceKey(null),
      OUTBOX_WEBHOOK_URL: bank.url,
      OUTBOX_WEBHOOK_SECRET: secret,
      OUTBOX_TYPES: '*',
      OUTBOX_TIMEOUT_MS: '2000',
      LOG_LEVEL: 'silent',
    };
    await setUp(environment);
    const keep = (name: string, healthUrl: string | null): Kept => {
      const kept = keepRunning({ name, arguments: [name], environment, healthUrl, stopGraceMs: 20_000 });
      cleanup.add(() => kept.stop());
      return kept;
    };
    const processes = {
      receiver: keep('receive', `${url}/health/live`),
      dispatcher: keep('dispatch', null),
      worker: keep('work', null),
    };
    const database = openDatabase({ url: postgres.url, poolSize: 3 });
    cleanup.add(() => database.close());
    const connection = Connection.lazy({ address: temporal.address });
    cleanup.add(() => connection.close());
    return {
      postgres,
      killTemporal: temporal.killFor,
      proxies: {
        database: [beforeDatabase],
        temporal: [beforeTemporal],
        partners: beforePartners.map(({ proxy }) => proxy),
      },
      processes,
      bank,
      simulators,
      operations: createOperationsClient(url, credentials.operationsToken),
      operationsUrl: url,
      operationsToken: credentials.operationsToken,
      database,
      temporal: new Client({ connection }),
      taskQueue,
      stop: () => cleanup.stop(),
    };
  } catch (error) {
    await cleanup.stop();
    throw error;
  }
}

/** Tries of dispatch before a delivery is parked: more than faults of some seconds can use up. */
const DISPATCH_TRIES = 40;

function policyFile(folder: string): string {
  const path = writeDemoPolicy(folder, DUE_MS);
  const policy: object = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...policy, dispatchTries: DISPATCH_TRIES }));
  return path;
}

async function setUp(environment: Readonly<Record<string, string>>): Promise<void> {
  const service = startService({
    ...{ name: 'setup', arguments: ['setup'], environment, healthUrl: null, stopGraceMs: 60_000 },
  });
  const code = await service.ended;
  if (code !== 0) throw new Error(`partnerflow setup ended with ${String(code)}`);
}

interface BeforePartner {
  /** Address of the partner, and of the proxy before it. */
  readonly origin: string;
  readonly throughProxy: string;
  readonly proxy: Proxy;
}

function proxiesOf(simulators: Simulators): Promise<readonly BeforePartner[]> {
  const urls = Object.values(simulators).flatMap((simulator) => (simulator === null ? [] : [simulator.url]));
  return Promise.all(
    urls.map(async (origin) => {
      const proxy = await startProxy(Number(new URL(origin).port));
      return { origin, throughProxy: withPort(origin, proxy.port).replace(/\/$/, ''), proxy };
    }),
  );
}

function throughProxies(
  variables: Readonly<Record<string, string>>,
  before: readonly BeforePartner[],
): Readonly<Record<string, string>> {
  const through = (value: string): string =>
    before.reduce((text, { origin, throughProxy }) => text.replaceAll(origin, throughProxy), value);
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, through(value)]));
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

/** Temporal that may be killed, and goes on from its file on the same port. */
async function startKillableTemporal(databaseFile: string) {
  const port = await freePort();
  const start = () => startTemporal({ withUi: false, ordersQueues: true, databaseFile, port });
  let running = await start();
  return {
    port,
    address: running.address,
    killFor: async (forMs: number) => {
      await running.kill();
      await delay(forMs);
      running = await start();
    },
    stop: () => running.stop(),
  };
}

const PAUSE_BEFORE_RESTART_MS = 500;

function keepRunning(command: ServiceCommand): Kept & { readonly stop: () => Promise<void> } {
  const over = new AbortController();
  let pauseMs = PAUSE_BEFORE_RESTART_MS;
  let service = startService(command);
  const running = (async () => {
    for (;;) {
      await service.ended;
      await delay(pauseMs);
      pauseMs = PAUSE_BEFORE_RESTART_MS;
      if (over.signal.aborted) return;
      service = startService(command);
    }
  })();
  return {
    pid: () => service.pid ?? null,
    end: async (how, forMs) => {
      pauseMs = forMs;
      await (how === 'kill' ? service.kill() : service.stop());
    },
    stop: async () => {
      over.abort();
      await service.stop();
      await running;
    },
  };
}
