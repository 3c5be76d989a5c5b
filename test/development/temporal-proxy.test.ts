import { randomUUID } from 'node:crypto';

import {
  Client,
  Connection,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';

import { startTemporalProxy, type TemporalFault, type TemporalProxy } from '../../src/development/temporal-proxy';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';

/** For a call that is to be answered, and for one that is not. */
const [PATIENT_MS, SOON_MS] = [30_000, 2_000];
const CODES = Array.from({ length: 16 }, (_, index) => index + 1);

describe('a proxy before Temporal', () => {
  let proxy: TemporalProxy;
  let through: Client;
  let direct: Client;
  beforeEach(async () => {
    const { temporalAddress } = testServers();
    proxy = await startTemporalProxy(temporalAddress);
    through = new Client({ connection: await Connection.connect({ address: proxy.address }) });
    direct = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
  });
  afterEach(async () => {
    await Promise.all([through.connection.close(), direct.connection.close()]);
    await proxy.stop();
  });

  const signal = (workflowId: string, deadlineMs = PATIENT_MS): Promise<unknown> =>
    through.withDeadline(Date.now() + deadlineMs, () =>
      through.workflow.signalWithStart('nobody', { workflowId, taskQueue: 'nobody', signal: 'news' }),
    );
  const breakFor = (workflowId: string, fault: TemporalFault): void =>
    proxy.use((call) => (call.workflowId === workflowId ? fault : null));

  /** The gRPC code that the call failed with; null where it did not. */
  async function codeOf(call: Promise<unknown>): Promise<number | null> {
    try {
      await call;
      return null;
    } catch (error) {
      // What the SDK makes of NOT_FOUND and ALREADY_EXISTS.
      if (error instanceof WorkflowNotFoundError) return 5;
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 6;
      const cause = error instanceof Error ? error.cause : error;
      if (isGrpcServiceError(cause)) return cause.code;
      throw error;
    }
  }

  /** Whether the server has a flow of this id; it ends then. */
  async function hasStarted(workflowId: string): Promise<boolean> {
    try {
      await direct.workflow.getHandle(workflowId).terminate();
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  test('hands on what it is not told to harm, and counts it', async () => {
    const workflowId = randomUUID();
    expect(await codeOf(signal(workflowId))).toBeNull();
    expect(await codeOf(signal(workflowId))).toBeNull();
    expect(proxy.callsOf(workflowId)).toBe(2);
    await expect(through.workflow.getHandle(randomUUID()).describe()).rejects.toThrow(WorkflowNotFoundError);
    expect(await hasStarted(workflowId)).toBe(true);
  });

  test('refuses the chosen flows alone, each with its gRPC code, until it is told to stop', async () => {
    const poisoned = new Map<string, number>(CODES.map((code) => [randomUUID(), code]));
    const other = randomUUID();
    proxy.use(({ workflowId }) => {
      const code = poisoned.get(workflowId ?? '');
      return code === undefined ? null : { kind: 'refuse', code };
    });
    const said = await Promise.all([...poisoned.keys()].map((workflowId) => codeOf(signal(workflowId, SOON_MS))));
    expect(await codeOf(signal(other))).toBeNull();
    // The SDK tries again what may pass, until the deadline.
    expect(said.filter((code, index) => code !== CODES[index] && code !== 4)).toEqual([]);
    expect(new Set(said).size).toBeGreaterThan(8);
    expect([...poisoned.keys()].map((workflowId) => proxy.callsOf(workflowId))).not.toContain(0);
    const hasAny = (await Promise.all([...poisoned.keys()].map(hasStarted))).includes(true);
    expect(hasAny).toBe(false);
    proxy.use(() => null);
    const [poison = ''] = poisoned.keys();
    expect(await codeOf(signal(poison))).toBeNull();
    expect([await hasStarted(poison), await hasStarted(other)]).toEqual([true, true]);
  });

  test('delays beyond the deadline, after which the server never hears of the call', async () => {
    const workflowId = randomUUID();
    breakFor(workflowId, { kind: 'delay', ms: SOON_MS + 500 });
    expect(await codeOf(signal(workflowId, SOON_MS))).toBe(4);
    proxy.use(() => null);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await hasStarted(workflowId)).toBe(false);
  });

  test('delays a little, and the call goes through', async () => {
    const workflowId = randomUUID();
    breakFor(workflowId, { kind: 'delay', ms: 50 });
    expect(await codeOf(signal(workflowId))).toBeNull();
    expect(await hasStarted(workflowId)).toBe(true);
  });

  test('cuts the connection, and a client that comes back is served', async () => {
    const [poison, other] = [randomUUID(), randomUUID()];
    breakFor(poison, { kind: 'cut' });
    expect(await codeOf(signal(poison, SOON_MS))).not.toBeNull();
    expect(await hasStarted(poison)).toBe(false);
    expect(await codeOf(signal(other))).toBeNull();
    expect(await hasStarted(other)).toBe(true);
  });

  test('loses the answer after the server did the work', async () => {
    const workflowId = randomUUID();
    breakFor(workflowId, { kind: 'lose-answer' });
    expect(await codeOf(signal(workflowId, SOON_MS))).toBe(4);
    await eventually(async () => expect(await hasStarted(workflowId)).toBe(true));
  });
});
