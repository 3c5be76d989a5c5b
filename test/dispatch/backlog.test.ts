import { randomUUID } from 'node:crypto';

import { startDispatcher } from '../../src/dispatch/dispatcher';
import { createSlots } from '../../src/lib/concurrency';
import { DISPATCH_LIMITS } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { openStand, type Stand } from './stand';

jest.setTimeout(60_000);

const LIMITS = { ...DISPATCH_LIMITS, batchSize: 5, mostUnderWay: 10, pollMs: 20 };

describe('a backlog of one partner', () => {
  let stand: Stand;
  beforeEach(async () => {
    stand = await openStand();
  });
  afterEach(() => stand.close());

  test('keeps no webhook of another partner waiting, though as much of it is under way as may be', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    for (let index = 0; index < 30; index += 1) {
      const trade = randomUUID();
      stand.answers.set(trade, () => released);
      await stand.keep(trade, 'created', { partner: 'coinify' });
    }
    const dispatcher = startDispatcher(stand.dependencies, LIMITS);
    try {
      const underWay = () =>
        stand.database.kysely
          .selectFrom('delivery_queue')
          .select('position')
          .where('lease_token', 'is not', null)
          .execute();
      await eventually(async () => expect(await underWay()).toHaveLength(LIMITS.mostUnderWay));
      const order = await stand.keep(randomUUID());
      await eventually(() => expect(stand.taken.map((one) => one.split(' ')[1])).toContain(order), 20_000);
    } finally {
      release();
      await dispatcher.stop();
    }
  });

  test('lets the calls for another partner go before its own that wait for a slot', async () => {
    const slots = createSlots({ count: 1, slowMs: 60_000 });
    const begun: string[] = [];
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const first = slots.run('noisy', () => ended);
    const others = ['noisy', 'noisy', 'quiet', 'noisy'].map((owner, index) =>
      slots.run(owner, () => {
        begun.push(`${owner} ${String(index)}`);
        return Promise.resolve();
      }),
    );
    end();
    await Promise.all([first, ...others]);
    expect(begun).toEqual(['quiet 2', 'noisy 0', 'noisy 1', 'noisy 3']);
  });

  test('leaves slots for the calls of others', async () => {
    const slots = createSlots({ count: 3, ofOwner: 2, slowMs: 60_000 });
    const begun: string[] = [];
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const calls = ['noisy', 'noisy', 'noisy', 'quiet'].map((owner) =>
      slots.run(owner, () => {
        begun.push(owner);
        return ended;
      }),
    );
    await eventually(() => expect(begun).toEqual(['noisy', 'noisy', 'quiet']));
    end();
    await Promise.all(calls);
    expect(begun).toHaveLength(4);
  });

  test('makes no more calls at once than may be slow beside those that have slots', async () => {
    const slots = createSlots({ count: 2, slowMs: 10, mostSlow: 3 });
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    let begun = 0;
    const calls = Array.from({ length: 20 }, () =>
      slots.run('noisy', async () => {
        begun += 1;
        await ended;
      }),
    );
    await eventually(() => expect(begun).toBe(5));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(begun).toBe(5);
    end();
    await Promise.all(calls);
    expect(begun).toBe(20);
  });
});
