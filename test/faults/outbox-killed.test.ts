import { randomUUID } from 'node:crypto';

import { Webhook } from 'standardwebhooks';
import { Agent } from 'undici';

import { mapConcurrently } from '../../src/lib/concurrency';
import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { paramsOf } from '../corporate-actions/movements';
import { type Backend, isTaken, startBackend, type Treatment } from '../outbox/backend';
import { eventually } from '../support/eventually';
import { BITPANDA_KEY, bitpandaEnvironment } from '../webhooks/bitpanda-partner';
import { send, tradevestWebhook, type Webhook as Request } from './partner-stub';
import { openSystem, type System } from './system';

const KILLS = 8;
const SETS = 8;
/** Orders settle until the last kill, so that there is always something to be sent; bounded by so many. */
const MOST_ORDERS = 150;
const PATIENCE_MS = 90_000;
const SECRET = 'a secret of this test';

/** A message that failed so often is taken: the waits between tries double, and the test must end. */
const MOST_FAILURES = 3;

/** Answers 500 half of the time, and hangs or breaks the connection now and then. The same shares in each run. */
function createTreatment(): Backend['treat'] {
  const failures = new Map<string, number>();
  let seed = 20_261_129;
  const draw = (): Treatment => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const share = seed / 2_147_483_648;
    if (share < 0.5) return 'fails';
    if (share < 0.54) return 'closes';
    return share < 0.57 ? 'hangs' : 'takes';
  };
  return ({ id }) => {
    const failed = failures.get(id) ?? 0;
    const drawn = failed < MOST_FAILURES ? draw() : 'takes';
    if (drawn !== 'takes') failures.set(id, failed + 1);
    return drawn;
  };
}

describe('senders that are killed while our own backend fails half of the time', () => {
  let system: System;
  let backend: Backend;
  let agent: Agent;
  beforeEach(async () => {
    backend = await startBackend(new Webhook(SECRET, { format: 'raw' }));
    backend.treat = createTreatment();
    system = await openSystem({
      environmentOf: (url) => ({
        ...bitpandaEnvironment(url),
        OUTBOX_WEBHOOK_URL: backend.url,
        OUTBOX_WEBHOOK_SECRET: SECRET,
        OUTBOX_TIMEOUT_MS: '2000',
      }),
    });
    agent = new Agent({ connections: 6 });
  });
  afterEach(async () => {
    await system.close();
    await Promise.all([agent.close(), backend.close()]);
  });

  /** As a partner does: again until it is kept. */
  async function tell(request: Request): Promise<void> {
    await eventually(async () => expect(await send(system.url, request, agent)).not.toBeNull(), PATIENCE_MS);
  }

  function movement(params: object): Request {
    const body = JSON.stringify({ params });
    const path = '/webhooks/bitpanda/corporate-actions';
    return {
      path,
      body,
      headers: signBitpanda({ method: 'POST', url: `${system.url}${path}`, body, ...BITPANDA_KEY }),
    };
  }

  /** A spin-off for one user, and money beside it: four movements and what is to be passed on. */
  async function spinOff(userId: string): Promise<void> {
    const set = { caId: randomUUID(), userId };
    await tell(movement(paramsOf({ ...set, asset: 1, amount: '-10' })));
    await tell(movement(paramsOf({ ...set, asset: 1, amount: '10' })));
    await tell(movement(paramsOf({ ...set, asset: 2, amount: '2.5' })));
    await tell(movement(paramsOf({ ...set, fiatAmount: '1.25' })));
  }

  async function settle(orderId: string): Promise<void> {
    system.partners.states.set(orderId, 'SETTLED');
    await tell(tradevestWebhook(orderId, 'SETTLED'));
    const { kysely } = system.database;
    const told = () =>
      kysely.selectFrom('outbox').select('id').where('subject', '=', `tradevest:order:${orderId}`).execute();
    await eventually(async () => expect(await told()).toHaveLength(1), PATIENCE_MS);
  }

  async function outbox() {
    return system.database.kysely.selectFrom('outbox').selectAll().orderBy('position').execute();
  }

  async function killAgainAndAgain(done: () => void): Promise<void> {
    let [first, second] = [await system.receive(), system.receiveElsewhere()];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = backend.arrivals.length;
      await eventually(() => expect(backend.arrivals.length).toBeGreaterThan(before + 2), PATIENCE_MS);
      if (kill % 2 === 0) {
        await first.kill();
        first = await system.receive();
      } else {
        await second.kill();
        second = system.receiveElsewhere();
      }
    }
    done();
  }

  test('every outcome arrives at least once, verified, and those of one subject in their order', async () => {
    system.work();
    const users = Array.from({ length: SETS }, () => randomUUID());
    const orders: string[] = [];
    let isKilling = true;
    const killing = killAgainAndAgain(() => {
      isKilling = false;
    });
    // The first receiver says that outcomes are wanted before anything is told.
    const { kysely } = system.database;
    await eventually(async () =>
      expect(await kysely.selectFrom('outbox_targets').selectAll().execute()).toHaveLength(1),
    );
    const keepSettling = mapConcurrently(
      Array.from({ length: MOST_ORDERS }, () => randomUUID()),
      3,
      async (id) => {
        if (!isKilling) return;
        orders.push(id);
        await settle(id);
      },
    );
    await Promise.all([mapConcurrently(users, 3, spinOff), keepSettling, killing]);
    await eventually(async () => {
      const rows = await outbox();
      expect(rows).toHaveLength(5 * SETS + orders.length);
      expect(rows.filter(({ state }) => state !== 'sent')).toEqual([]);
    }, PATIENCE_MS);

    // What happened is what arrived: by the ledger and the subjects, not by the outbox.
    const taken = backend.arrivals.filter(isTaken);
    const told = (type: string, field: string) =>
      [...new Set(taken.filter((one) => one.type === type).map(({ data }) => String(data[field])))].sort();
    const movements = await kysely.selectFrom('movements').select(['transaction_id', 'amount']).execute();
    const obligations = await kysely.selectFrom('obligations').select('id').execute();
    expect(movements).toHaveLength(4 * SETS);
    expect(told('movement.booked', 'transactionId')).toEqual(movements.map((row) => row.transaction_id).sort());
    expect(told('obligation.due', 'obligationId')).toEqual(obligations.map(({ id }) => id).sort());
    expect(told('order.settled', 'objectId')).toEqual([...orders].sort());
    expect(backend.forged).toEqual([]);

    // The next of a subject arrived only after the one before was taken.
    const rows = await outbox();
    const firstArrival = (id: string): number => backend.arrivals.findIndex((one) => one.id === id);
    const firstTaken = (id: string): number => backend.arrivals.findIndex((one) => one.id === id && isTaken(one));
    const overtaken = rows.filter(({ id, subject }, index) => {
      const before = rows.slice(0, index).findLast((row) => row.subject === subject);
      return before !== undefined && firstArrival(id) < firstTaken(before.id);
    });
    expect(overtaken).toEqual([]);
    expect(backend.arrivals.filter((one) => !isTaken(one)).length).toBeGreaterThan(taken.length / 2);
  }, 300_000);
});
