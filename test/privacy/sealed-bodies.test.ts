import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { decryptRaw } from '../../src/store/schema/encrypted-json';
import { createEncryption } from '../../src/store/encryption';
import { appendSwept } from '../../src/store/deliveries/swept';
import { coinifyWebhook, tradevestWebhook } from '../faults/partner-stub';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { partnerflow } from '../support/partnerflow';
import { newKey, startWhole, type WholeReceiver } from './whole-receiver';

const [FIRST, SECOND, WRONG] = [newKey(), newKey(), newKey()];
const under = (keys: Readonly<Record<string, string>>) => ({ BODY_ENCRYPTION_KEYS: JSON.stringify(keys) });

let fresh: FreshDatabase;
let database: Database;
let whole: WholeReceiver | null;
let folder: string;
const taskQueue = `sealed-${randomUUID()}`;
beforeEach(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 3 });
  await migrate(database.kysely);
  whole = null;
  folder = mkdtempSync(join(tmpdir(), 'partnerflow-privacy-'));
});
afterEach(async () => {
  await whole?.receiver.stop();
  await database.close();
  await fresh.drop();
  rmSync(folder, { recursive: true });
});

async function start(more: Readonly<Record<string, string>>): Promise<WholeReceiver> {
  await whole?.receiver.stop();
  whole = await startWhole(fresh.url, taskQueue, more);
  return whole;
}

async function statusesOf(): Promise<Readonly<Record<string, string>>> {
  const rows = await database.kysely.selectFrom('deliveries').select(['id', 'status']).execute();
  return Object.fromEntries(rows.map(({ id, status }) => [id, status]));
}

/** Everything that the tables of what was received hold, as one text. */
async function dump(): Promise<string> {
  const { rows } = await database.pool.query(
    `SELECT d::text AS row FROM deliveries d UNION ALL SELECT b::text || encode(body, 'escape') FROM delivery_bodies b UNION ALL SELECT r::text FROM rejections r`,
  );
  return rows.map(({ row }) => String(row)).join('\n');
}

describe('bodies at rest', () => {
  it('are sealed with their headers, shown to operators as they came, and hashed in clear', async () => {
    const receiver = await start(under({ first: FIRST }));
    const webhook = tradevestWebhook(randomUUID(), 'PLACED');
    const { id, status } = await receiver.post({
      ...webhook,
      headers: { ...webhook.headers, 'X-Customer': 'Erika M.' },
    });
    expect(status).toBe(200);
    expect(await dump()).not.toMatch(/Erika|notificationType/);
    const { body } = await receiver.get(`/operations/deliveries/${id}`);
    expect(Buffer.from(String(body.bodyBase64), 'base64').toString()).toBe(webhook.body);
    expect(body.headers).toMatchObject({ 'x-customer': 'Erika M.', 'api-key': '[redacted]' });
    await eventually(async () => expect((await statusesOf())[id]).toBe('delivered'));
  });

  it('that were kept in clear before there was a key go on being read and dispatched', async () => {
    const clear = await start({ BODY_ENCRYPTION_KEYS: '' });
    const webhook = coinifyWebhook(randomUUID(), 'created');
    const { id } = await clear.post(webhook);
    expect(clear.logged()).toContain('BODY_ENCRYPTION_KEYS is not set');
    await database.kysely.updateTable('deliveries').set({ status: 'pending', settled_at: null }).execute();
    const receiver = await start(under({ first: FIRST }));
    const { body } = await receiver.get(`/operations/deliveries/${id}`);
    expect(Buffer.from(String(body.bodyBase64), 'base64').toString()).toBe(webhook.body);
    await eventually(async () => expect((await statusesOf())[id]).not.toBe('pending'));
  });

  it('of sweeps are sealed too', async () => {
    const encryption = createEncryption([{ id: 'first', key: Buffer.from(FIRST, 'base64') }]);
    await appendSwept(
      database.kysely,
      'bitpanda',
      [{ route: 'reports', body: Buffer.from('{"name":"Erika"}') }],
      encryption,
    );
    expect(await dump()).not.toContain('Erika');
    const row = await database.kysely.selectFrom('kept_deliveries').selectAll().executeTakeFirstOrThrow();
    const receiver = await start(under({ first: FIRST }));
    const { body } = await receiver.get(`/operations/deliveries/${row.id}`);
    expect(body.bodyBase64).toBe(Buffer.from('{"name":"Erika"}').toString('base64'));
  });

  it('of refused requests are sealed with what else is kept of them', async () => {
    const receiver = await start(under({ first: FIRST }));
    const webhook = coinifyWebhook(randomUUID(), 'created');
    const refused = await receiver.post({ ...webhook, body: `${webhook.body} ` });
    expect(refused.status).toBe(401);
    expect(await dump()).not.toContain(Buffer.from(webhook.body).toString('base64').slice(0, 40));
    const row = await database.kysely.selectFrom('rejections').selectAll().executeTakeFirstOrThrow();
    const encryption = createEncryption([{ id: 'first', key: Buffer.from(FIRST, 'base64') }]);
    if (row.raw === null) throw new Error('nothing was kept of it');
    expect(decryptRaw(encryption, row.raw, row.id)).toMatchObject({
      bodyBase64: Buffer.from(`${webhook.body} `).toString('base64'),
    });
  });
});

describe('a wrong or missing key', () => {
  it.each([
    ['another key of that name', { first: WRONG }, 'another-key'],
    ['a key of another name', { second: SECOND }, 'no-such-key'],
    ['no key at all', null, 'no-such-key'],
  ])(
    '%s: what waits stays pending and says why, new webhooks go through, and all do once the key is back',
    async (_what, keys, reason) => {
      const first = await start(under({ first: FIRST }));
      const webhook = tradevestWebhook(randomUUID(), 'PLACED');
      const { id } = await first.post(webhook);
      await eventually(async () => expect((await statusesOf())[id]).toBe('delivered'));
      await first.receiver.stop();
      whole = null;
      await database.kysely
        .updateTable('deliveries')
        .set({ status: 'pending', settled_at: null, workflow_id: null })
        .execute();
      const wrong = await start(keys === null ? { BODY_ENCRYPTION_KEYS: '' } : under(keys));
      await eventually(() => expect(wrong.logged()).toContain(`"reason":"${reason}"`));
      const { id: other, status } = await wrong.post(tradevestWebhook(randomUUID(), 'PLACED'));
      expect(status).toBe(200);
      await eventually(async () => expect((await statusesOf())[other]).toBe('delivered'));
      expect((await statusesOf())[id]).toBe('pending');
      expect((await wrong.get('/operations/balance')).body).toMatchObject({
        received: 2,
        pending: 1,
        parked: 0,
        delivered: 1,
      });
      const line =
        wrong
          .logged()
          .split('\n')
          .find((text) => text.includes(reason)) ?? '{}';
      expect(JSON.parse(line)).toMatchObject({
        ...{ level: 50, waiting: 1, deliveryId: id },
        expected: 'the key "first" among BODY_ENCRYPTION_KEYS',
      });
      const shown = await wrong.get(`/operations/deliveries/${id}`);
      expect(shown.status).toBe(503);
      expect(shown.body.detail).toContain('encrypted with the key "first"');
      const both = await start(
        under({ first: FIRST, 'other-one': keys === null ? SECOND : (Object.values(keys)[0] ?? '') }),
      );
      await eventually(async () => expect(Object.values(await statusesOf())).toEqual(['delivered', 'delivered']));
      for (const one of [id, other]) expect((await both.get(`/operations/deliveries/${one}`)).status).toBe(200);
    },
  );
});

describe('the commands', () => {
  it('evidence names the missing key in one sentence, and verifies, shows and exports with it', async () => {
    const receiver = await start(under({ first: FIRST }));
    const webhook = coinifyWebhook(randomUUID(), 'created');
    const { id } = await receiver.post(webhook);
    const on = { DATABASE_URL: fresh.url, COINIFY_WEBHOOK_SECRETS: 'secret-of-the-tests' };
    const missing = await partnerflow(['evidence', id], on);
    expect(missing.code).toBe(2);
    expect(missing.err).toBe(
      `The body of delivery ${id} cannot be decrypted: encrypted with the key "first", which is not configured. See BODY_ENCRYPTION_KEYS.\n`,
    );
    const file = join(folder, 'evidence.json');
    const found = await partnerflow(['evidence', id, '--output', file], { ...on, ...under({ first: FIRST }) });
    expect(found).toMatchObject({ code: 0, err: '' });
    expect(found.out).toMatch(/Verified: what is stored is what the partner sent/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const exported = JSON.parse(readFileSync(file, 'utf8'));
    expect(Buffer.from(exported.body.base64, 'base64').toString()).toBe(webhook.body);
    const again = await partnerflow(['evidence', id, '--output', file], { ...on, ...under({ first: FIRST }) });
    expect([again.code, again.err]).toEqual([2, `${file} is there already; name another file.\n`]);
    await database.pool.query('UPDATE delivery_bodies SET body = set_bit(body, 200, 1 - get_bit(body, 200))');
    const altered = await partnerflow(['evidence', id, '--json'], { ...on, ...under({ first: FIRST }) });
    expect([altered.code, altered.err]).toEqual([1, `Delivery ${id} was altered in the database after it was kept.\n`]);
    expect(JSON.parse(altered.out)).toMatchObject({ result: 'altered' });
    const unknown = await partnerflow(['evidence', randomUUID()], on);
    expect(unknown).toMatchObject({ code: 1, out: '' });
  });

  it('rotate-bodies brings everything under the newest key, and leaves nothing to do for a second run', async () => {
    const clear = await start({ BODY_ENCRYPTION_KEYS: '' });
    const bodies = new Map<string, string>();
    const post = async (receiver: WholeReceiver) => {
      const webhook = coinifyWebhook(randomUUID(), 'created');
      bodies.set((await receiver.post(webhook)).id, webhook.body);
    };
    await post(clear);
    const old = await start(under({ first: FIRST }));
    for (let count = 0; count < 60; count += 1) await post(old);
    await old.post({ ...coinifyWebhook(randomUUID(), 'created'), body: 'forged' });
    const both = under({ second: SECOND, first: FIRST });
    const on = { DATABASE_URL: fresh.url };
    const ran = await partnerflow(['rotate-bodies'], { ...on, ...both });
    expect(ran.out).toContain('61 deliveries and 1 refused request re-encrypted with "second".');
    expect(ran.code).toBe(0);
    const again = await partnerflow(['rotate-bodies'], { ...on, ...both });
    expect(again.out).toContain('0 deliveries and 0 refused requests re-encrypted');
    const receiver = await start(under({ second: SECOND }));
    for (const [id, body] of bodies) {
      const shown = await receiver.get(`/operations/deliveries/${id}`);
      expect(Buffer.from(String(shown.body.bodyBase64), 'base64').toString()).toBe(body);
    }
    expect(await dump()).not.toContain('transferIn');
  });

  it('rotate-bodies leaves what it cannot open, says which, and does the rest', async () => {
    const old = await start(under({ first: FIRST }));
    const { id: lost } = await old.post(tradevestWebhook(randomUUID(), 'PLACED'));
    const second = await start(under({ second: SECOND }));
    await second.post(tradevestWebhook(randomUUID(), 'PLACED'));
    const third = under({ third: WRONG, second: SECOND });
    const ran = await partnerflow(['rotate-bodies'], { DATABASE_URL: fresh.url, ...third });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`delivery ${lost} cannot be decrypted: encrypted with the key "first"`);
    expect(ran.out).toContain('1 delivery and 0 refused requests re-encrypted');
    expect((await partnerflow(['rotate-bodies'], { DATABASE_URL: fresh.url })).code).toBe(2);
  });
});
