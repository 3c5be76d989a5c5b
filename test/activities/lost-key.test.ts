import { randomUUID } from 'node:crypto';

import { MockActivityEnvironment } from '@temporalio/testing';

import { createJudgeActivities } from '../../activities/judge-set';
import { createReadActivities } from '../../activities/read-object';
import { createSweepActivities } from '../../activities/sweep-partner';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { workflowIdOf } from '../../src/domain/subject-key';
import { type Database, openDatabase } from '../../src/store/database';
import { bodyBinding, createEncryption, IN_CLEAR } from '../../src/store/encryption';
import { migrate } from '../../src/store/migrate';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';
import { decoders, lifecycleTables } from '../support/partners';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;

/** Runs an activity as a worker does. */
function run<Result>(activity: () => Promise<Result>): Promise<Result> {
  return new MockActivityEnvironment().run<[], Result, () => Promise<Result>>(activity);
}

describe('a body under a lost key', () => {
  let fresh: FreshDatabase;
  let database: Database;
  beforeEach(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ url: fresh.url, poolSize: 4 });
    await migrate(database.kysely);
  });
  afterEach(async () => {
    await database.close();
    await fresh.drop();
  });

  async function keepUnderLostKey(ageMs: number): Promise<void> {
    const id = randomUUID();
    const lost = createEncryption([{ id: 'lost', key: Buffer.alloc(32, 7) }]);
    const { bytes, keyName } = lost.encrypt(Buffer.from('{}'), bodyBinding(id));
    await keepDelivery(database.kysely, {
      ...{ id, partner: 'bitpanda', route: 'corporate-actions', received_at: new Date(Date.now() - ageMs) },
      ...{ body: bytes, body_key: keyName },
    });
  }

  /** What a set, a sweep and an overdue read of the same partner make of it. */
  async function held(): Promise<{ judging: boolean; sweeping: boolean; missed: boolean }> {
    const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);
    const [caId, userId, orderId] = [randomUUID(), randomUUID(), randomUUID()];
    const judge = createJudgeActivities(database.kysely, policies);
    const set = { partner: 'bitpanda', object: 'corporate-action', id: `${caId}:${userId}` };
    const sweeps = createSweepActivities({
      ...{
        database: database.kysely,
        partner: 'bitpanda',
        decoder: decoders.bitpanda,
        alertWindowMs: 60_000,
        encryption: IN_CLEAR,
      },
      sweep: () => Promise.resolve({ events: [{ route: 'unheard-of', body: Buffer.from('{}') }] }),
    });
    const reads = createReadActivities({
      encryption: IN_CLEAR,
      database: database.kysely,
      reader: { read: () => Promise.resolve({ kind: 'absent' }) },
      lifecycles: lifecycleTables,
      alertWindowMs: policies.alertWindowMs,
    });
    const order = { partner: 'bitpanda', object: 'order', id: orderId };
    const window = { from: new Date(0).toISOString(), to: new Date().toISOString() };
    const read = await run(() =>
      reads.readObject({
        ...{ key: order, workflowId: workflowIdOf(order), purpose: 'overdue', readHints: {}, write: null, deeds: [] },
      }),
    );
    const judged = await run(() => judge.judgeSet({ key: set, asked: 'reached' }));
    const swept = await run(() => sweeps.sweepPartner(window));
    return {
      judging: judged.kind === 'later',
      sweeping: swept.waitsForBacklog,
      missed: read.result?.backlog === true,
    };
  }

  test('that is 30 days old holds up nothing: sets are judged, sweeps report, what is missed is called so', async () => {
    await keepUnderLostKey(30 * DAY_MS);
    expect(await held()).toEqual({ judging: false, sweeping: false, missed: false });
  });

  test('that came within the hour may be of any subject: all three wait', async () => {
    await keepUnderLostKey(60_000);
    expect(await held()).toEqual({ judging: true, sweeping: true, missed: true });
  });
});
