import { randomUUID } from 'node:crypto';

import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, type NativeConnection, Worker } from '@temporalio/worker';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

import { createFlowStarter } from '../src/temporal/flow-client';
import { tradevestOrder } from '../src/partners/tradevest/lifecycles/order';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../src/config/policy';
import { bareOrder, type BareActivities, done, status, trivial } from './baselines/workflows';
import { notification, openFlowServers, perSecond } from './flow-servers';
import { summarise, type Summary } from './summary';

const FLOWS = 120;
const CALLERS = 8;
const ROUNDS = 5;
const STATUSES = ['PLACED', 'FILLED', 'SETTLED'];

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
  const servers = await openFlowServers();
  const pool = new pg.Pool({ connectionString: servers.databaseUrl, max: 10 });
  const results: Record<string, number[]> = { ours: [], trivial: [], handWritten: [] };
  try {
    const read = () =>
      Promise.resolve({
        kind: 'object',
        status: 'SETTLED',
        executions: [],
        quantityExecuted: true,
        reason: null,
      } as const);
    const workers = [
      ...(await servers.workers({ tradevest: { read } })),
      await baselineWorker(servers.native, 'baseline', pool, servers.folder),
    ];
    const running = workers.map((worker) => worker.run());
    const runs = Object.entries(runsOn(servers.client, 'ours', 'baseline'));
    for (const [, run] of runs) await Promise.all(Array.from({ length: CALLERS * 3 }, run));
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [name, run] of runs) results[name]?.push(await perSecond(FLOWS, CALLERS, run));
      progress(`flows: round ${round} of ${ROUNDS}`);
    }
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  } finally {
    await pool.end();
    await servers.close();
  }
  return summarise('flows', 'flows per second with 8 callers', results);
}
