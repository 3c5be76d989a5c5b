import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Connection } from '@temporalio/client';

import { dataFolder } from '../src/development/folders';
import { freePort } from '../src/development/ports';
import { startPostgres } from '../src/development/postgres';
import { startTemporalProxy, type TemporalProxy } from '../src/development/temporal-proxy';
import { type ServiceProcess, startService } from '../src/development/topology/service-process';
import { type Database, openDatabase } from '../src/store/database';
import { migrate } from '../src/store/migrate';
import { setUpTemporal } from '../src/temporal/setup';
import { createDatabase } from './databases';
import { startBenchTemporal } from './temporal';

/** Servers of one benchmark of dispatch, its own and removed afterwards. */
export interface DispatchServers {
  /** Between every process below and Temporal, where it is not given the server's own address. */
  readonly proxy: TemporalProxy;
  readonly temporalAddress: string;
  /** An empty database with our tables. */
  database(name: string): Promise<Database & { readonly url: string }>;
  /** The URL of an empty database without any tables. */
  emptyDatabase(name: string): Promise<string>;
  /** Starts a part of partnerflow as a process of its own, as `partnerflow` itself does; ready when it is healthy. */
  start(command: 'dispatch' | 'receive', environment: Readonly<Record<string, string>>): Promise<Started>;
  close(): Promise<void>;
}

/** A part that runs. */
export interface Started {
  readonly url: string;
  stop(): Promise<unknown>;
}

/** Tries before a delivery is parked: few, so that a round does not wait for minutes. */
const POLICY = { dispatchTries: 3 };
const STOP_GRACE_MS = 20_000;

/** PostgreSQL, Temporal and a proxy before it. No worker runs: dispatch is measured alone. */
export async function openDispatchServers(): Promise<DispatchServers> {
  const folder = dataFolder(`bench-dispatch-${process.pid}`);
  const postgres = await startPostgres({ folder: join(folder, 'data') });
  const temporal = await startBenchTemporal(postgres.url, folder);
  const connection = await Connection.connect({ address: temporal.address });
  await setUpTemporal(connection, 'default');
  await connection.close();
  const proxy = await startTemporalProxy(temporal.address);
  const policyFile = join(folder, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(POLICY));
  const running = new Set<ServiceProcess>();
  const databases = new Set<Database>();
  return {
    proxy,
    temporalAddress: temporal.address,
    async database(name) {
      const url = await createDatabase(postgres.url, name);
      const database = openDatabase({ url, poolSize: 2, queryTimeoutMs: 120_000 });
      databases.add(database);
      await migrate(database.kysely);
      return { ...database, url };
    },
    emptyDatabase: (name) => createDatabase(postgres.url, name),
    async start(command, environment) {
      const port = String(await freePort());
      const service = startService({
        name: command,
        arguments: [command],
        environment: {
          TEMPORAL_ADDRESS: proxy.address,
          POLICY_FILE: policyFile,
          LOG_LEVEL: 'error',
          RECEIVER_PORT: port,
          DISPATCH_METRICS_PORT: port,
          ...environment,
        },
        healthUrl: `http://127.0.0.1:${port}/health/ready`,
        stopGraceMs: STOP_GRACE_MS,
      });
      running.add(service);
      await service.healthy();
      return { url: `http://127.0.0.1:${port}`, stop: () => service.stop() };
    },
    async close() {
      await Promise.all([...running].map((service) => service.stop()));
      await Promise.all([...databases].map((database) => database.close()));
      await proxy.stop();
      await temporal.stop();
      await postgres.stop();
    },
  };
}
