import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

import { Agent, request } from 'undici';

import { freePort } from '../../src/development/ports';
import { workflowIdOf } from '../../src/domain/subject-key';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { coinifyWebhook, send } from './partner-stub';
import { countOutcomes, openSystem, type System } from './system';

const TRADES = 60;
/** What one worker may ask until it notices: its slots, each for one try; and some probes. */
const FEW = 20 + 10;
/** Waits that are not used up while the partner is away: an alert of a flow's own would be another thing. */
const POLICY = { agreementWaits: Array.from({ length: 60 }, () => 'PT2S'), alertWindow: 'PT1S', sweepEvery: 'P1D' };

describe('a partner whose API is away for a while', () => {
  let system: System;
  let agent: Agent;
  let metricsUrl: string;
  const folder = mkdtempSync(join(tmpdir(), 'partnerflow-away-'));
  beforeAll(async () => {
    const policy = join(folder, 'policy.json');
    writeFileSync(policy, JSON.stringify(POLICY));
    const port = await freePort();
    metricsUrl = `http://127.0.0.1:${String(port)}/metrics`;
    system = await openSystem({
      environmentOf: () => ({ POLICY_FILE: policy, WORKER_METRICS_PORT: String(port) }),
    });
    agent = new Agent();
    await system.receive();
    system.work();
  }, 120_000);
  afterAll(async () => {
    await agent.close();
    await system.close();
    rmSync(folder, { recursive: true });
  });

  async function circuit(): Promise<string | undefined> {
    const { body } = await request(metricsUrl);
    const line = /^partnerflow_partner_circuit\{partner="coinify",state="([a-z-]+)"\} 1$/m;
    return line.exec(await body.text())?.[1];
  }

  async function unreachableAlerts(): Promise<readonly { readonly examples: readonly string[] }[]> {
    return (await withFoldedAlerts(system.database.kysely))
      .selectFrom('alerts')
      .select(['examples', 'count'])
      .where('finding', '=', 'unreachable')
      .execute();
  }

  const tradesOf = (ids: readonly string[]) =>
    system.database.kysely
      .selectFrom('subjects')
      .select(['finding', 'open'])
      .where(
        'workflow_id',
        'in',
        ids.map((id) => workflowIdOf({ partner: 'coinify', object: 'trade', id })),
      )
      .execute();

  test.each(['fails', 'hangs'] as const)(
    '%s on reads: few requests for many flows, every outcome written, one alert; when it is back all flows end',
    async (misbehaves) => {
      const ids = Array.from({ length: TRADES }, () => randomUUID());
      for (const id of ids) system.partners.states.set(id, 'completed');
      await (await withFoldedAlerts(system.database.kysely)).deleteFrom('alerts').execute();
      system.partners.misbehaves = misbehaves;
      system.partners.reads = 0;
      await Promise.all(ids.map((id) => send(system.url, coinifyWebhook(id, 'completed'), agent)));
      await eventually(async () => expect(Object.keys(await countOutcomes(system))).toEqual(['applied']));
      await eventually(async () => {
        expect((await tradesOf(ids)).filter(({ finding }) => finding === 'unreachable')).toHaveLength(TRADES);
      });
      expect(await circuit()).not.toBe('closed');
      expect(system.partners.reads).toBeLessThanOrEqual(FEW);
      expect(await unreachableAlerts()).toMatchObject([{ examples: ['coinify'], count: 1 }]);
      system.partners.misbehaves = null;
      await eventually(async () => expect((await tradesOf(ids)).filter(({ open }) => open)).toEqual([]), 120_000);
      expect(await circuit()).toBe('closed');
      expect(await unreachableAlerts()).toHaveLength(1);
    },
    240_000,
  );
});
