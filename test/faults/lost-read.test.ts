import { randomUUID } from 'node:crypto';

import { temporal } from '@temporalio/proto';
import { Agent } from 'undici';

import { workflowIdOf } from '../../src/domain/subject-key';
import { eventually } from '../support/eventually';
import { coinifyWebhook, send } from './partner-stub';
import { openSystem, type System } from './system';

const HEARTBEAT = temporal.api.enums.v1.TimeoutType.TIMEOUT_TYPE_HEARTBEAT;

describe('a read whose worker is killed', () => {
  let system: System;
  let agent: Agent;
  beforeEach(async () => {
    system = await openSystem();
    agent = new Agent();
  });
  afterEach(async () => {
    await agent.close();
    await system.close();
  });

  test('is missed and asked again long before it would be over, and the trade that waits for it ends', async () => {
    const id = randomUUID();
    const workflowId = workflowIdOf({ partner: 'coinify', object: 'trade', id });
    system.partners.states.set(id, 'completed');
    system.partners.misbehaves = 'hangs';
    await system.receive();
    const worker = system.work();
    await send(system.url, coinifyWebhook(id, 'completed'), agent);
    await eventually(() => expect(system.partners.reads).toBeGreaterThan(0));
    await worker.kill();
    system.partners.misbehaves = null;
    system.work();
    await eventually(async () => {
      const row = await system.database.kysely
        .selectFrom('subjects')
        .select(['state', 'open'])
        .where('workflow_id', '=', workflowId)
        .executeTakeFirst();
      expect(row).toEqual({ state: 'completed', open: false });
    }, 120_000);
    const { events = [] } = await system.client.workflow.getHandle(workflowId).fetchHistory();
    const lost = events?.map((event) => event.activityTaskStartedEventAttributes?.lastFailure?.timeoutFailureInfo);
    expect(lost?.map((timeout) => timeout?.timeoutType)).toContain(HEARTBEAT);
  });
});
