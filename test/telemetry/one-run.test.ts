import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { Client } from 'pg';

import { PARTNERS } from '../../src/partners';
import { bundleWorkflows } from '../../src/tools/bundle-workflows';
import { retryDelivery } from '../../src/store/deliveries/retry';
import { enqueue, wantOutcomes } from '../outbox/waiting';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';
import type { SentSpan } from './collector';
import { alertRules, allExpressions, dashboard, faultsOf } from './expressions';
import { exposedBy, samplesOf, valueOf } from './exposition';
import { COLLECTOR_CREDENTIALS, type OneRun, PARTNERS_TRACE, PLANTED, startOneRun, workflowIdOfOrder } from './one-run';

Runtime.install({ logger: new DefaultLogger('ERROR') });

describe('one run of a receiver and a worker, watched', () => {
  let run: OneRun;
  beforeAll(async () => {
    run = await startOneRun();
  });
  afterAll(() => run.close());

  function spansOf(deliveryId: string): readonly SentSpan[] {
    const { spans } = run.collector;
    const received = spans.find(
      ({ name, attributes }) => name === 'receive' && attributes['partnerflow.delivery_id'] === deliveryId,
    );
    return spans.filter(({ traceId }) => traceId === received?.traceId);
  }

  /** Spans are sent within seconds, by each process on its own. */
  async function traceOf(deliveryId: string, names: readonly string[]): Promise<readonly SentSpan[]> {
    return eventually(() => {
      const spans = spansOf(deliveryId);
      expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(names));
      return spans;
    });
  }

  function spanOf(spans: readonly SentSpan[], name: string): SentSpan {
    const found = spans.find((span) => span.name === name);
    if (found === undefined) throw new Error(`no span ${name}`);
    return found;
  }

  const linesAbout = (deliveryId: string) =>
    run.lines.map((line) => JSON.parse(line)).filter((line) => line.deliveryId === deliveryId);

  test('one trace leads from the reception of a delivery through dispatch and its flow to what was written, in two processes', async () => {
    const { placed } = run.deliveries;
    const spans = await traceOf(placed, ['receive', 'dispatch', 'fold', 'activity writeSubject']);
    const [received, dispatched] = [spanOf(spans, 'receive'), spanOf(spans, 'dispatch')];
    expect(received.parentSpanId).toBe('');
    expect(dispatched.parentSpanId).toBe(received.spanId);
    for (const name of ['fold', 'activity writeSubject'])
      expect(spanOf(spans, name).parentSpanId).toBe(dispatched.spanId);
    expect(Object.fromEntries(spans.map(({ name, service }) => [name, service]))).toEqual({
      receive: 'partnerflow-receiver',
      dispatch: 'partnerflow-receiver',
      fold: 'partnerflow-worker',
      'activity writeSubject': 'partnerflow-worker',
    });
    const workflowId = workflowIdOfOrder(run.orderId);
    for (const { name, attributes } of spans) {
      expect(attributes['partnerflow.partner']).toBe('tradevest');
      expect(attributes['partnerflow.workflow_id']).toBe(name === 'receive' ? undefined : workflowId);
    }
    expect(run.collector.credentials).toEqual(new Set([COLLECTOR_CREDENTIALS]));
  });

  test('a later delivery of the same flow has a trace of its own, with the read it led to and why that failed', async () => {
    const spans = await traceOf(run.deliveries.filled, [
      'receive',
      'dispatch',
      'fold',
      'activity readObject',
      'activity writeSubject',
    ]);
    expect(spanOf(spans, 'activity readObject').failure).toBe('undecodable');
    expect(spans.map(({ traceId }) => traceId)).not.toContain(spansOf(run.deliveries.placed)[0]?.traceId);
  });

  test('a trace that a partner claims to be in is a link, never a parent', async () => {
    const [received] = await traceOf(run.deliveries.parked, ['receive', 'dispatch']);
    expect(received?.traceId).not.toBe(PARTNERS_TRACE);
    expect(spanOf(spansOf(run.deliveries.parked), 'receive').links.map(({ traceId }) => traceId)).toEqual([
      PARTNERS_TRACE,
    ]);
    expect(run.collector.spans.map(({ traceId }) => traceId)).not.toContain(PARTNERS_TRACE);
  });

  test('what dispatch does with a delivery later, in another process, is in the trace it was received under', async () => {
    const { parked } = run.deliveries;
    await run.restartReceiver();
    expect(await retryDelivery(run.system.database.kysely, parked, 'tests')).toBe('retried');
    await eventually(() => expect(spansOf(parked).filter(({ name }) => name === 'dispatch')).toHaveLength(2));
    const attempts = spansOf(parked).map(({ attributes }) => attributes['partnerflow.attempt']);
    expect(attempts.sort()).toEqual([1, 2, undefined]);
  });

  test('nothing that was planted in bodies, headers, credentials and answers is in a span, a log line or a metric', async () => {
    const metrics = await run.metrics();
    const said = { spans: run.collector.raw(), lines: run.lines.join('\n'), ...metrics };
    for (const [where, text] of Object.entries(said)) {
      expect([where, text.length > 100]).toEqual([where, true]);
      expect([where, text.includes(PLANTED)]).toEqual([where, false]);
    }
  });

  test('every line of both processes is JSON with a time, a level, a process and a message', () => {
    const lines = run.lines.map((line) => JSON.parse(line));
    for (const line of lines)
      expect(line).toMatchObject({
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: expect.any(Number),
        process: expect.stringMatching(/^(receiver|worker)$/),
        msg: expect.any(String),
      });
    expect(lines.some(({ msg }) => msg === 'Failing workflow task')).toBe(true);
  });

  test('a delivery can be followed in the log by its id, its flow and its trace', () => {
    const { placed, filled, parked, repeated } = run.deliveries;
    const workflowId = workflowIdOfOrder(run.orderId);
    const traceId = spansOf(placed)[0]?.traceId;
    expect(linesAbout(placed)).toMatchObject([
      { level: 20, msg: 'kept', partner: 'tradevest', traceId },
      { level: 20, msg: 'decided', status: 'delivered', workflowId, traceId },
    ]);
    expect(linesAbout(repeated).at(-1)).toMatchObject({ msg: 'decided', status: 'duplicate' });
    expect(linesAbout(parked)[1]).toMatchObject({ level: 40, msg: 'parked: waits for somebody to retry it' });
    const failed = run.lines.map((line) => JSON.parse(line)).find(({ activity }) => activity === 'readObject');
    expect(failed).toMatchObject({
      level: 40,
      workflowId,
      failure: 'undecodable',
      msg: expect.stringContaining('failed'),
    });
    expect(failed.traceId).toBe(spansOf(filled)[0]?.traceId);
  });

  test('the metrics say what happened', async () => {
    const { receiver, worker } = await run.metrics();
    const balance = (term: string, partner: string) => valueOf(receiver, `partnerflow_balance_${term}`, { partner });
    expect(balance('received', 'tradevest')).toBe(4);
    expect(balance('applied', 'tradevest')).toBe(2);
    expect(balance('parked', 'tradevest')).toBe(2);
    expect(balance('rejected', 'tradevest')).toBeGreaterThan(0);
    expect(balance('duplicate', 'coinify')).toBe(1);
    expect(balance('received', 'bitpanda')).toBe(0);
    for (const partner of ['tradevest', 'coinify', 'bitpanda'])
      expect(valueOf(receiver, 'partnerflow_balanced', { partner })).toBe(1);
    expect(valueOf(receiver, 'partnerflow_open_flows', { partner: 'tradevest', lifecycle: 'order' })).toBe(1);
    expect(valueOf(receiver, 'partnerflow_alerts_raised', { partner: 'tradevest', finding: 'parked' })).toBeGreaterThan(
      0,
    );
    expect(valueOf(receiver, 'partnerflow_task_queue_pollers', { queue: 'main', kind: 'workflow' })).toBeGreaterThan(0);
    expect(valueOf(receiver, 'partnerflow_task_queue_pollers', { queue: 'coinify' })).toBeGreaterThan(0);
    expect(valueOf(worker, 'partnerflow_reads_total', { partner: 'tradevest', result: 'undecodable' })).toBeGreaterThan(
      0,
    );
    expect(valueOf(worker, 'partnerflow_read_seconds_count', { partner: 'tradevest' })).toBeGreaterThan(0);
    expect(valueOf(worker, 'partnerflow_worker_polls')).toBe(1);
  });

  test('a message that was given up is counted by the receiver, beside those that wait', async () => {
    const { kysely } = run.system.database;
    await wantOutcomes(kysely);
    await enqueue(kysely, 'tradevest:order:told', 1, 2);
    await kysely.updateTable('outbox').set({ state: 'dead' }).where('body', 'like', '%"n":1%').execute();
    await eventually(async () => {
      const { receiver } = await run.metrics();
      const count = (state: string) => valueOf(receiver, 'partnerflow_outbox_messages', { target: 'outcomes', state });
      expect([count('dead'), count('waiting')]).toEqual([1, 1]);
    });
  });

  test('dashboard and alert rules ask only for metrics, labels and values that the processes print', async () => {
    const { receiver, worker, sdk } = await run.metrics();
    const exposed = exposedBy([receiver, worker, sdk]);
    const expressions = allExpressions();
    expect(expressions.length).toBeGreaterThan(40);
    expect(faultsOf(expressions, exposed)).toEqual([]);
    const planted = [
      'sum(partnerflow_deliveries_keppt_total)',
      'partnerflow_open_flows{partnr="tradevest"}',
      'partnerflow_overdue_flows{finding="unreachble"}',
      'sum by (parntner) (partnerflow_open_flows)',
      'sum(partnerflow_open_flows',
      'partnerflow_worker_polls',
    ].map((text, index) => ({ where: `planted ${String(index)}`, text, shown: ['partner'] }));
    expect(faultsOf(planted, exposed)).toEqual([
      'planted 0: nobody prints partnerflow_deliveries_keppt_total',
      'planted 0: no label partner',
      'planted 1: partnerflow_open_flows has no label partnr',
      'planted 2: partnerflow_overdue_flows has no finding="unreachble"',
      'planted 3: no label parntner',
      'planted 4: no PromQL after sum(partnerflow_open_flows',
      'planted 5: no label partner',
    ]);
  });

  test('labels come from fixed lists: no id of a delivery, flow or object is in any', async () => {
    const { receiver, worker } = await run.metrics();
    const values = [receiver, worker].flatMap(samplesOf).flatMap(({ labels }) => Object.values(labels));
    const ids = [run.orderId, ...Object.values(run.deliveries), '4711'];
    expect(values.filter((value) => ids.some((id) => value.includes(id)))).toEqual([]);
  });

  test('a history with traces, of a flow that began without, replays with the interceptor and without it', async () => {
    const history = await run.system.client.workflow.getHandle(workflowIdOfOrder(run.orderId)).fetchHistory();
    const signals =
      history.events?.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal ?? []) ?? [];
    expect(signals.map(({ header }) => Object.keys(header?.fields ?? {}))).toEqual([
      ['_tracer-data'],
      ['_tracer-data'],
    ]);
    const parts = { root: join(__dirname, '..', '..'), partnerFolders: PARTNERS.modules.map(({ folder }) => folder) };
    const entryPath = join(parts.root, '.partnerflow', `untraced-entry-${String(process.pid)}.js`);
    const code = await bundleWorkflows({ ...parts, entryPath, untraced: true });
    const without = join(tmpdir(), `partnerflow-untraced-${String(process.pid)}.js`);
    writeFileSync(without, code);
    for (const codePath of [testServers().workflowBundlePath, without])
      await expect(Worker.runReplayHistory({ workflowBundle: { codePath } }, history)).resolves.toBeUndefined();
  });

  test('while the database is away the metrics are served all the same, and say so', async () => {
    const name = new URL(run.system.databaseUrl).pathname.slice(1);
    const client = new Client({ connectionString: testServers().databaseUrl });
    await client.connect();
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
    await eventually(async () => {
      const { receiver } = await run.metrics();
      expect(valueOf(receiver, 'partnerflow_store_readable', { part: 'standing' })).toBe(0);
      expect(samplesOf(receiver).filter((sample) => sample.name === 'partnerflow_open_flows')).toEqual([]);
      expect(valueOf(receiver, 'partnerflow_deliveries_kept_total', { partner: 'bitpanda' })).toBe(0);
    });
  });
});

describe('the rules and the dashboard', () => {
  test('each rule says how bad it is, what it means, and where in the runbook to go on', () => {
    const anchors = new Set(
      [
        'overdue',
        'unreachable',
        'parked',
        'unbalanced',
        'breaks',
        'workflow-task-failures',
        'receiver-not-keeping',
      ].concat('backlog', 'outbox', 'stuck', 'body-key'),
    );
    const rules = alertRules();
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(page|ticket)$/)]);
      expect([alert, annotations.summary?.length, annotations.description?.length]).toEqual([
        alert,
        expect.any(Number),
        expect.any(Number),
      ]);
      const [path, anchor = ''] = annotations.runbook?.split('#') ?? [];
      expect([alert, path, anchors.has(anchor)]).toEqual([alert, 'docs/runbook.md', true]);
    }
    for (const anchor of anchors)
      expect([anchor, rules.some(({ annotations }) => annotations.runbook?.endsWith(`#${anchor}`))]).toEqual([
        anchor,
        true,
      ]);
  });

  test('each panel has a title of its own and says what it shows', () => {
    const { panels, templating } = dashboard();
    expect(templating.list.find(({ name }) => name === 'partner')?.query).toBe('tradevest,coinify,bitpanda');
    const titles = panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { title, type, description = '' } of panels)
      expect([title, type === 'row' || description.length > 5]).toEqual([title, true]);
  });
});
