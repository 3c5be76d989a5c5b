import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Agent } from 'undici';

import { eventually } from '../support/eventually';
import { coinifyWebhook, send } from './partner-stub';
import { countOutcomes, openSystem, type System } from './system';

const KILLS = 20;
const SENDERS = 16;
/** Acknowledged between two kills; what is under way then comes on top. */
const BETWEEN_KILLS = 25;

interface Load {
  /** Ids of the deliveries that were acknowledged, with the trade they are about. */
  readonly acknowledged: ReadonlyMap<string, string>;
  finish(): Promise<void>;
}

/** As Coinify does: the same bytes again until they are acknowledged, then the next trade. */
function startLoad(url: string): Load {
  const agent = new Agent({ connections: SENDERS });
  const acknowledged = new Map<string, string>();
  let isOver = false;
  const sender = async (): Promise<void> => {
    while (!isOver) {
      const trade = randomUUID();
      const webhook = coinifyWebhook(trade, 'created');
      for (let id: string | null = null; id === null;) {
        id = await send(url, webhook, agent);
        if (id === null) await delay(20);
        else acknowledged.set(id, trade);
      }
    }
  };
  const senders = Promise.all(Array.from({ length: SENDERS }, sender));
  return {
    acknowledged,
    finish: async () => {
      isOver = true;
      await senders;
      await agent.close();
    },
  };
}

describe('a receiver that is killed', () => {
  let system: System;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system.close());

  async function received(): Promise<{ readonly counter: number; readonly ids: readonly string[] }> {
    const rows = await system.database.kysely.selectFrom('deliveries').select('id').execute();
    return { counter: (await system.balance()).received, ids: rows.map(({ id }) => id) };
  }

  test('loses nothing of what it acknowledged, in twenty kills under load, and everything is delivered in the end', async () => {
    let receiver = await system.receive();
    const load = startLoad(system.url);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = load.acknowledged.size + BETWEEN_KILLS;
      await eventually(() => expect(load.acknowledged.size).toBeGreaterThan(enough));
      await receiver.kill();
      receiver = await system.receive();
    }
    await load.finish();

    const { counter, ids } = await received();
    expect(counter).toBe(ids.length);
    const kept = new Set(ids);
    expect([...load.acknowledged.keys()].filter((id) => !kept.has(id))).toEqual([]);

    system.work();
    const trades = new Set(load.acknowledged.values()).size;
    const expected = { applied: trades, duplicate: ids.length - trades };
    // A worker that starts now has more than a thousand flows to begin with: on a busy machine that takes minutes.
    await eventually(async () => expect({ duplicate: 0, ...(await countOutcomes(system)) }).toEqual(expected), 240_000);
    expect(await system.balance()).toMatchObject({ balanced: true, pending: 0, open: 0, rejected: 0, recovered: 0 });
    const open = await system.database.kysely.selectFrom('subjects').select(['state', 'open']).execute();
    expect(open).toEqual(Array.from({ length: trades }, () => ({ state: 'created', open: true })));
  }, 480_000);
});
