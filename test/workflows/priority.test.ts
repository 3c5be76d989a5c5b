import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import type { SweepInput } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { freshKey, object, says } from './contents';
import { type Harness, openHarness } from './harness';

const OF_EACH = 3;
/** A placed order is overdue soon; everything else takes as long as ever. */
const POLICIES = createPolicies(
  { ...DEFAULT_POLICY_SETTINGS, due: { 'tradevest:order': { PLACED: 'PT1S' } } },
  1,
  true,
);

describe('what waits for a partner, on a server that orders task queues by priority', () => {
  let temporal: RunningTemporal;
  let harness: Harness;
  const asked: string[] = [];
  const names = new Map<string, string>();
  let letGo: () => void;
  beforeAll(async () => {
    temporal = await startTemporal({ withUi: false, ordersQueues: true, partitions: 1 });
    const connection = await connectionOf(temporal.address);
    await setUpOn(connection, 'default');
    await connection.close();
    harness = await openHarness({
      address: temporal.address,
      policies: POLICIES,
      readConcurrency: 1,
      sweep: () => {
        asked.push('sweep');
        return Promise.resolve({ events: [] });
      },
    });
    await harness.startWorkers();
    harness.startDispatch();
  }, 60_000);
  afterAll(async () => {
    letGo();
    await harness.close();
    await temporal.stop();
  });

  /** Orders whose reads all wait for the one slot, told one way. */
  async function orders(count: number, name: string, status: string): Promise<readonly SubjectKey[]> {
    const keys = Array.from({ length: count }, () => freshKey('tradevest', 'order'));
    for (const key of keys) {
      names.set(key.id, name);
      harness.objects.set(key.id, () => {
        asked.push(name);
        return object(status, { quantityExecuted: true });
      });
      await harness.tell(key, says('order', status));
    }
    return keys;
  }

  /** A task in the partner's queue, which nobody has taken yet. */
  async function waits(workflowId: string): Promise<void> {
    await eventually(async () => {
      const { raw } = await harness.client.workflow.getHandle(workflowId).describe();
      const types = raw.pendingActivities?.map(({ activityType, state }) => [activityType?.name, state]);
      expect(types).toMatchObject([[expect.stringMatching(/^(readObject|sweepPartner)$/), 1]]);
    });
  }

  /** The outcome is written where the read has not begun in time, and is asked for again with nothing riding. */
  async function untilWritten(keys: readonly SubjectKey[]): Promise<void> {
    await eventually(async () => {
      const rows = await harness.database.kysely
        .selectFrom('deliveries')
        .select('outcome')
        .where('workflow_id', 'in', keys.map(workflowIdOf))
        .execute();
      expect(rows.map(({ outcome }) => outcome)).toEqual(keys.map(() => 'applied'));
    });
  }

  test('is asked by how soon it is needed, whatever came first: agreement, fill, overdue, sweep', async () => {
    const held = freshKey('tradevest', 'order');
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
    harness.objects.set(held.id, () => isLetGo.then(() => object('FILLED', { quantityExecuted: true })));
    await harness.tell(held, says('order', 'FILLED'));
    await eventually(() => expect(harness.reads).toEqual([held.id]));

    const sweeps = Array.from({ length: OF_EACH }, (_, index) => `${harness.taskQueue}-swept-${String(index)}`);
    const input: SweepInput = { partner: 'tradevest', windowMs: 1_000, usesPriority: true };
    for (const workflowId of sweeps)
      await harness.client.workflow.start('sweep', { workflowId, taskQueue: harness.taskQueue, args: [input] });
    for (const workflowId of sweeps) await waits(workflowId);
    const told = [
      await orders(OF_EACH, 'overdue', 'PLACED'),
      await orders(OF_EACH, 'fill', 'FILLED'),
      await orders(OF_EACH, 'agreement', 'SETTLED'),
    ].flat();
    await untilWritten(told);
    for (const key of told) await waits(workflowIdOf(key));
    letGo();

    const expected = ['agreement', 'fill', 'overdue', 'sweep'].flatMap((name) =>
      Array.from({ length: OF_EACH }, () => name),
    );
    await eventually(() => expect(asked).toHaveLength(expected.length));
    expect(asked).toEqual(expected);
  }, 120_000);
});
