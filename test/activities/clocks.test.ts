import { randomUUID } from 'node:crypto';

import { createConfirmationActivities } from '../../activities/confirm-recurrence';
import { createReadActivities } from '../../activities/read-object';
import { createSweepActivities } from '../../activities/sweep-partner';
import { unannounced } from '../../src/domain/lifecycles/savings-plan/recurrence';
import { later } from '../../src/domain/moments';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import { type Database, openDatabase } from '../../src/store/database';
import { IN_CLEAR } from '../../src/store/encryption';
import { migrate } from '../../src/store/migrate';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';
import { inActivity } from '../support/in-activity';
import { decoders, lifecycleTableOf } from '../support/partners';

const MINUTES_MS = 60_000;

let fresh: FreshDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 2 });
  await migrate(database.kysely);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});
beforeEach(() => database.kysely.deleteFrom('deliveries').execute());
afterEach(() => jest.useRealTimers());

/** Moves this process's clock, as a worker's may be off; timers go on as they are. */
function shiftClock(shiftMs: number): void {
  jest.useFakeTimers({ now: Date.now() + shiftMs, advanceTimers: true, doNotFake: ['nextTick', 'setImmediate'] });
}

/** A delivery that waits for dispatch, as a receiver with another clock stamped it. */
async function keep(receivedAt: Date, workflowId: string | null): Promise<void> {
  const body = Buffer.from(randomUUID());
  await keepDelivery(database.kysely, {
    partner: 'tradevest',
    received_at: receivedAt,
    body,
    workflow_id: workflowId,
  });
}

describe('a lost webhook', () => {
  const key: SubjectKey = { partner: 'tradevest', object: 'order', id: randomUUID() };
  const workflowId = workflowIdOf(key);
  const table = lifecycleTableOf('tradevest', 'order');

  /** Whether a read that finds the object moved on may call it missed; deliveries may come while the partner answers. */
  async function isBehind(during: () => Promise<void> = () => Promise.resolve()): Promise<boolean> {
    const reader = {
      read: async () => {
        await during();
        return { kind: 'object', status: 'FILLED', executions: [], quantityExecuted: true, reason: null } as const;
      },
    };
    const activities = createReadActivities({
      encryption: IN_CLEAR,
      ...{ database: database.kysely, reader, lifecycles: table === undefined ? [] : [table], alertWindowMs: 1_000 },
    });
    const request = { key, workflowId, purpose: 'overdue', readHints: {}, write: null } as const;
    const { result } = await inActivity({}, () => activities.readObject(request));
    return result?.backlog === true;
  }

  test.each([
    ['ten minutes behind', -10],
    ['right', 0],
    ['ten minutes ahead', 10],
  ])('is none while a delivery waits, with the worker’s clock %s of the receiver’s', async (_name, minutes) => {
    await keep(new Date(), workflowId);
    shiftClock(minutes * MINUTES_MS);
    expect(await isBehind()).toBe(true);
  });

  test.each([
    ['ten minutes behind', -10],
    ['ten minutes ahead', 10],
  ])('is none while one waits that nobody could decode, with the worker’s clock %s', async (_name, minutes) => {
    await keep(new Date(), null);
    shiftClock(minutes * MINUTES_MS);
    expect(await isBehind()).toBe(true);
  });

  test('is one though a delivery arrives during the read, whatever time its receiver gives', async () => {
    expect(await isBehind(() => keep(new Date(Date.now() - 10 * MINUTES_MS), workflowId))).toBe(false);
  });
});

describe('a confirmation', () => {
  const now = new Date().toISOString();
  const confirmAt = async (deadline: string, scheduledAt: string): Promise<string> => {
    const activities = createConfirmationActivities(() => Promise.resolve('confirmed'));
    const info = { currentAttemptScheduledTimestampMs: Date.parse(scheduledAt) };
    const recurrence = { ...unannounced('r1'), deadline };
    const key = { partner: 'bitpanda', object: 'savings-plan', id: 'p1' };
    const answer = await inActivity(info, () => activities.confirmRecurrence({ key, recurrence }));
    return answer.kind;
  };

  test('is sent while the server’s clock has not reached the deadline, though the worker’s has', async () => {
    shiftClock(30 * MINUTES_MS);
    expect(await confirmAt(later(now, 10 * MINUTES_MS), now)).toBe('confirmed');
  });

  test('is not sent once the server’s clock has passed it, though the worker’s has not', async () => {
    shiftClock(-30 * MINUTES_MS);
    expect(await confirmAt(later(now, -10 * MINUTES_MS), now)).toBe('not confirmed');
  });
});

describe('a sweep that flows share', () => {
  test('is not shared with one whose set moved after it, though the worker’s clock is ahead', async () => {
    let asked = 0;
    const activities = createSweepActivities({
      ...{
        database: database.kysely,
        partner: 'bitpanda',
        decoder: decoders.bitpanda,
        alertWindowMs: 60_000,
        encryption: IN_CLEAR,
      },
      sweep: () => {
        asked += 1;
        return Promise.resolve({ events: [] });
      },
    });
    const now = new Date().toISOString();
    shiftClock(30 * MINUTES_MS);
    const sweepAt = (scheduledAt: string, notBefore: string) => {
      const info = { currentAttemptScheduledTimestampMs: Date.parse(scheduledAt) };
      const window = { from: later(now, -MINUTES_MS), to: scheduledAt, notBefore };
      return inActivity(info, () => activities.sweepPartner(window));
    };
    await sweepAt(now, now);
    await sweepAt(later(now, 2_000), now);
    expect(asked).toBe(1);
    await sweepAt(later(now, 3_000), later(now, 1_000));
    expect(asked).toBe(2);
  });
});
