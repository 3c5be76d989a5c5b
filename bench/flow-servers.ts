import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';

import { dataFolder } from '../src/development/folders';
import { startPostgres } from '../src/development/postgres';
import type { Notification } from '../src/domain/notification';
import { PARTNERS } from '../src/partners';
import type { PartnerReader } from '../src/partners/reading';
import { setUpTemporal } from '../src/temporal/setup';
import { type Database, openDatabase } from '../src/store/database';
import { migrate } from '../src/store/migrate';
import { IN_CLEAR } from '../src/store/encryption';
import { createWorkers } from '../src/processes/worker-parts';
import { startBenchTemporal } from './temporal';

/** Servers of one benchmark of flows, its own and removed afterwards. */
export interface FlowServers {
  readonly client: Client;
  readonly native: NativeConnection;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly folder: string;
  /** Workers of partnerflow on the task queue `ours`. */
  workers(read: Readonly<Record<string, PartnerReader>>): Promise<readonly Worker[]>;
  close(): Promise<void>;
}

/** PostgreSQL and Temporal, migrated and set up. */
export async function openFlowServers(): Promise<FlowServers> {
  const folder = dataFolder(`bench-flows-${process.pid}`);
  const postgres = await startPostgres({ folder: join(folder, 'data') });
  const temporal = await startBenchTemporal(postgres.url, folder);
  const connection = await Connection.connect({ address: temporal.address });
  const native = await NativeConnection.connect({ address: temporal.address });
  const database = openDatabase({ url: postgres.url, poolSize: 10 });
  await migrate(database.kysely);
  await setUpTemporal(connection, 'default');
  return {
    client: new Client({ connection }),
    native,
    database,
    databaseUrl: postgres.url,
    folder,
    workers: (read) =>
      createWorkers({
        connection: native,
        namespace: 'default',
        taskQueue: 'ours',
        workflowBundlePath: join(__dirname, '..', 'workflow-bundle.js'),
        database: database.kysely,
        lifecycleTables: PARTNERS.lifecycleTables,
        readPartners: PARTNERS.modules.flatMap((module) => {
          const client = read[module.name];
          return client === undefined ? [] : [{ ...module, client }];
        }),
        decisionMaker: null,
        alertWindowMs: 60_000,
        precisions: {},
        encryption: IN_CLEAR,
        cachedWorkflows: 1_000,
        readConcurrency: 100,
        readsPerSecond: 100_000,
      }),
    close: async () => {
      await connection.close();
      await native.close();
      await database.close();
      await temporal.stop();
      await postgres.stop();
    },
  };
}

/** Notification with nothing but a status. */
export function notification(deliveryId: string, word: string): Notification {
  return {
    lifecycle: 'order',
    event: 'BENCH',
    status: word,
    reason: null,
    executions: [],
    readHints: {},
    deliveryId,
    receivedAt: new Date().toISOString(),
    contradictsEarlier: false,
  };
}
