import { randomUUID } from 'node:crypto';

import { Agent } from 'undici';

import { workflowIdOf } from '../../src/domain/subject-key';
import { mapConcurrently } from '../../src/lib/concurrency';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { coinifyWebhook, send, tradevestWebhook, type Webhook } from './partner-stub';
import { countOutcomes, openSystem, outcomeOf, type System } from './system';

const KILLS = 20;
const ORDERS_AT_ONCE = 12;
/** What the partners do until the last kill is bounded by this many orders of each. */
const MOST_ORDERS = 400;
/** An activity that dies with its worker is tried again after its time-out, and a slow machine may kill that one, too. */
const PATIENCE_MS = 180_000;

/** One thing a partner does with an object: what its reads show from then on, and what it says about it. */
interface Move {
  readonly shows: string;
  readonly says: Webhook;
}

interface Course {
  readonly id: string;
  readonly workflowId: string;
  readonly moves: readonly Move[];
}

function tradevestOrder(id: string): Course {
  const moves = ['PLACED', 'FILLED', 'SETTLED'].map((status) => ({
    shows: status,
    says: tradevestWebhook(id, status),
  }));
  return { id, workflowId: workflowIdOf({ partner: 'tradevest', object: 'order', id }), moves };
}

const COINIFY_STATES = [
  ['created', 'awaiting_transfer_in'],
  ['transfer-in-completed', 'processing'],
  ['completed', 'completed'],
] as const;

function coinifyTrade(id: string): Course {
  const moves = COINIFY_STATES.map(([event, shows]) => ({ shows, says: coinifyWebhook(id, event) }));
  return { id, workflowId: workflowIdOf({ partner: 'coinify', object: 'trade', id }), moves };
}

describe('a worker that is killed', () => {
  let system: System;
  let agent: Agent;
  beforeEach(async () => {
    system = await openSystem();
    agent = new Agent({ connections: ORDERS_AT_ONCE });
  });
  afterEach(async () => {
    await agent.close();
    await system.close();
  });

  /** The flow has done with a move when its outcome is written and no read is under way, which may show the next state. */
  async function takesIn(course: Course, deliveryId: string): Promise<void> {
    await eventually(async () => expect(await outcomeOf(system, deliveryId)).not.toBeNull(), PATIENCE_MS);
    const handle = system.client.workflow.getHandle(course.workflowId);
    // Counted, not compared: printing such objects in vain many times a second would keep this process from answering reads.
    await eventually(async () => {
      const { raw } = await handle.describe();
      expect(raw.pendingActivities?.length).toBe(0);
    }, PATIENCE_MS);
  }

  async function follow(course: Course): Promise<void> {
    for (const { shows, says } of course.moves) {
      system.partners.states.set(course.id, shows);
      const deliveryId = await send(system.url, says, agent);
      if (deliveryId === null) throw new Error('the receiver did not keep a delivery');
      await takesIn(course, deliveryId);
    }
  }

  async function totalOutcomes(): Promise<number> {
    const { pending = 0, delivered = 0, ...written } = await countOutcomes(system);
    return pending + delivered === 0 ? 0 : Object.values(written).reduce((sum, count) => sum + count, 0);
  }

  async function countOpen(): Promise<number> {
    const rows = await system.database.kysely.selectFrom('subjects').select('open').where('open', '=', true).execute();
    return rows.length;
  }

  async function ends() {
    const rows = await system.database.kysely
      .selectFrom('subjects')
      .select(['workflow_id', 'state', 'open', 'subject'])
      .execute();
    return rows.map(({ workflow_id: workflowId, state, open, subject }) => ({
      workflowId,
      state,
      open,
      by: subject?.end?.by,
      findings: subject?.findings,
    }));
  }

  function sorted<T extends { readonly workflowId: string }>(list: readonly T[]): readonly T[] {
    return list.toSorted((a, b) => a.workflowId.localeCompare(b.workflowId));
  }

  test('ends every order of both partners where it must, with one effect of each delivery, in twenty kills', async () => {
    await system.receive();
    let killsLeft = KILLS;
    const followed: Course[] = [];
    const keepOrdering = async (make: (id: string) => Course): Promise<void> => {
      await mapConcurrently(
        Array.from({ length: MOST_ORDERS }, () => randomUUID()),
        ORDERS_AT_ONCE / 2,
        async (id) => {
          if (killsLeft === 0) return;
          const course = make(id);
          followed.push(course);
          await follow(course);
        },
      );
    };
    const orders = Promise.all([keepOrdering(tradevestOrder), keepOrdering(coinifyTrade)]);
    let worker = system.work();
    for (; killsLeft > 0; killsLeft -= 1) {
      const before = await totalOutcomes();
      await eventually(async () => expect(await totalOutcomes()).toBeGreaterThan(before), PATIENCE_MS);
      await worker.kill();
      worker = system.work();
    }
    await orders;

    await eventually(async () => expect(await countOpen()).toBe(0), PATIENCE_MS);
    const end = { open: false, by: 'partner', findings: [] };
    const expected = followed.map(({ workflowId }) => ({
      workflowId,
      ...end,
      state: workflowId.startsWith('tradevest') ? 'SETTLED' : 'completed',
    }));
    expect(sorted(await ends())).toEqual(sorted(expected));
    expect(followed.length).toBeGreaterThan(ORDERS_AT_ONCE);
    expect(await countOutcomes(system)).toEqual({ applied: 3 * followed.length });
    const received = 3 * followed.length;
    expect(await system.balance()).toMatchObject({ balanced: true, received, open: 0, abandoned: 0, recovered: 0 });
    expect(await (await withFoldedAlerts(system.database.kysely)).selectFrom('alerts').selectAll().execute()).toEqual(
      [],
    );
  }, 480_000);
});
