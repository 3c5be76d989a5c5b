import { randomUUID } from 'node:crypto';

import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { COINIFY_SECRET, coinifyWebhook, TRADEVEST_KEY, tradevestWebhook, type Webhook } from '../faults/partner-stub';
import { newSigner, type TestSigner } from '../partners/bitpanda-requests';
import { partnerflow, type Ran } from '../support/partnerflow';
import { newKey, startWhole, type WholeReceiver } from '../privacy/whole-receiver';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

export type Variables = Readonly<Record<string, string>>;

export const signer = newSigner('key-of-bitpanda');

function keysOf(tradevest: string, coinify: string, bitpanda: TestSigner): Variables {
  return {
    TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': [tradevest] }),
    COINIFY_WEBHOOK_SECRETS: coinify,
    BITPANDA_WEBHOOK_KEYS: JSON.stringify({ keys: [bitpanda.key] }),
  };
}

/** As the partners sign, and as somebody mistyped it: the same names, other keys. */
export const RIGHT = keysOf(TRADEVEST_KEY, COINIFY_SECRET, signer);
export const WRONG = keysOf('key-mistyped', 'secret-mistyped', newSigner(signer.keyid));
export const IN_CLEAR: Variables = { BODY_ENCRYPTION_KEYS: '' };
export const SEALED: Variables = { BODY_ENCRYPTION_KEYS: JSON.stringify({ first: newKey() }) };

/** A receiver of the test that is started again with other variables, over one database. */
export interface Refusing {
  readonly database: Database;
  readonly url: string;
  restart(variables: Variables): Promise<WholeReceiver>;
  /** Posts, and waits until each is answered 401 and its row is there. */
  refused(receiver: WholeReceiver, webhooks: readonly Webhook[]): Promise<void>;
  /** Runs the command on the database with these variables. */
  retry(variables: Variables, ...options: readonly string[]): Promise<Ran>;
  /** Every delivery by its id. */
  deliveries(): Promise<
    readonly { id: string; partner: string; status: string; received_at: Date; headers: unknown }[]
  >;
  close(): Promise<void>;
}

export async function openRefusing(): Promise<Refusing> {
  const fresh: FreshDatabase = await freshDatabase();
  const database = openDatabase({ url: fresh.url, poolSize: 3 });
  await migrate(database.kysely);
  const taskQueue = `rejected-${randomUUID()}`;
  let whole: WholeReceiver | null = null;
  const rows = async (): Promise<number> => {
    const { count } = await database.kysely
      .selectFrom('rejections')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  };
  return {
    database,
    url: fresh.url,
    async restart(variables) {
      await whole?.receiver.stop();
      whole = await startWhole(fresh.url, taskQueue, variables);
      return whole;
    },
    async refused(receiver, webhooks) {
      const before = await rows();
      for (const webhook of webhooks) expect((await receiver.post(webhook)).status).toBe(401);
      await eventually(async () => expect(await rows()).toBe(before + webhooks.length));
    },
    retry: (variables, ...options) =>
      partnerflow(['rejected', 'retry', ...options], { DATABASE_URL: fresh.url, ...variables }),
    deliveries: () =>
      database.kysely
        .selectFrom('deliveries')
        .select(['id', 'partner', 'status', 'received_at', 'headers'])
        .orderBy('position')
        .execute(),
    async close() {
      await whole?.receiver.stop();
      await database.close();
      await fresh.drop();
    },
  };
}

/** A report signed as Bitpanda signs; `origin` is what it believes our address to be. */
export function report(origin: string, createdSeconds?: number): Webhook {
  const path = '/webhooks/bitpanda/reports?page=1';
  const body = JSON.stringify({ params: { id: randomUUID() } });
  const { keyid, privateKeyPem } = signer;
  const time = createdSeconds === undefined ? {} : { createdSeconds };
  return {
    path,
    body,
    headers: signBitpanda({ method: 'POST', url: `${origin}${path}`, body, keyid, privateKeyPem, ...time }),
  };
}

/** One webhook of each partner, as it would be authentic. */
export function ofAllPartners(receiver: WholeReceiver): readonly Webhook[] {
  return [
    tradevestWebhook(randomUUID(), 'PLACED'),
    coinifyWebhook(randomUUID(), 'created'),
    report(receiver.receiver.url),
  ];
}

/** Each with what a stranger could not know. */
export function forged(receiver: WholeReceiver): readonly Webhook[] {
  const order = tradevestWebhook(randomUUID(), 'PLACED');
  const trade = coinifyWebhook(randomUUID(), 'created');
  const told = report(receiver.receiver.url);
  return [
    { ...order, headers: { 'api-key': 'guessed' } },
    { ...trade, body: trade.body.replace('created', 'completed') },
    { ...told, body: `${told.body} ` },
  ];
}
