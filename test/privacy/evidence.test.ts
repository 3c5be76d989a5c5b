import { randomUUID } from 'node:crypto';

import { retryDelivery } from '../../src/store/deliveries/retry';
import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { coinifyWebhook, tradevestWebhook, type Webhook } from '../faults/partner-stub';
import { newSigner, type TestSigner } from '../partners/bitpanda-requests';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { newKey, startWhole, type WholeReceiver } from './whole-receiver';

const signer = newSigner('key-of-that-day');
const KEYS = JSON.stringify({ first: newKey() });

let fresh: FreshDatabase;
let database: Database;
let whole: WholeReceiver | null;
const taskQueue = `evidence-${randomUUID()}`;
beforeEach(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 3 });
  await migrate(database.kysely);
  whole = null;
});
afterEach(async () => {
  await whole?.receiver.stop();
  await database.close();
  await fresh.drop();
});

function trusting(...signers: readonly TestSigner[]): Readonly<Record<string, string>> {
  return { BITPANDA_WEBHOOK_KEYS: JSON.stringify({ keys: signers.map(({ key }) => key) }) };
}

/** The receiver with other variables, over the same database. */
async function restart(more: Readonly<Record<string, string>>): Promise<WholeReceiver> {
  await whole?.receiver.stop();
  whole = await startWhole(fresh.url, taskQueue, { BODY_ENCRYPTION_KEYS: KEYS, ...more });
  return whole;
}

function reports(receiver: WholeReceiver, query = '', components?: readonly string[]): Webhook {
  const path = `/webhooks/bitpanda/reports${query}`;
  const body = JSON.stringify({ params: { id: randomUUID() } });
  const { keyid, privateKeyPem } = signer;
  const url = `${receiver.receiver.url}${path}`;
  const signing = {
    method: 'POST',
    url,
    body,
    keyid,
    privateKeyPem,
    ...(components === undefined ? {} : { components }),
  };
  return { path, headers: signBitpanda(signing), body };
}

async function evidenceOf(id: string) {
  const { status, body } = await (whole ?? (await restart({}))).get(`/operations/deliveries/${id}/evidence`);
  expect(status).toBe(200);
  return body;
}

function checksOf(evidence: Record<string, any>): readonly string[] {
  return evidence.checks.map(({ check, result }: Record<string, string>) => `${String(check)} ${String(result)}`);
}

async function untilSettled(id: string): Promise<void> {
  await eventually(async () => {
    const row = await database.kysely.selectFrom('deliveries').select('status').where('id', '=', id).executeTakeFirst();
    expect(row?.status).not.toBe('pending');
  });
}

describe('evidence of a Bitpanda webhook', () => {
  it('verifies the signature by the key of that day, long after the key was rotated out', async () => {
    const first = await restart(trusting(signer));
    const { id } = await first.post(reports(first, '?page=1'));
    await untilSettled(id);
    await restart(trusting(newSigner('key-of-today')));
    await eventually(async () => {
      const rows = await database.kysely.selectFrom('trusted_keys').select(['key_id', 'until']).execute();
      expect(rows.find(({ key_id }) => key_id === 'key-of-that-day')?.until).toEqual(expect.any(Date));
    });
    const evidence = await evidenceOf(id);
    expect(evidence).toMatchObject({
      result: 'verified',
      partner: 'bitpanda',
      verdict: { then: 'authentic', now: 'authentic' },
      became: { status: 'delivered', event: 'reports' },
      body: { state: 'kept', sealedUnder: 'first' },
    });
    expect(checksOf(evidence)).toEqual(['seal holds', 'hash holds', 'signature holds']);
    expect(JSON.stringify(evidence.checks)).toMatch(/the key \\"key-of-that-day\\", trusted since .*, until /);
  });

  it.each([
    ['path alone', ['@method', '@path', 'content-digest'], ''],
    ['path and query', ['@method', '@path', '@query', 'content-digest'], '?a=1&b=%20'],
    ['authority beside them', ['@method', '@authority', '@path', 'content-digest'], ''],
  ])('verifies signatures that cover %s', async (_what, components, query) => {
    const receiver = await restart(trusting(signer));
    const { id, status } = await receiver.post(reports(receiver, query, components));
    expect(status).toBe(200);
    expect((await evidenceOf(id)).result).toBe('verified');
  });

  it('uses the time of reception: a signature is not too old for having been kept for years', async () => {
    const receiver = await restart(trusting(signer));
    const path = '/webhooks/bitpanda/reports';
    const createdSeconds = Math.floor(Date.now() / 1000) - 250;
    const { keyid, privateKeyPem } = signer;
    const url = `${receiver.receiver.url}${path}`;
    const headers = signBitpanda({ method: 'POST', url, body: '{}', keyid, privateKeyPem, createdSeconds });
    const { id } = await receiver.post({ path, headers, body: '{}' });
    const years = 3 * 365 * 86_400;
    // As if received three years ago: a signature made after that is from the future, and no longer fits.
    expect((await evidenceOf(id)).verdict).toEqual({ then: 'authentic', now: 'authentic' });
    for (const table of ['deliveries', 'delivery_bodies'] as const)
      await database.kysely
        .updateTable(table)
        .set({ received_at: new Date(Date.now() - years * 1000) })
        .where('id', '=', id)
        .execute();
    expect((await evidenceOf(id)).result).toBe('altered');
  });

  it('proves the kept hash by the signed digest when retention has removed the body', async () => {
    const receiver = await restart(trusting(signer));
    const { id } = await receiver.post(reports(receiver));
    await untilSettled(id);
    await database.kysely.deleteFrom('delivery_bodies').where('id', '=', id).execute();
    const evidence = await evidenceOf(id);
    expect(evidence).toMatchObject({ result: 'verified', body: { state: 'removed', base64: null } });
    expect(checksOf(evidence)).toEqual(['hash not-possible', 'digest holds', 'signature holds']);
    await database.kysely
      .updateTable('deliveries')
      .set({ body_sha256: Buffer.alloc(32, 1) })
      .where('id', '=', id)
      .execute();
    expect((await evidenceOf(id)).result).toBe('altered');
  });
});

describe('evidence of the other partners', () => {
  it('verifies Coinify’s HMAC, and says so when its secret is no longer configured', async () => {
    const receiver = await restart({});
    const { id } = await receiver.post(coinifyWebhook(randomUUID(), 'created'));
    expect(await evidenceOf(id)).toMatchObject({
      result: 'verified',
      verdict: { then: 'authentic', now: 'authentic' },
    });
    await restart({ COINIFY_WEBHOOK_SECRETS: 'another-secret' });
    const later = await evidenceOf(id);
    expect(later).toMatchObject({ result: 'partly-verified', verdict: { then: 'authentic', now: null } });
    expect(checksOf(later)).toEqual(['seal holds', 'hash holds', 'signature not-possible']);
    expect(JSON.stringify(later.checks)).toContain('is no longer configured');
  });

  it('rests on the kept fingerprint and verdict for Tradevest, and says which', async () => {
    const receiver = await restart({});
    const { id } = await receiver.post(tradevestWebhook(randomUUID(), 'PLACED'));
    const evidence = await evidenceOf(id);
    expect(evidence.result).toBe('verified');
    expect(JSON.stringify(evidence.checks)).toContain('Tradevest signs nothing');
    await restart({ TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': ['another'] }) });
    expect((await evidenceOf(id)).result).toBe('partly-verified');
  });

  it('names what became of it and who did what with it', async () => {
    const receiver = await restart({});
    const { id } = await receiver.post(tradevestWebhook(randomUUID(), 'NEVER_HEARD_OF'));
    await eventually(async () => expect((await evidenceOf(id)).became.status).toBe('parked'));
    await retryDelivery(database.kysely, id, 'bob');
    expect((await evidenceOf(id)).deeds).toEqual([
      expect.objectContaining({ by: 'bob', action: 'retry', target: id, at: expect.stringMatching(/Z$/) }),
    ]);
  });

  it('answers 404 to an id nobody knows', async () => {
    const receiver = await restart({});
    expect((await receiver.get(`/operations/deliveries/${randomUUID()}/evidence`)).status).toBe(404);
    expect((await receiver.get('/operations/deliveries/nonsense/evidence')).status).toBe(404);
  });
});

describe('what was altered in the database', () => {
  async function kept(webhookOf: (receiver: WholeReceiver) => Webhook, more: Readonly<Record<string, string>> = {}) {
    const receiver = await restart({ ...trusting(signer), ...more });
    const { id } = await receiver.post(webhookOf(receiver));
    await untilSettled(id);
    return id;
  }
  const webhooks: readonly [string, (receiver: WholeReceiver) => Webhook][] = [
    ['Tradevest', () => tradevestWebhook(randomUUID(), 'PLACED')],
    ['Coinify', () => coinifyWebhook(randomUUID(), 'created')],
    ['Bitpanda', (receiver) => reports(receiver)],
  ];

  it.each(webhooks)('one bit of a sealed body of %s is found', async (_partner, webhookOf) => {
    const id = await kept(webhookOf);
    await database.pool.query(
      'UPDATE delivery_bodies SET body = set_bit(body, 200, 1 - get_bit(body, 200)) WHERE id = $1',
      [id],
    );
    const evidence = await evidenceOf(id);
    expect(evidence).toMatchObject({ result: 'altered', body: { state: 'altered', base64: null } });
    expect(checksOf(evidence)[0]).toBe('seal fails');
  });

  it.each(webhooks)('one bit of a body of %s kept in clear is found', async (_partner, webhookOf) => {
    const id = await kept(webhookOf, { BODY_ENCRYPTION_KEYS: '' });
    await database.pool.query(
      'UPDATE delivery_bodies SET body = set_bit(body, 20, 1 - get_bit(body, 20)) WHERE id = $1',
      [id],
    );
    const evidence = await evidenceOf(id);
    expect(evidence.result).toBe('altered');
    expect(JSON.stringify(evidence.checks)).toContain('The stored bytes were altered');
  });

  it.each(webhooks.slice(1))(
    'a body of %s is found also where its hash was changed with it',
    async (_partner, webhookOf) => {
      const id = await kept(webhookOf, { BODY_ENCRYPTION_KEYS: '' });
      await database.pool.query(
        `WITH altered AS (
           UPDATE delivery_bodies SET body = set_bit(body, 20, 1 - get_bit(body, 20)) WHERE id = $1 RETURNING id, body
         ) UPDATE deliveries d SET body_sha256 = sha256(altered.body) FROM altered WHERE d.id = altered.id`,
        [id],
      );
      expect(checksOf(await evidenceOf(id))).toEqual(['hash holds', 'signature fails']);
    },
  );

  it('a sealed body that was moved from another delivery is found', async () => {
    const id = await kept(() => tradevestWebhook(randomUUID(), 'PLACED'));
    const { id: other } = await (whole ?? (await restart({}))).post(tradevestWebhook(randomUUID(), 'FILLED'));
    await database.pool.query(
      `WITH moved AS (
         UPDATE delivery_bodies SET body = (SELECT body FROM delivery_bodies WHERE id = $2) WHERE id = $1
       ) UPDATE deliveries SET (body_sha256, body_bytes) = (SELECT body_sha256, body_bytes FROM deliveries WHERE id = $2) WHERE id = $1`,
      [id, other],
    );
    expect((await evidenceOf(id)).result).toBe('altered');
  });

  it('headers that were changed are found', async () => {
    const id = await kept(() => tradevestWebhook(randomUUID(), 'PLACED'));
    await database.pool.query(
      `UPDATE deliveries SET headers = jsonb_set(headers, '{sealed}', to_jsonb(repeat('A', 200))) WHERE id = $1`,
      [id],
    );
    expect((await evidenceOf(id)).result).toBe('altered');
  });
});
