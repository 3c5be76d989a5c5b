import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent } from 'undici';

import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import { workflowIdOf } from '../../src/domain/subject-key';
import { mapConcurrently } from '../../src/lib/concurrency';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { withFoldedAlerts } from '../support/folded-alerts';
import { coinifyWebhook, send } from './partner-stub';
import { countOutcomes, openSystem, type System } from './system';

const RUNNING = 200;
/** With two deliveries each and those of the running ones: 2,000 while Temporal is away. */
const NEW = 800;
const SENDERS = 16;

describe('while Temporal is away', () => {
  let folder: string;
  let temporal: RunningTemporal;
  let system: System;
  let agent: Agent;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'partnerflow-temporal-'));
    temporal = await start();
    const connection = await connectionOf(temporal.address);
    await setUpOn(connection, 'default');
    await connection.close();
    system = await openSystem({ temporalAddress: temporal.address });
    agent = new Agent({ connections: SENDERS });
  }, 60_000);
  afterEach(async () => {
    await agent.close();
    await system.close();
    await temporal.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  function start(port?: number): Promise<RunningTemporal> {
    const databaseFile = join(folder, 'temporal.db');
    return startTemporal({ withUi: false, databaseFile, ...(port === undefined ? {} : { port }) });
  }

  /** For each trade these events, one after the other; answers how many were kept. */
  async function keepAll(trades: readonly string[], states: readonly string[]): Promise<number> {
    let kept = 0;
    await mapConcurrently(trades, SENDERS, async (trade) => {
      for (const state of states) {
        const id = await send(system.url, coinifyWebhook(trade, state), agent);
        if (id !== null) kept += 1;
      }
    });
    return kept;
  }

  async function runIds(trades: readonly string[]): Promise<readonly string[]> {
    const runs: string[] = [];
    for (const id of trades) {
      const workflowId = workflowIdOf({ partner: 'coinify', object: 'trade', id });
      runs.push((await system.client.workflow.getHandle(workflowId).describe()).runId);
    }
    return runs;
  }

  test('everything is acknowledged, and when it is back the same runs go on and each delivery has one effect', async () => {
    const running = Array.from({ length: RUNNING }, () => randomUUID());
    const fresh = Array.from({ length: NEW }, () => randomUUID());
    await system.receive();
    system.work();
    await keepAll(running, ['created']);
    await eventually(async () => expect(await countOutcomes(system)).toEqual({ applied: RUNNING }), 60_000);
    const runsBefore = await runIds(running);

    await temporal.stop();
    for (const id of running) system.partners.states.set(id, 'completed');
    const kept = [
      await keepAll(running, ['transfer-in-completed', 'completed']),
      await keepAll(fresh, ['created', 'cancelled']),
    ];
    expect(kept).toEqual([2 * RUNNING, 2 * NEW]);
    expect(await countOutcomes(system)).toEqual({ applied: RUNNING, pending: 2_000 });

    temporal = await start(Number(temporal.address.split(':')[1]));
    await eventually(async () => expect(await countOutcomes(system)).toEqual({ applied: RUNNING + 2_000 }), 150_000);
    expect(await runIds(running)).toEqual(runsBefore);
    const received = RUNNING + 2_000;
    expect(await system.balance()).toMatchObject({ balanced: true, received, open: 0, recovered: 0 });
    await eventually(async () => {
      const rows = await system.database.kysely
        .selectFrom('subjects')
        .select(['state', 'open', ({ fn }) => fn.countAll<string>().as('count')])
        .groupBy(['state', 'open'])
        .orderBy('state')
        .execute();
      expect(rows).toEqual([
        { state: 'cancelled', open: false, count: String(NEW) },
        { state: 'completed', open: false, count: String(RUNNING) },
      ]);
    });
    expect(await (await withFoldedAlerts(system.database.kysely)).selectFrom('alerts').selectAll().execute()).toEqual(
      [],
    );
  }, 300_000);
});
