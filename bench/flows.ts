import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';

import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, type NativeConnection, Worker } from '@temporalio/worker';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

import { createFlowStarter } from '../src/temporal/flow-client';
import { tradevestOrder } from '../src/partners/tradevest/lifecycles/order';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../src/config/policy';
import { bareOrder, type BareActivities, done, status, trivial } from './baselines/workflows';
import { type BesideOptions, compare, type Comparison, type Measure } from './beside';
import { endChild, nextNumber, startChild } from './child';
import { perSecond } from './drive';
import { notification, openFlowServers } from './flow-servers';
import { CALLERS, FLOWS, orderRun, SETTLED_READER, STATUSES } from './orders';
import { summarise, type Summary } from './summary';

const ROUNDS = 5;
const UNITS = 'flows per second with 8 callers';
const OUR_PARTS = { createFlowStarter, createPolicies, DEFAULT_POLICY_SETTINGS, notification, tradevestOrder };

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
  return {
    ours: orderRun(client, ourQueue, OUR_PARTS),
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
    const workers = [
      ...(await servers.workers({ tradevest: SETTLED_READER })),
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
  return summarise('flows', UNITS, results);
}

/** Flows per second of our orders beside another checkout's, each a process with servers of its own. */
export async function flowsBeside(options: BesideOptions): Promise<Comparison> {
  const own = join(options.folder, 'dist', 'bench', 'our-orders.js');
  const theirs = existsSync(own) ? own : join(__dirname, 'baselines', 'orders-of-0.2.0.js');
  const children: ChildProcess[] = [];
  const open = async (file: string, words: readonly string[]): Promise<Measure> => {
    const child = startChild(file, words, {});
    children.push(child);
    await nextNumber(child, 'measured');
    return () => {
      child.send('measure');
      return nextNumber(child, 'measured');
    };
  };
  try {
    const sides = {
      ours: await open(join(__dirname, 'our-orders.js'), []),
      theirs: await open(theirs, [options.folder]),
    };
    return await compare({ name: 'flows', units: UNITS }, sides, options);
  } finally {
    await Promise.all(children.map(endChild));
  }
}
