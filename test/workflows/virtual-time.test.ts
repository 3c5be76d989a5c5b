import { randomUUID } from 'node:crypto';

import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import type { Reading } from '../../src/domain/reading';
import type { SubjectWrite } from '../../src/domain/subject-write';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { setUpTemporal } from '../../src/temporal/setup';
import { type FlowInput, notificationSignal, type ReadRequest } from '../../workflows/contract';
import { testServers } from '../support/servers';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const HOUR_MS = 3_600_000;

function object(status: string): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted: status === 'PLACED' ? null : true, reason: null };
}

/** The flow alone on the time-skipping server: days pass in milliseconds; store and partner are functions of the test. */
describe('days of an order in virtual time', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    const executable = { type: 'existing-path', path: testServers().testServerPath } as const;
    environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    await setUpTemporal(environment.connection, 'default').catch(() => undefined);
  });
  afterAll(() => environment.teardown());

  async function live(
    truth: (atMs: number) => Reading,
    script: (flow: { readonly say: (status: string, atHours: number) => void }) => void,
  ) {
    const taskQueue = randomUUID();
    const id = randomUUID();
    const writes: SubjectWrite[] = [];
    const reads: ReadRequest[] = [];
    const startMs = await environment.currentTimeMs();
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue,
      workflowBundle: { codePath: testServers().workflowBundlePath },
      activities: {
        writeSubject: (write: SubjectWrite) => {
          writes.push(write);
          return Promise.resolve({ kind: 'written', version: write.expectedVersion + 1 });
        },
      },
    });
    const reader = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: `${taskQueue}-tradevest`,
      activities: {
        readObject: async (request: ReadRequest) => {
          reads.push(request);
          if (request.write !== null) writes.push(request.write);
          const write = request.write === null ? null : { kind: 'written', version: request.write.expectedVersion + 1 };
          return { write, result: { reading: truth((await environment.currentTimeMs()) - startMs), backlog: false } };
        },
      },
    });
    const client: Client = environment.client;
    const input: FlowInput = {
      key: { partner: 'tradevest', object: 'order', id },
      policy: createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(tradevestOrder),
      stored: null,
      expectedBy: null,
      foldedDeliveries: [],
    };
    const says: { status: string; atHours: number }[] = [];
    script({ say: (status, atHours) => says.push({ status, atHours }) });
    const runs = [worker.run(), reader.run()];
    const handle = await client.workflow.start('order', {
      workflowId: `tradevest:order:${id}`,
      taskQueue,
      args: [input],
    });
    for (const { status, atHours } of says) {
      const waitMs = startMs + atHours * HOUR_MS - (await environment.currentTimeMs());
      if (waitMs > 0) await environment.sleep(waitMs);
      await handle.signal(notificationSignal, {
        lifecycle: 'order',
        event: 'TEST',
        status,
        reason: null,
        executions: [],
        readHints: {},
        deliveryId: `${status} at ${atHours}`,
        receivedAt: new Date().toISOString(),
        contradictsEarlier: false,
      });
    }
    const result = await handle.result();
    for (const one of [worker, reader]) one.shutdown();
    await Promise.all(runs);
    return { result, writes, reads };
  }

  test('a lost FILLED is found a business day later, and the order still settles', async () => {
    const { result, writes } = await live(
      (atMs) => object(atMs < 2 * HOUR_MS ? 'PLACED' : atMs < 90 * HOUR_MS ? 'FILLED' : 'SETTLED'),
      ({ say }) => {
        say('PLACED', 1);
        say('SETTLED', 90);
      },
    );
    expect(result).toMatchObject({ state: 'SETTLED', end: { by: 'partner' } });
    expect(result.findings.map(({ finding }: { finding: string }) => finding)).toEqual(['missed']);
    expect(writes.reduce((sum, { recovered }) => sum + recovered, 0)).toBe(1);
  });

  test('an order whose partner sends nothing for weeks is read again and again until it has settled', async () => {
    const { result, reads, writes } = await live(
      (atMs) => object(atMs < 24 * 24 * HOUR_MS ? 'PLACED' : 'SETTLED'),
      ({ say }) => {
        say('PLACED', 1);
      },
    );
    expect(result).toMatchObject({ state: 'SETTLED', end: { by: 'read' } });
    expect(result.findings.map(({ finding }: { finding: string }) => finding)).toEqual(['slow', 'missed']);
    expect(reads.length).toBeGreaterThan(20);
    expect(writes.flatMap(({ alerts }) => alerts)).toEqual(['slow', 'slow', 'missed']);
  });
});
