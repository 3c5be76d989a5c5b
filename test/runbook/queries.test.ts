import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';

import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import type { CorporateActionContent } from '../../src/domain/notification';
import { partsOfSetId } from '../../src/domain/lifecycles/corporate-actions/set-id';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import { ReadFailure } from '../../src/partners/reading';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { ensureSweeps } from '../../src/temporal/schedules';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { type Harness, openHarness, rowOf } from '../workflows/harness';
import { object } from '../workflows/contents';
import { blocks } from './runbook';

const ROOT = join(__dirname, '..', '..');

/** Due at once, and then a long wait on the first rung: what is overdue stays so while it is looked for. */
const AT_ONCE = 'PT0.3S';
const policies = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    ladder: [{ alert: false, wait: 'PT6H' }],
    due: {
      'tradevest:order': { PLACED: AT_ONCE },
      'bitpanda:corporate-action': { settle: AT_ONCE, answer: AT_ONCE, obligation: AT_ONCE },
    },
  },
  1,
);

function order(): SubjectKey {
  return { partner: 'tradevest', object: 'order', id: randomUUID() };
}

function holderSet(): SubjectKey {
  return { partner: 'bitpanda', object: 'corporate-action', id: `${randomUUID()}:${randomUUID()}` };
}

/** One movement of a set; money is an obligation. */
function movement(key: SubjectKey, type: string, instrument: string, amount: string): CorporateActionContent {
  const [corporateActionId = '', userId = ''] = key.id.split(':');
  const isObligation = instrument.startsWith('fiat:');
  const bare = { direction: null, assetGroup: 'stock', fee: null, value: null, alias: null };
  return {
    lifecycle: 'corporateAction',
    event: 'TEST',
    booking: {
      transactionId: randomUUID(),
      userId,
      corporateActionId,
      type,
      creditedAt: '2026-03-02T09:00:00Z',
      legs: [{ ...bare, leg: isObligation ? 'fiat' : 'asset', instrument, amount, isObligation }],
      mayGrow: false,
    },
  };
}

/** Workflow code with a mistake in it, as a bad release would bring it. */
async function brokenBundle(): Promise<string> {
  // Inside the project, so that packages are found; not below node_modules, where the bundler compiles nothing.
  mkdirSync(join(ROOT, '.partnerflow'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.partnerflow', 'broken-'));
  try {
    const workflowsPath = join(folder, 'index.js');
    writeFileSync(workflowsPath, "exports.order = async () => { throw new TypeError('a mistake of ours'); };\n");
    return (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') })).code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the queries of the runbook', () => {
  const keys = { slow: order(), unreachable: order(), inTime: order(), broken: holderSet(), unpaid: holderSet() };
  /** Of a set the flow that follows its whole corporate action. */
  const idOf = (name: keyof typeof keys): string => {
    const { object, id, ...key } = keys[name];
    const isSet = object === 'corporate-action';
    return workflowIdOf({ ...key, object, id: isSet ? partsOfSetId(id).corporateActionId : id });
  };
  const [terminated, failing] = [order(), order()];
  let temporal: RunningTemporal;
  let harness: Harness;
  let native: NativeConnection;
  let badWorker: Worker;
  let badRun: Promise<void>;
  /** After the first was due, and before the others were. */
  let moment = '';
  let sweeps: readonly string[] = [];
  let canAsk = true;

  async function listed(query: string): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { workflowId } of harness.client.workflow.list({ query })) ids.push(workflowId);
    return ids.sort();
  }

  const saw = (key: SubjectKey, part: object): Promise<void> =>
    eventually(async () => expect(await rowOf(harness, key)).toMatchObject(part));

  async function makeOverdue(): Promise<void> {
    harness.objects.set(keys.slow.id, () => object('PLACED'));
    harness.objects.set(keys.unreachable.id, () => {
      throw new ReadFailure('forbidden', 'not for us');
    });
    await harness.keep(keys.slow.id, 'PLACED');
    await saw(keys.slow, { overdue: true, finding: 'slow' });
    moment = new Date().toISOString();
    await harness.keep(keys.unreachable.id, 'PLACED');
    await harness.keep(keys.inTime.id, 'RECEIVED');
    for (const [instrument, amount] of [
      ['asset:1', '-10'],
      ['asset:1', '9'],
      ['asset:2', '5'],
    ] as const)
      await harness.tell(keys.broken, movement(keys.broken, 'spin_off', instrument, amount));
    await harness.tell(keys.unpaid, movement(keys.unpaid, 'dividend', 'fiat:1', '12.5'));
    await saw(keys.unreachable, { overdue: true, finding: 'unreachable' });
    await saw(keys.inTime, { overdue: false });
    await saw(keys.broken, { overdue: true, waiting_for: ['answer'] });
    await saw(keys.unpaid, { overdue: true, waiting_for: ['obligation'] });
  }

  async function terminateOne(): Promise<void> {
    await harness.keep(terminated.id, 'RECEIVED');
    await saw(terminated, { state: 'RECEIVED' });
    await harness.client.workflow.getHandle(workflowIdOf(terminated)).terminate('by hand');
  }

  /** One sweep that asked, and one that could not. */
  async function sweepTwice(): Promise<void> {
    const pace = { everyMs: 3_650 * 86_400_000, windowMs: 60_000 };
    await ensureSweeps(harness.client, harness.taskQueue, ['bitpanda'], pace);
    const schedule = harness.client.schedule.getHandle(`${harness.taskQueue}-sweep-bitpanda`);
    let lastMs = 0;
    for (const count of [1, 2]) {
      canAsk = count === 1;
      // The server names a sweep by the second it was started in.
      await eventually(() => expect(Date.now()).toBeGreaterThan(lastMs + 1_100));
      await schedule.trigger();
      lastMs = Date.now();
      await eventually(async () =>
        expect(await listed('WorkflowType = "sweep" AND ExecutionStatus = "Completed"')).toHaveLength(count),
      );
    }
    const { recentActions } = (await schedule.describe()).info;
    sweeps = recentActions.map(({ action }) => action.workflow.workflowId);
    expect(new Set(sweeps).size).toBe(2);
  }

  async function failTasks(): Promise<void> {
    const taskQueue = `broken-${randomUUID()}`;
    badWorker = await Worker.create({ connection: native, taskQueue, workflowBundle: { code: await brokenBundle() } });
    badRun = badWorker.run();
    const workflowId = workflowIdOf(failing);
    // Each failed task is tried again when its time is over: ten seconds unless it is said.
    await harness.client.workflow.start('order', { taskQueue, workflowId, workflowTaskTimeout: '1s' });
  }

  beforeAll(async () => {
    temporal = await startTemporal({ withUi: false });
    const connection = await connectionOf(temporal.address);
    await setUpOn(connection, 'default');
    await connection.close();
    native = await NativeConnection.connect({ address: temporal.address });
    harness = await openHarness({
      address: temporal.address,
      policies,
      partners: ['tradevest', 'bitpanda'],
      sweep: () =>
        canAsk ? Promise.resolve({ events: [] }) : Promise.reject(new ReadFailure('forbidden', 'not for us')),
    });
    await failTasks();
    await harness.startWorkers();
    harness.startDispatch();
    await makeOverdue();
    await terminateOne();
    await sweepTwice();
  }, 120_000);
  afterAll(async () => {
    badWorker.shutdown();
    await badRun;
    await harness.close();
    await native.close();
    await temporal.stop();
  });

  /** Which flows each query finds; a query that is added to the runbook gets a line here. */
  const FINDS: Readonly<Record<string, () => readonly string[]>> = {
    'Overdue = true': () => [idOf('slow'), idOf('unreachable'), idOf('broken'), idOf('unpaid')],
    'Overdue = true AND Partner = "tradevest"': () => [idOf('slow'), idOf('unreachable')],
    'Overdue = true AND DueAt < "<moment>"': () => [idOf('slow')],
    'WorkflowType = "sweep" AND Partner = "bitpanda"': () => sweeps,
    'Overdue = true AND Finding = "unreachable"': () => [idOf('unreachable')],
    'WorkflowType = "sweep" AND Finding = "unreachable"': () => sweeps.slice(-1),
    'WorkflowType = "corporateAction" AND Overdue = true AND WaitingFor = "answer"': () => [idOf('broken')],
    'WorkflowType = "corporateAction" AND Overdue = true AND WaitingFor = "obligation"': () => [idOf('unpaid')],
    'TemporalReportedProblems IS NOT NULL': () => [workflowIdOf(failing)],
    'ObjectId = "<id>"': () => [idOf('slow')],
    'ExecutionStatus IN ("Terminated", "Canceled", "Failed", "TimedOut") AND WorkflowType != "sweep"': () => [
      workflowIdOf(terminated),
    ],
  };
  const queries = blocks('visibility');

  test.each(queries)('%s finds exactly the flows it is for', async (query) => {
    expect(Object.keys(FINDS)).toContain(query);
    const filledIn = query.replace('<moment>', moment).replace('<id>', keys.slow.id);
    await eventually(async () => expect(await listed(filledIn)).toEqual([...(FINDS[query]?.() ?? [])].sort()), 45_000);
  });

  test('every link of the runbook holds one of its queries', () => {
    const links = blocks('link');
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) {
      const { pathname, searchParams } = new URL(link.replace('$TEMPORAL_UI_URL', 'http://ui.example'));
      expect(pathname).toBe('/namespaces/default/workflows');
      expect(queries).toContain(searchParams.get('query'));
    }
  });

  test('a sweep says in the UI what it found, or that the partner could not be asked', async () => {
    const shown = async (workflowId: string | undefined): Promise<unknown> =>
      harness.client.workflow.getHandle(workflowId ?? '').query('__temporal_workflow_metadata');
    expect(JSON.stringify(await shown(sweeps[0]))).toContain('had never arrived: **0**');
    expect(JSON.stringify(await shown(sweeps[1]))).toContain('bitpanda could not be asked**: forbidden');
    const schedule = harness.client.schedule.getHandle(`${harness.taskQueue}-sweep-bitpanda`);
    expect((await schedule.describe()).state.note).toContain('asks bitpanda what it has sent');
  });

  test('a schedule that an operator paused stays paused, with the operator’s reason, when a worker starts', async () => {
    const schedule = harness.client.schedule.getHandle(`${harness.taskQueue}-sweep-bitpanda`);
    await schedule.pause('the partner asked us to');
    await ensureSweeps(harness.client, harness.taskQueue, ['bitpanda'], { everyMs: 1e11, windowMs: 60_000 });
    expect((await schedule.describe()).state).toMatchObject({ paused: true, note: 'the partner asked us to' });
  });
});
