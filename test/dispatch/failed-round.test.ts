import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';
import pino from 'pino';

import { type Dispatcher, startDispatcher } from '../../src/dispatch/dispatcher';
import { PARTNERS } from '../../src/partners';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { IN_CLEAR } from '../../src/store/encryption';
import { paramsOf } from '../corporate-actions/movements';
import { DISPATCH_LIMITS, flowsThat, ONE_SLOT } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';

jest.setTimeout(60_000);

/** Far longer than a test: whatever waits for the lease is not dispatched in it. */
const LIMITS = { ...DISPATCH_LIMITS, leaseMs: 600_000, pollMs: 20 };

describe('a round of dispatch that fails', () => {
  let fresh: FreshDatabase;
  let database: Database;
  let dispatcher: Dispatcher | null = null;

  beforeEach(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ url: fresh.url, poolSize: 4 });
    await migrate(database.kysely);
  });
  afterEach(async () => {
    await dispatcher?.stop();
    await database.close();
    await fresh.drop();
  });

  async function keep(): Promise<string> {
    const params = paramsOf({ caId: randomUUID(), userId: randomUUID(), amount: '1' });
    const body = Buffer.from(JSON.stringify({ params }));
    return keepDelivery(database.kysely, { partner: 'bitpanda', route: 'corporate-actions', body });
  }

  /** The first time that deliveries are settled PostgreSQL ends the transaction, with the given SQLSTATE. */
  async function endFirstSettling(state: '40P01' | '57P01'): Promise<void> {
    await sql`CREATE SEQUENCE settlings`.execute(database.kysely);
    await sql`
      CREATE FUNCTION end_first_settling() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('settlings') = 1 THEN RAISE EXCEPTION USING ERRCODE = '${sql.raw(state)}'; END IF;
        RETURN NEW;
      END $$`.execute(database.kysely);
    await sql`
      CREATE TRIGGER end_first_settling BEFORE UPDATE ON deliveries FOR EACH ROW
      WHEN (OLD.status = 'pending' AND NEW.status <> 'pending') EXECUTE FUNCTION end_first_settling()`.execute(
      database.kysely,
    );
  }

  test('gives its claims back, to be tried again long before the lease ends, but none that another one has taken over', async () => {
    const [own, taken, other] = [await keep(), await keep(), randomUUID()];
    await endFirstSettling('57P01');
    // The moment of the signal is the one to take a claim over in: only a holder's flow is signalled for a movement.
    await database.kysely.deleteFrom('activations').execute();
    const takeOver = () =>
      sql`UPDATE delivery_queue q SET lease_token = ${other} FROM deliveries d WHERE q.position = d.position AND d.id = ${taken}`.execute(
        database.kysely,
      );
    dispatcher = startDispatcher(
      {
        ...{ database: database.kysely, partners: PARTNERS, encryption: IN_CLEAR, slots: ONE_SLOT, mostTries: 3 },
        policies: createPolicies(DEFAULT_POLICY_SETTINGS, 1),
        logger: pino({ level: 'silent' }),
        flows: flowsThat({
          signalWithStart: async () => {
            await takeOver();
            return 'a-run';
          },
        }),
      },
      LIMITS,
    );
    const rowOf = (id: string) =>
      database.kysely
        .selectFrom('kept_deliveries')
        .leftJoin('delivery_queue', 'delivery_queue.position', 'kept_deliveries.position')
        .select(['status', 'outcome', 'kept_deliveries.attempts', 'lease_token'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
    await eventually(async () => {
      expect(await rowOf(own)).toEqual({ status: 'delivered', outcome: 'applied', attempts: 2, lease_token: null });
    }, 20_000);
    expect(await rowOf(taken)).toEqual({ status: 'pending', outcome: null, attempts: 1, lease_token: other });
  });
});
