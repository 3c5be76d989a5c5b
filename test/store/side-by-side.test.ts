import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { dispatchBatch, type DispatchDependencies } from '../../src/dispatch/batch';
import { contract } from '../../src/store/contract';
import { createAppender, type NewDelivery } from '../../src/store/deliveries/append';
import { hasBodiesInRows, moveBodies } from '../../src/store/deliveries/bodies-in-rows';
import { loadDelivery } from '../../src/store/deliveries/list';
import { queueMissing } from '../../src/store/deliveries/queue-missing';
import { retryDelivery } from '../../src/store/deliveries/retry';
import { IN_CLEAR } from '../../src/store/encryption';
import { migrate } from '../../src/store/migrate';
import { readBalance } from '../../src/store/stats/balance';
import { openStand, type Stand } from '../dispatch/stand';
import { claimAll } from '../support/dispatch';
import { eventually } from '../support/eventually';
import {
  appendBefore,
  bodiesBefore,
  claimBefore,
  foldBefore,
  releaseBefore,
  retryBefore,
  setUpBefore,
  settleBefore,
} from './release-before';

const bodyOf = (orderId: string): Buffer => Buffer.from(JSON.stringify({ orderId, status: 'PLACED' }));
const LIMITS = { batchRows: 64, batchBytes: 1_000_000, waitingBytes: 10_000_000, deadlineMs: 20_000 };

describe('a database of release 0.2.0', () => {
  let stand: Stand;
  beforeEach(async () => {
    stand = await openStand({}, setUpBefore);
  });
  afterEach(() => stand.close());

  const database = () => stand.database.kysely;
  const keepBefore = (orderId: string = randomUUID()) =>
    appendBefore(stand.database.pool, 'tradevest', bodyOf(orderId));

  async function expand(): Promise<void> {
    await migrate(database());
    await queueMissing(database());
  }

  /** Dispatch of all that is due, by this release. */
  async function dispatchDue(): Promise<void> {
    for (let batch = await claimAll(stand.dependencies); batch.length > 0; batch = await claimAll(stand.dependencies))
      await dispatchBatch(stand.dependencies, batch);
  }

  async function statuses(): Promise<readonly string[]> {
    const rows = await database().selectFrom('deliveries').select('status').orderBy('position').execute();
    return rows.map(({ status }) => status);
  }

  const queued = async () => (await database().selectFrom('delivery_queue').selectAll().execute()).length;

  test('what it kept is dispatched after the first step, and shown with its body before, between and after the others', async () => {
    const waiting = await keepBefore();
    const decided = await keepBefore();
    await settleBefore(
      database(),
      (await claimBefore(database())).filter(({ id }) => id === decided),
    );
    await releaseBefore(database(), [{ id: waiting, attempts: 1, leaseToken: await tokenOf(waiting) }], 0);
    await expand();
    const shown = async (id: string) => {
      const text = (await loadDelivery(database(), IN_CLEAR, id))?.bodyBase64 ?? '';
      return Buffer.from(text, 'base64').toString().includes('PLACED');
    };
    expect([await shown(waiting), await shown(decided)]).toEqual([true, true]);
    expect(await queued()).toBe(1);
    await dispatchDue();
    expect(await statuses()).toEqual(['delivered', 'delivered']);
    expect(await moveBodies(database(), 'decided')).toBe(2);
    expect([await shown(waiting), await shown(decided)]).toEqual([true, true]);
    expect(await contract(database())).toEqual({ kind: 'done', moved: 0 });
    expect([await shown(waiting), await shown(decided)]).toEqual([true, true]);
    expect(await contract(database())).toEqual({ kind: 'nothing-left' });
  });

  async function tokenOf(id: string): Promise<string> {
    const { rows } = await stand.database.pool.query<{ lease_token: string }>(
      'SELECT lease_token FROM deliveries WHERE id = $1',
      [id],
    );
    return rows[0]?.lease_token ?? '';
  }

  test('a lease that it holds is honoured, before the first step and after it, until it ends', async () => {
    await keepBefore();
    const [early] = await claimBefore(database(), { leaseMs: 60_000 });
    await keepBefore();
    await expand();
    const [late] = await claimBefore(database(), { leaseMs: 500 });
    expect(await claimAll(stand.dependencies)).toEqual([]);
    const taken = await eventually(async () => {
      const claims = await claimAll(stand.dependencies);
      expect(claims).toHaveLength(1);
      return claims;
    });
    expect(taken[0]?.claim).toMatchObject({ id: late?.id, attempts: 2 });
    if (early === undefined || late === undefined) throw new Error('nothing was claimed');
    expect(await settleBefore(database(), [early, late])).toEqual([early.id]);
    await dispatchBatch(stand.dependencies, taken);
    expect(await statuses()).toEqual(['delivered', 'delivered']);
    expect(await queued()).toBe(0);
  });

  test('it honours a lease of this release, finds the body of what this one keeps, and loses what it gave back to nobody', async () => {
    await expand();
    const order = randomUUID();
    const id = await stand.keep(order);
    const [ours] = await claimAll(stand.dependencies, { leaseMs: 500 });
    expect(ours?.claim.id).toBe(id);
    expect(await claimBefore(database())).toEqual([]);
    const [theirs] = await eventually(async () => {
      const claims = await claimBefore(database());
      expect(claims).toHaveLength(1);
      return claims;
    });
    if (theirs === undefined || ours === undefined) throw new Error('nothing was claimed');
    expect(theirs.attempts).toBe(2);
    expect((await bodiesBefore(database(), [id])).get(id)).toEqual(bodyOf(order));
    // Ours comes too late: the lease is theirs.
    await dispatchBatch(stand.dependencies, [ours]);
    expect(await statuses()).toEqual(['pending']);
    await releaseBefore(database(), [theirs], 0);
    const [again] = await claimAll(stand.dependencies);
    expect(again?.claim).toMatchObject({ id, attempts: 3, refusals: 1 });
  });

  test('an outcome that its flow writes first, and a retry by its command, are seen by this release', async () => {
    await expand();
    const [first, second] = [await stand.keep(randomUUID()), await stand.keep(randomUUID(), 'OURS')];
    await foldBefore(database(), first, 'tradevest:order:1');
    expect(await queued()).toBe(1);
    for (let tries = 0; tries < 3; tries += 1) {
      await dispatchDue();
      await stand.database.pool.query('UPDATE delivery_queue SET next_attempt_at = now()');
    }
    expect(await statuses()).toEqual(['delivered', 'parked']);
    await retryBefore(database(), second);
    expect(await queued()).toBe(1);
    const [theirs] = await claimBefore(database());
    expect(theirs?.id).toBe(second);
  });

  test('is not contracted while one of its processes is connected, and loses the body of nothing that waits', async () => {
    await keepBefore();
    await expand();
    const client = await stand.database.pool.connect();
    await client.query(`SET application_name = 'partnerflow'`);
    expect(await contract(database())).toEqual({ kind: 'in-use', processes: 1 });
    expect(await hasBodiesInRows(database())).toBe(true);
    const [theirs] = await claimBefore(database());
    expect((await bodiesBefore(database(), [theirs?.id ?? ''])).get(theirs?.id ?? '')).not.toBeNull();
    await client.query('RESET application_name');
    client.release();
    expect(await contract(database())).toEqual({ kind: 'done', moved: 1 });
  });

  test('both releases receive, dispatch and are killed together while bodies move: nothing is lost, nothing decided twice', async () => {
    const kept = new Map<string, string>();
    const decisions: string[] = [];
    const empty: string[] = [];
    let isOver = false;
    for (let index = 0; index < 200; index += 1) {
      const order = randomUUID();
      kept.set(await keepBefore(order), order);
    }
    const receiversBefore = Array.from({ length: 2 }, async () => {
      while (!isOver) {
        const order = randomUUID();
        kept.set(await keepBefore(order), order);
      }
    });
    const dispatchersBefore = Array.from({ length: 2 }, async (_, number) => {
      for (let round = number; !isOver; round += 1) {
        const claims = await claimBefore(database(), { leaseMs: 300, limit: 20 });
        const bodies = await bodiesBefore(
          database(),
          claims.map(({ id }) => id),
        );
        for (const { id } of claims)
          if (bodies.get(id)?.toString() !== bodyOf(kept.get(id) ?? '').toString()) empty.push(id);
        // Killed in every third round, after it has signalled and before it has written.
        if (round % 3 !== 0) decisions.push(...(await settleBefore(database(), claims)));
        await delay(5);
      }
    });
    await delay(200);
    await expand();
    const { append } = createAppender(stand.database.pool, LIMITS, () => undefined);
    const receivers = Array.from({ length: 2 }, async () => {
      while (!isOver) {
        const [id, order] = [randomUUID(), randomUUID()];
        kept.set(id, order);
        await append(newDelivery(id, order));
      }
    });
    const watched: DispatchDependencies = {
      ...stand.dependencies,
      watch: {
        ...{ claimed: () => undefined, ended: () => undefined, returned: () => undefined },
        recorded: (recorded) => decisions.push(...recorded.map(({ claim }) => claim.id)),
      },
    };
    const dispatchers = Array.from({ length: 2 }, async (_, number) => {
      for (let round = number; !isOver; round += 1) {
        const claims = await claimAll(stand.dependencies, { leaseMs: 300, limit: 20 });
        if (round % 3 !== 0 && claims.length > 0) await dispatchBatch(watched, claims);
        await delay(5);
      }
    });
    for (let round = 0; round < 10; round += 1) {
      await moveBodies(database(), 'decided');
      await delay(200);
    }
    isOver = true;
    await Promise.all([...receiversBefore, ...dispatchersBefore, ...receivers, ...dispatchers]);
    await eventually(async () => {
      const claims = await claimAll(stand.dependencies);
      if (claims.length > 0) await dispatchBatch(watched, claims);
      expect(await queued()).toBe(0);
    });
    expect(empty).toEqual([]);
    expect(new Set(await statuses())).toEqual(new Set(['delivered']));
    const ids = await database().selectFrom('deliveries').select('id').execute();
    expect(ids.map(({ id }) => id).sort()).toEqual([...kept.keys()].sort());
    expect([...decisions].sort()).toEqual([...kept.keys()].sort());
    const moved = await contract(database());
    expect(moved.kind).toBe('done');
    const bodies = await database().selectFrom('kept_deliveries').select(['id', 'body']).execute();
    expect(bodies.every(({ id, body }) => body?.toString() === bodyOf(kept.get(id) ?? '').toString())).toBe(true);
    expect((await readBalance(database(), () => Promise.resolve([]))).received).toBe(kept.size);
  });

  test('a delivery that this release parks is retried by it', async () => {
    await expand();
    const id = await stand.keep(randomUUID());
    await stand.database.pool.query(`UPDATE deliveries SET status = 'parked' WHERE id = $1`, [id]);
    expect(await queued()).toBe(0);
    expect(await retryDelivery(database(), id, 'test')).toBe('retried');
    expect(await queued()).toBe(1);
  });
});

function newDelivery(id: string, order: string): NewDelivery {
  return {
    id,
    partner: 'tradevest',
    route: 'test',
    receivedAt: new Date(),
    source: 'webhook',
    headersJson: '[]',
    body: bodyOf(order),
    bodySha256: Buffer.alloc(32),
    verdict: 'authentic',
    credentialFingerprint: null,
    traceparent: null,
  };
}
