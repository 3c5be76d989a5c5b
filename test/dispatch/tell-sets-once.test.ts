import { randomUUID } from 'node:crypto';

import { type Dispatcher, startDispatcher } from '../../src/dispatch/dispatcher';
import { claimUnnotified } from '../../src/store/corporate-actions/state';
import type { FlowStarter } from '../../src/temporal/flow-client';
import { type Database, openDatabase } from '../../src/store/database';
import { type Harness, openHarness, outcomes } from '../workflows/harness';

import { DISPATCH_LIMITS } from '../support/dispatch';
import { eventually } from '../support/eventually';

jest.setTimeout(120_000);

const LIMITS = { ...DISPATCH_LIMITS, pollMs: 20 };
const MANY = 600;

describe('several dispatchers beside many sets whose flows have to hear of them', () => {
  let harness: Harness;
  let dispatchers: Dispatcher[];
  let others: Database[];
  let asked: string[];
  let hanging: Promise<void> | null;

  beforeEach(async () => {
    harness = await openHarness();
    [dispatchers, others, asked, hanging] = [[], [], [], null];
  });
  afterEach(async () => {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
    await Promise.all(others.map((database) => database.close()));
    await harness.close();
  });

  /** Each with connections of its own, as a process has them. */
  function start(): void {
    const database = openDatabase({ url: harness.databaseUrl, poolSize: 10 });
    others.push(database);
    const signalWithStart: FlowStarter['signalWithStart'] = async ({ key }) => {
      if (key.object !== 'corporate-action') return 'a-run';
      asked.push(key.id);
      await hanging;
      return 'a-run';
    };
    const flows = { ...harness.dependencies.flows, signalWithStart };
    dispatchers.push(startDispatcher({ ...harness.dependencies, database: database.kysely, flows }, LIMITS));
  }

  async function change(count: number): Promise<void> {
    const userIds = Array.from({ length: count }, (_, index) => `user-${String(index)}`);
    const set = { partner: 'bitpanda', corporate_action_id: 'spin-off', breaks: '[]', expected_new: '{}', version: 1 };
    const rows = userIds.map((user_id) => ({ ...set, user_id }));
    await harness.database.kysely.insertInto('transaction_sets').values(rows).execute();
  }

  async function untold(): Promise<number> {
    const rows = await harness.database.kysely
      .selectFrom('transaction_sets')
      .select('user_id')
      .whereRef('told_version', '<', 'version')
      .execute();
    return rows.length;
  }

  test('each set is told once between them', async () => {
    await change(MANY);
    start();
    start();
    await eventually(async () => expect(await untold()).toBe(0));
    expect(asked).toHaveLength(MANY);
    expect(new Set(asked).size).toBe(MANY);
  });

  test('deliveries are dispatched while flows hang that have to hear of their sets', async () => {
    await change(MANY);
    let release = (): void => undefined;
    hanging = new Promise((resolve) => (release = resolve));
    start();
    await eventually(() => expect(asked.length).toBeGreaterThan(0));
    for (let index = 0; index < 20; index += 1) await harness.keep(randomUUID(), 'PLACED');
    await eventually(async () => expect(await outcomes(harness)).toEqual(Array(20).fill('delivered')));
    expect(await untold()).toBe(MANY);
    release();
  });

  test('what a notifier held that is gone is told by another one when its lease is over', async () => {
    await change(3);
    const partners = ['bitpanda'];
    const lease = { partners, leaseToken: randomUUID(), leaseMs: 500, limit: 10 };
    expect(await claimUnnotified(harness.database.kysely, lease)).toHaveLength(3);
    start();
    await eventually(async () => expect(await untold()).toBe(0));
    expect([...asked].sort()).toEqual(['spin-off:user-0', 'spin-off:user-1', 'spin-off:user-2']);
  });
});
