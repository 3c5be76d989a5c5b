import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import type { Partner } from '../../src/domain/partner';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import type { Reading } from '../../src/domain/reading';
import { ReadFailure } from '../../src/partners/reading';
import { replayHistories } from '../../src/replay/replay-histories';
import { refetchUpdate } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';
import { freshKey, object, planSays, says, upcoming } from '../workflows/contents';
import { type Harness, openHarness, rowOf } from '../workflows/harness';
import { withFoldedAlerts } from '../support/folded-alerts';

/** More than a partner's task queue has slots. */
const MORE_THAN_SLOTS = 25;
const HOUR_MS = 3_600_000;
const POLICIES = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    alertWindow: 'PT0.001S',
    due: { 'bitpanda:savings-plan': { 'confirmation margin': 'PT3S' } },
  },
  1,
);

/** Reads that give nothing until the partner is let go. */
interface Hang {
  readonly reading: (later: Reading) => () => Promise<Reading>;
  end(): void;
}

function hang(): Hang {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  return { reading: (later) => () => over.then(() => later), end: () => end() };
}

describe('a partner that hangs on every read', () => {
  let harness: Harness;
  let hanging: Hang;
  const confirmed: string[] = [];
  let confirm: () => Promise<'confirmed' | 'not confirmed'>;
  beforeEach(async () => {
    hanging = hang();
    confirmed.length = 0;
    confirm = () => Promise.resolve('confirmed');
    harness = await openHarness({
      policies: POLICIES,
      partners: ['tradevest', 'bitpanda'],
      decisionMaker: 'auto',
      confirm: (transactionId) => {
        confirmed.push(transactionId);
        return confirm();
      },
    });
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterEach(async () => {
    hanging.end();
    await harness.close();
  });

  /** Has every slot for the partner's reads taken by one that hangs, with more of them waiting. */
  async function fillSlots(
    partner: Partner,
    lifecycle: 'order' | 'transfer',
    status: string,
  ): Promise<readonly SubjectKey[]> {
    const keys = Array.from({ length: MORE_THAN_SLOTS }, () => freshKey(partner, lifecycle));
    for (const key of keys) {
      harness.objects.set(key.id, hanging.reading(object(status, { quantityExecuted: true })));
      await harness.tell(key, says(lifecycle, status));
    }
    await eventually(() => expect(harness.reads).toHaveLength(20));
    return keys;
  }

  /** The flows as they are, in the middle of a read, go on from their histories. */
  async function expectReplayable(): Promise<void> {
    const query = `TaskQueue = "${harness.taskQueue}"`;
    const histories = harness.client.workflow.list({ query }).intoHistories({ concurrency: 4 });
    const reasons: (string | null)[] = [];
    const target = { bundlePath: testServers().workflowBundlePath };
    for await (const { reason } of replayHistories(target, histories)) reasons.push(reason);
    expect(reasons.length).toBeGreaterThanOrEqual(MORE_THAN_SLOTS);
    expect(reasons.filter((reason) => reason !== null)).toEqual([]);
  }

  async function untilOutcomes(keys: readonly SubjectKey[], expected: readonly string[]): Promise<void> {
    const ids = keys.map(workflowIdOf);
    await eventually(async () => {
      const rows = await harness.database.kysely
        .selectFrom('deliveries')
        .select(['workflow_id', 'outcome'])
        .where('workflow_id', 'in', ids)
        .orderBy('position')
        .execute();
      const outcomesOf = (id: string) => rows.filter((row) => row.workflow_id === id).map(({ outcome }) => outcome);
      expect(ids.map(outcomesOf)).toEqual(ids.map(() => expected));
    }, 20_000);
  }

  test('delays no outcome: those behind its slots are written as well as those that come during a read', async () => {
    const keys = await fillSlots('tradevest', 'order', 'FILLED');
    await untilOutcomes(keys, ['applied']);
    for (const key of keys) await harness.tell(key, says('order', 'FILLED'));
    await untilOutcomes(keys, ['applied', 'repeated']);
    expect(new Set(harness.reads).size).toBe(20);
    await expectReplayable();
    hanging.end();
    await eventually(() => expect(new Set(harness.reads).size).toBe(MORE_THAN_SLOTS));
    await eventually(async () => {
      const rows = await Promise.all(keys.map((key) => rowOf(harness, key)));
      expect(rows.map(({ waiting_for }) => waiting_for)).toEqual(keys.map(() => ['SETTLED']));
    });
  });

  test('delays no other partner', async () => {
    await fillSlots('tradevest', 'order', 'FILLED');
    const other = freshKey('bitpanda', 'order');
    harness.objects.set(other.id, () => object('finished'));
    await harness.tell(other, says('order', 'finished'));
    await untilOutcomes([other], ['applied']);
    await eventually(async () => expect(await rowOf(harness, other)).toMatchObject({ open: false }));
  });

  test('that only fails once is asked again, with the write still along: one activity in all', async () => {
    const key = freshKey('tradevest', 'order');
    harness.objects.set(key.id, () => {
      if (harness.reads.length === 1) throw new ReadFailure('server-error', 'once');
      return object('FILLED', { quantityExecuted: true });
    });
    await harness.tell(key, says('order', 'FILLED'));
    await eventually(() => expect(harness.reads).toHaveLength(2));
    const handle = harness.client.workflow.getHandle(workflowIdOf(key));
    await eventually(async () => expect((await handle.describe()).raw.pendingActivities).toHaveLength(0));
    const { events } = await handle.fetchHistory();
    const activities = (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
    );
    expect(activities).toEqual(['readObject']);
  });

  /** A savings plan that waits for an answer of a read. */
  async function planBeingRead(): Promise<SubjectKey> {
    const plan = freshKey('bitpanda', 'savings-plan');
    await harness.tell(plan, planSays({ kind: 'final', transactionId: 'r0', status: 'finished', reason: null }));
    await eventually(async () => expect(await rowOf(harness, plan)).toMatchObject({ waiting_for: ['upcoming'] }));
    harness.objects.set(plan.id, hanging.reading(object('active')));
    const handle = harness.client.workflow.getHandle(workflowIdOf(plan));
    await handle.executeUpdate(refetchUpdate, { args: [{ by: 'tester', reason: 'to have it read' }] });
    await eventually(async () => expect((await handle.describe()).raw.pendingActivities).toHaveLength(1));
    return plan;
  }

  async function recurrencesOf(plan: SubjectKey) {
    return (await rowOf(harness, plan)).subject?.recurrences ?? [];
  }

  test('delays none of its own confirmations, not even of a plan whose own read hangs', async () => {
    await fillSlots('bitpanda', 'transfer', 'finished');
    const read = await planBeingRead();
    const other = freshKey('bitpanda', 'savings-plan');
    await harness.tell(read, planSays(upcoming('r1', HOUR_MS, 7 * 24 * HOUR_MS)));
    await harness.tell(other, planSays(upcoming('r2', HOUR_MS, 7 * 24 * HOUR_MS)));
    await eventually(() => expect([...confirmed].sort()).toEqual(['r1', 'r2']), 20_000);
    await eventually(async () => {
      const [last] = (await recurrencesOf(read)).slice(-1);
      expect(last).toMatchObject({ transactionId: 'r1', decision: 'confirm' });
      expect(last?.confirmedAt).not.toBeNull();
    }, 20_000);
    await expectReplayable();
  });

  test('and on confirmations as well, is alerted before the deadline', async () => {
    const plan = await planBeingRead();
    confirm = () =>
      hanging
        .reading(object(''))()
        .then(() => 'not confirmed' as const);
    await harness.tell(plan, planSays(upcoming('r1', 8_000, 7 * 24 * HOUR_MS)));
    await eventually(async () => {
      const alerts = await (
        await withFoldedAlerts(harness.database.kysely)
      )
        .selectFrom('alerts')
        .select(['finding', 'window_start'])
        .execute();
      const [unconfirmed] = alerts.filter(({ finding }) => finding === 'unconfirmed');
      const deadline = (await recurrencesOf(plan)).slice(-1)[0]?.deadline ?? '';
      expect(unconfirmed?.window_start.getTime()).toBeLessThan(Date.parse(deadline));
    }, 20_000);
  });
});
