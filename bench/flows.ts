import { randomUUID } from 'node:crypto';

import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

import { dataFolder } from '../src/development/folders';
import { startPostgres } from '../src/development/postgres';
import { startTemporal } from '../src/development/temporal';
import { createFlowStarter } from '../src/dispatch/flow-starter';
import { tradevestOrder } from '../src/domain/lifecycles/tradevest-order';
import type { Notification } from '../src/domain/notification';
import { decoders } from '../src/partners';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../src/policy';
import { setUpTemporal } from '../src/setup';
import { openDatabase } from '../src/store/database';
import { migrate } from '../src/store/migrate';
import { createWorkers } from '../src/worker-parts';
import { bareOrder, type BareActivities, done, status, trivial } from './baselines/workflows';
import { summarise, type Summary } from './summary';

const FLOWS = 120;
const CALLERS = 8;
const ROUNDS = 5;
const STATUSES = ['PLACED', 'FILLED', 'SETTLED'];

/** Runs so many flows to their end with a fixed number of callers; flows per second. */
async function perSecond(run: () => Promise<void>): Promise<number> {
  let left = FLOWS;
  const startMs = performance.now();
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await run();
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return FLOWS / ((performance.now() - startMs) / 1000);
}

async function baselineWorker(
  connection: NativeConnection,
  taskQueue: string,
  pool: pg.Pool,
  folder: string,
): Promise<Worker> {
  await pool.query('CREATE TABLE bare_orders (id text PRIMARY KEY, state text NOT NULL, deliveries text[] NOT NULL)');
  const activities: BareActivities = {
    readBare: () => Promise.resolve('SETTLED'),
    writeBare: async (id, state, deliveries) => {
      await pool.query(
        'INSERT INTO bare_orders VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET state = excluded.state, deliveries = excluded.deliveries',
        [id, state, deliveries],
      );
    },
  };
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('./baselines/workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  const codePath = join(folder, 'baseline-bundle.js');
  writeFileSync(codePath, code);
  return Worker.create({ connection, taskQueue, workflowBundle: { codePath }, activities: { ...activities } });
}

function notification(deliveryId: string, word: string): Notification {
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

interface Runs {
  readonly ours: () => Promise<void>;
  readonly trivial: () => Promise<void>;
  readonly handWritten: () => Promise<void>;
}

function runsOn(client: Client, ourQueue: string, baseQueue: string): Runs {
  const flows = createFlowStarter(client, ourQueue, 10_000);
  const policy = createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(tradevestOrder);
  return {
    ours: async () => {
      const id = randomUUID();
      const address = {
        key: { partner: 'tradevest', object: 'order', id },
        table: tradevestOrder,
        policy,
        stored: null,
      } as const;
      for (const word of STATUSES) await flows.signalWithStart(address, notification(randomUUID(), word));
      await client.workflow.getHandle(`tradevest:order:${id}`).result();
    },
    trivial: async () => {
      const options = { workflowId: randomUUID(), taskQueue: baseQueue, signal: done };
      await (await client.workflow.signalWithStart(trivial, options)).result();
    },
    handWritten: async () => {
      const id = randomUUID();
      for (const word of STATUSES) {
        const signalArgs: [{ deliveryId: string; status: string }] = [{ deliveryId: randomUUID(), status: word }];
        await client.workflow.signalWithStart(bareOrder, {
          workflowId: id,
          taskQueue: baseQueue,
          args: [id],
          signal: status,
          signalArgs,
        });
      }
      await client.workflow.getHandle(id).result();
    },
  };
}

/** Flows per second: an order with three webhooks to its settled end, beside a one-signal workflow and a hand-written order. */
export async function benchFlows(progress: (text: string) => void): Promise<Summary> {
  const folder = dataFolder(`bench-flows-${process.pid}`);
  const postgres = await startPostgres({ folder: join(folder, 'data') });
  const temporal = await startTemporal({ withUi: false });
  const connection = await Connection.connect({ address: temporal.address });
  const native = await NativeConnection.connect({ address: temporal.address });
  const database = openDatabase({ url: postgres.url, poolSize: 10 });
  const pool = new pg.Pool({ connectionString: postgres.url, max: 10 });
  const results: Record<string, number[]> = { ours: [], trivial: [], handWritten: [] };
  try {
    await migrate(database.kysely);
    await setUpTemporal(connection, 'default');
    const read = () =>
      Promise.resolve({
        kind: 'object',
        status: 'SETTLED',
        executions: [],
        quantityExecuted: true,
        reason: null,
      } as const);
    const workers = [
      ...(await createWorkers({
        connection: native,
        namespace: 'default',
        taskQueue: 'ours',
        workflowBundlePath: join(__dirname, '..', 'workflow-bundle.js'),
        database: database.kysely,
        readers: { tradevest: { read } },
        decisionMaker: null,
        confirmations: {},
        sweeps: {},
        decoders,
        alertWindowMs: 60_000,
        cachedWorkflows: 1_000,
        readConcurrency: 100,
        readsPerSecond: 100_000,
      })),
      await baselineWorker(native, 'baseline', pool, folder),
    ];
    const running = workers.map((worker) => worker.run());
    const runs = Object.entries(runsOn(new Client({ connection }), 'ours', 'baseline'));
    for (const [, run] of runs) await Promise.all(Array.from({ length: CALLERS * 3 }, run));
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [name, run] of runs) results[name]?.push(await perSecond(run));
      progress(`flows: round ${round} of ${ROUNDS}`);
    }
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  } finally {
    await connection.close();
    await native.close();
    await database.close();
    await pool.end();
    await temporal.stop();
    await postgres.stop();
  }
  return summarise('flows', 'flows per second with 8 callers', results);
}
