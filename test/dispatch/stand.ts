import { createHash, randomUUID } from 'node:crypto';

import type { Kysely } from 'kysely';
import pino from 'pino';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import type { DispatchDependencies } from '../../src/dispatch/batch';
import { type Dispatcher, startDispatcher } from '../../src/dispatch/dispatcher';
import { createSlots } from '../../src/lib/concurrency';
import { type Database, openDatabase } from '../../src/store/database';
import { bodyBinding, type Encryption, IN_CLEAR } from '../../src/store/encryption';
import { migrate } from '../../src/store/migrate';
import type { Tables } from '../../src/store/schema/tables';
import type { FlowStarter } from '../../src/temporal/flow-client';
import { DISPATCH_LIMITS, flowsThat } from '../support/dispatch';
import { freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';
import { partnersDecoding } from '../support/partners';

/** An error as the SDK makes it of an answer with the gRPC code. */
export function grpcError(code: number): Error {
  return new Error('failed', { cause: Object.assign(new Error(), { code, details: 'said', metadata: {} }) });
}

/** A dispatcher on a real database; what Temporal says is up to the test. */
export interface Stand {
  readonly database: Database;
  readonly url: string;
  readonly dependencies: DispatchDependencies;
  /** Ids of the orders and statuses that were taken, in their order. */
  readonly taken: string[];
  /** What Temporal says of an order before it takes it; it takes it where nothing is said. */
  readonly answers: Map<string, () => Promise<unknown>>;
  /** Keeps a delivery about an order; the id of the delivery. */
  keep(
    orderId: string,
    status?: string,
    more?: { readonly partner?: string; readonly encryption?: Encryption },
  ): Promise<string>;
  start(changes?: Partial<DispatchDependencies>): Dispatcher;
  /** What became of each delivery, in the order in which they were kept. */
  rows(): Promise<readonly { readonly became: string; readonly tries: number; readonly cause: string | null }[]>;
  close(): Promise<void>;
}

/** A stand with nothing kept. */
export async function openStand(
  flows: Partial<FlowStarter> = {},
  setUp: (database: Kysely<Tables>) => Promise<void> = migrate,
): Promise<Stand> {
  const fresh = await freshDatabase();
  const database = openDatabase({ url: fresh.url, poolSize: 6 });
  await setUp(database.kysely);
  const taken: string[] = [];
  const answers = new Map<string, () => Promise<unknown>>();
  const dispatchers: Dispatcher[] = [];
  const dependencies: DispatchDependencies = {
    database: database.kysely,
    partners: partnersDecoding((partner) => ({ partner, decode: (_route, body) => decodedOf(partner, body) })),
    encryption: IN_CLEAR,
    slots: createSlots({ count: 4, slowMs: 100 }),
    mostTries: 3,
    policies: createPolicies(DEFAULT_POLICY_SETTINGS, 1),
    logger: pino({ level: 'silent' }),
    flows: flowsThat({
      signalWithStart: async ({ key }, { deliveryId }) => {
        await answers.get(key.id)?.();
        taken.push(`${key.id} ${deliveryId}`);
        return 'a-run';
      },
      ...flows,
    }),
  };
  return {
    database,
    url: fresh.url,
    dependencies,
    taken,
    answers,
    async keep(orderId, status = 'PLACED', { partner = 'tradevest', encryption = IN_CLEAR } = {}) {
      const id = randomUUID();
      const clear = Buffer.from(JSON.stringify({ orderId, status }));
      const { bytes, keyName } = encryption.encrypt(clear, bodyBinding(id));
      return keepDelivery(database.kysely, {
        ...{ id, partner, body: bytes, body_key: keyName },
        ...{ body_sha256: createHash('sha256').update(clear).digest(), body_bytes: clear.length },
      });
    },
    start(changes = {}) {
      const dispatcher = startDispatcher({ ...dependencies, ...changes }, { ...DISPATCH_LIMITS, pollMs: 20 });
      dispatchers.push(dispatcher);
      return dispatcher;
    },
    async rows() {
      const rows = await database.kysely
        .selectFrom('kept_deliveries')
        .select(['status', 'outcome', 'refusals', 'problem'])
        .orderBy('position')
        .execute();
      return rows.map(({ status, outcome, refusals, problem }) => ({
        became: outcome ?? status,
        tries: refusals,
        cause: problem === null ? null : `${problem.path}: ${problem.found}`,
      }));
    },
    async close() {
      await Promise.all(dispatchers.map((one) => one.stop()));
      await database.close();
      await fresh.drop();
    },
  };
}

function decodedOf(partner: string, body: Buffer) {
  const { orderId, status }: { orderId: string; status: string } = JSON.parse(body.toString('utf8'));
  if (status === 'OURS') throw new RangeError('a mistake of ours');
  const event = status === 'NUL' ? 'TEST\0' : 'TEST';
  return {
    ok: true,
    decoded: {
      event,
      subject: { partner, object: partner === 'coinify' ? 'trade' : 'order', id: orderId },
      duplicateKey: null,
      details: {},
      content: { lifecycle: 'order', event, status, reason: null, executions: [], readHints: {} },
    },
  } as const;
}
