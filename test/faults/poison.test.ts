import { randomUUID } from 'node:crypto';

import { Client, Connection } from '@temporalio/client';
import { Agent } from 'undici';

import { startDispatcher } from '../../src/dispatch/dispatcher';
import {
  type FaultOf,
  startTemporalProxy,
  type TemporalFault,
  type TemporalProxy,
} from '../../src/development/temporal-proxy';
import { workflowIdOf } from '../../src/domain/subject-key';
import { mapConcurrently } from '../../src/lib/concurrency';
import { createRunningCheck } from '../../src/operator/actions';
import { retryAllParked } from '../../src/store/deliveries/retry';
import { createFlowStarter } from '../../src/temporal/flow-client';
import { readBalance } from '../../src/store/stats/balance';
import { DISPATCH_LIMITS } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';
import { type Harness, openHarness } from '../workflows/harness';
import { coinifyWebhook, send } from './partner-stub';
import { countOutcomes, openSystem, type Part, type System } from './system';

jest.setTimeout(300_000);

/** Each way in which Temporal may fail for one subject alone. */
const FAULTS: readonly TemporalFault[] = [
  ...Array.from({ length: 16 }, (_, index) => ({ kind: 'refuse', code: index + 1 }) as const),
  { kind: 'delay', ms: 20_000 },
  { kind: 'cut' },
  { kind: 'lose-answer' },
];

const UNHARMED: FaultOf = () => null;

/** Faults of the given flows; every other call goes well. */
function faultsOf(faultByFlow: ReadonlyMap<string, TemporalFault>): FaultOf {
  return ({ workflowId }) => (workflowId === null ? null : (faultByFlow.get(workflowId) ?? null));
}

describe('orders that Temporal does not take, each in another way', () => {
  let proxy: TemporalProxy;
  let connection: Connection;
  let harness: Harness;
  beforeEach(async () => {
    proxy = await startTemporalProxy(testServers().temporalAddress);
    connection = Connection.lazy({ address: proxy.address });
    const client = new Client({ connection });
    harness = await openHarness({ throughFlows: (_flows, taskQueue) => createFlowStarter(client, taskQueue, 3_000) });
  });
  afterEach(async () => {
    await harness.close();
    await connection.close();
    await proxy.stop();
  });

  async function became(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await harness.database.kysely
      .selectFrom('deliveries')
      .select(['id', 'status', 'outcome'])
      .where('id', 'in', [...ids])
      .execute();
    const byId = new Map(rows.map(({ id, status, outcome }) => [id, outcome ?? status]));
    return ids.map((id) => byId.get(id) ?? 'lost');
  }

  test('are parked with their cause while all others go through, and are applied once they are retried: nothing lost, nothing twice', async () => {
    const bad = FAULTS.map((fault) => ({ fault, order: randomUUID() }));
    const flowOf = (id: string): string => workflowIdOf({ partner: 'tradevest', object: 'order', id });
    proxy.use(faultsOf(new Map(bad.map(({ fault, order }) => [flowOf(order), fault]))));
    await harness.startWorkers();
    const badIds: string[] = [];
    const goodIds: string[] = [];
    for (const { order } of bad) {
      badIds.push(await harness.keep(order, 'PLACED'));
      for (let count = 0; count < 5; count += 1) goodIds.push(await harness.keep(randomUUID(), 'PLACED'));
    }
    const dispatcher = startDispatcher(harness.dependencies, DISPATCH_LIMITS);
    await eventually(async () => expect(await became(goodIds)).toEqual(goodIds.map(() => 'applied')));
    // The flow whose answer is lost has taken it, and says so itself.
    const expected = bad.map(({ fault }) => (fault.kind === 'lose-answer' ? 'applied' : 'parked'));
    await eventually(async () => expect(await became(badIds)).toEqual(expected), 120_000);
    proxy.use(UNHARMED);
    await retryAllParked(harness.database.kysely, 'night-shift');
    await eventually(async () => expect(await became(badIds)).toEqual(bad.map(() => 'applied')), 120_000);
    await dispatcher.stop();
    const balance = await readBalance(harness.database.kysely, createRunningCheck(harness.client));
    expect(balance).toMatchObject({ pending: 0, parked: 0, applied: badIds.length + goodIds.length, open: 0 });
  });
});

describe('kill -9 amid orders that Temporal does not take', () => {
  let proxy: TemporalProxy;
  let system: System;
  let agent: Agent;
  beforeEach(async () => {
    proxy = await startTemporalProxy(testServers().temporalAddress);
    system = await openSystem({ temporalAddress: proxy.address });
    agent = new Agent({ connections: 8 });
  });
  afterEach(async () => {
    await agent.close();
    await system.close();
    await proxy.stop();
  });

  test('loses nothing, books nothing twice, and keeps the order of each trade', async () => {
    const trades = Array.from({ length: 150 }, () => randomUUID());
    const flowOf = (id: string): string => workflowIdOf({ partner: 'coinify', object: 'trade', id });
    const bad = trades.slice(0, FAULTS.length).map(flowOf);
    proxy.use(faultsOf(new Map(bad.map((flow, index) => [flow, FAULTS[index] ?? { kind: 'cut' }]))));
    let receiver = await system.receive();
    const restart = async (others: readonly Part[]): Promise<void> => {
      await Promise.all([receiver, ...others].map((part) => part.kill()));
      receiver = await system.receive();
    };
    for (const state of ['created', 'cancelled']) {
      const others = [system.work(), system.receiveElsewhere()];
      await mapConcurrently(trades, 8, async (trade) => {
        expect(await send(system.url, coinifyWebhook(trade, state), agent)).not.toBeNull();
      });
      await eventually(async () => expect((await countOutcomes(system)).applied).toBeGreaterThan(10), 120_000);
      await restart(others);
    }
    proxy.use(UNHARMED);
    system.work();
    await eventually(async () => expect(await countOutcomes(system)).toEqual({ applied: 2 * trades.length }), 240_000);
    expect(await system.balance()).toMatchObject({
      balanced: true,
      received: 2 * trades.length,
      open: 0,
      recovered: 0,
    });
  });
});
