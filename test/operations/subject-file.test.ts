import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import { request } from 'undici';
import { type Entry, fromBuffer } from 'yauzl';

import { deliveriesOfSubject } from '../../src/store/deliveries/of-subject';
import { recordDetails } from '../../src/store/flows/details';
import { createEncryption } from '../../src/store/encryption';
import { loggedIn, seen } from '../page/browse';
import { partnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { type Api, follow, keep, openApi, TOKEN } from './harness';

jest.setTimeout(120_000);

const KEY = Buffer.alloc(32, 3);
const ENCRYPTION = createEncryption([{ id: 'one', key: KEY }]);
const ORDER = 'tradevest:order:5f0f1d3a-4b1c-4c1e-9d55-0a4b8a4f2c11';
const USER = '0b8f2f0e-6a0a-4a53-8d4b-1f6a1c2d3e4f';
const BODY = JSON.stringify({ orderId: ORDER.slice(16), orderStatus: 'FILLED', name: '<script>alert(1)</script>' });

let api: Api;
let folder: string;
let delivery: string;
beforeAll(async () => {
  api = await openApi();
  folder = mkdtempSync(join(tmpdir(), 'partnerflow-evidence-'));
  const { kysely } = api.database;
  const missed = { finding: 'missed', at: '2026-11-03T13:00:00.000Z', state: 'PLACED', found: 'FILLED' } as const;
  const end = { state: 'SETTLED', at: '2026-11-03T14:00:00.000Z', by: 'read' } as const;
  await follow(kysely, ORDER, { id: ORDER.slice(16), findings: [missed], end, state: 'SETTLED' });
  const reading = { at: '2026-11-03T13:59:00.000Z', reading: { kind: 'object', status: 'SETTLED' } };
  await sql`UPDATE subjects SET last_reading = ${JSON.stringify(reading)}::jsonb WHERE workflow_id = ${ORDER}`.execute(
    kysely,
  );
  delivery = await keep(kysely, {
    ...{ status: 'delivered', outcome: 'applied', workflowId: ORDER, body: Buffer.from(BODY) },
    receivedAt: new Date('2026-11-03T09:00:00.000Z'),
  });
  await sql`UPDATE deliveries SET event = 'ORDER', outcome_at = settled_at WHERE id = ${delivery}::uuid`.execute(
    kysely,
  );
  await keep(kysely, { status: 'duplicate', workflowId: ORDER });
  await recordDetails(kysely, { encryption: ENCRYPTION, referenceHashKey: null }, [
    { workflowId: ORDER, partner: 'tradevest', toldAt: new Date(), details: { userId: USER, reference: 'our 4711' } },
  ]);
  await kysely
    .insertInto('operator_actions')
    .values({ by: 'bob', action: 'refetch', target: ORDER, reason: 'the customer called', details: '{}' })
    .execute();
  await kysely
    .insertInto('outbox')
    .values({
      ...{ id: randomUUID(), target: 'outcomes', subject: ORDER, type: 'order.settled', state: 'sent', attempts: 2 },
      ...{ body: '{"type":"order.settled","data":{}}', last_failure: 'status 500', ended_at: new Date() },
    })
    .execute();
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

/** Files of a zip archive by their names. */
function unzip(archive: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  return new Promise((resolve, reject) => {
    const files = new Map<string, Buffer>();
    fromBuffer(archive, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return reject(error);
      zip.on('end', () => resolve(files));
      zip.on('entry', (entry: Entry) => {
        zip.openReadStream(entry, (failure, stream) => {
          if (failure !== null) return reject(failure);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('end', () => {
            files.set(entry.fileName, Buffer.concat(parts));
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}

async function download(workflowId = ORDER) {
  const reply = await request(`${api.url}/operations/flows/${encodeURIComponent(workflowId)}/evidence`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return { status: reply.statusCode, headers: reply.headers, bytes: Buffer.from(await reply.body.arrayBuffer()) };
}

describe("a subject's file for an auditor", () => {
  it('holds bodies, headers, verdicts, messages and actions, and a manifest that fits every file', async () => {
    // What is encrypted is opened with the keys that are configured.
    const sealed = await openApi({ databaseUrl: api.databaseUrl, encryption: ENCRYPTION });
    const reply = await request(`${sealed.url}/operations/flows/${encodeURIComponent(ORDER)}/evidence`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const files = await unzip(Buffer.from(await reply.body.arrayBuffer()));
    await sealed.close();
    const manifest: {
      readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
    } = JSON.parse(String(files.get('manifest.json')));
    expect(manifest).toMatchObject({ subject: ORDER, writtenBy: 'alice', olderDeliveriesLeftOut: false });
    expect(manifest.files.map(({ path }) => path).sort()).toEqual(
      [...files.keys()].filter((path) => path !== 'manifest.json').sort(),
    );
    for (const { path, bytes, sha256 } of manifest.files) {
      const file = files.get(path) ?? Buffer.alloc(0);
      expect([path, file.length, createHash('sha256').update(file).digest('hex')]).toEqual([path, bytes, sha256]);
    }
    expect(String(files.get(`deliveries/00001-${delivery}/body`))).toBe(BODY);
    expect(JSON.parse(String(files.get(`deliveries/00001-${delivery}/delivery.json`)))).toMatchObject({
      deliveryId: delivery,
    });
    expect(JSON.parse(String(files.get('subject.json')))).toMatchObject({
      details: { userId: USER, reference: 'our 4711' },
    });
    const page = String(files.get('index.html'));
    for (const words of [
      'our 4711',
      USER,
      'missed: known PLACED, found FILLED',
      'order.settled',
      'taken by the receiver',
      'status 500',
      'bob: refetch',
      'the customer called',
      'SETTLED, by read',
      'status SETTLED',
      'authentic',
      'FILLED',
      'duplicate',
    ])
      expect(page).toContain(words);
    expect(page).not.toMatch(/<script|<img|<link|src=|https?:/i);
  });

  it('is not given without the key of what it holds, nor for an unknown id', async () => {
    expect((await download()).status).toBe(503);
    expect((await download('tradevest:order:nobody')).status).toBe(404);
  });

  it('is linked on the page of its flow, which tells the whole story in the order of time', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    const answer = await alice.get(`/operations/page/flow/${encodeURIComponent(ORDER)}`);
    expect(answer.text).toContain(`href="/operations/page/flow/${encodeURIComponent(ORDER)}/evidence"`);
    const text = seen(answer).slice(seen(answer).indexOf('The whole story'));
    const told = [
      'came ORDER (webhook, authentic)',
      'missed: known PLACED',
      'status SETTLED',
      'SETTLED, by read',
      'bob: refetch',
    ];
    const places = told.map((words) => text.indexOf(words));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places.slice(0, 4)).toEqual([...places.slice(0, 4)].sort((a, b) => a - b));
    expect(answer.text).not.toContain('our 4711');
  });

  it('is written at the command line into a new file of its owner, and whoever asked is recorded', async () => {
    const environment = {
      ...{ DATABASE_URL: api.databaseUrl, TEMPORAL_ADDRESS: testServers().temporalAddress },
      BODY_ENCRYPTION_KEYS: JSON.stringify({ one: KEY.toString('base64') }),
    };
    const path = join(folder, 'order.zip');
    const ran = await partnerflow(['evidence', '--subject', ORDER, '--out', path], environment);
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await unzip(readFileSync(path))).has('index.html')).toBe(true);
    const again = await partnerflow(['evidence', '--subject', ORDER, '--out', path], environment);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('is there already')]);
    const other = join(folder, 'other.zip');
    expect((await partnerflow(['evidence', '--subject', 'tradevest:order:no', '--out', other], environment)).code).toBe(
      1,
    );
    expect(() => statSync(other)).toThrow();
    expect((await partnerflow(['evidence', '--subject', ORDER], environment)).code).toBe(2);
    expect((await partnerflow(['evidence', delivery, '--subject', ORDER, '--out', other], environment)).code).toBe(2);
    expect((await partnerflow(['evidence'], environment)).code).toBe(2);
    const keyless = await partnerflow(['evidence', '--subject', ORDER, '--out', other], {
      ...environment,
      BODY_ENCRYPTION_KEYS: '',
    });
    expect(keyless.code).not.toBe(0);
    expect(() => statSync(other)).toThrow();
    const actions = await api.database.kysely
      .selectFrom('operator_actions')
      .select(['by', 'target'])
      .where('action', '=', 'evidence')
      .execute();
    expect(actions).toContainEqual({ by: 'alice', target: ORDER });
    expect(actions.length).toBeGreaterThan(1);
  });

  it('of many deliveries is written piece by piece, and nothing is left open by a reader who leaves', async () => {
    const many = 'tradevest:order:many';
    await follow(api.database.kysely, many, { id: 'many' });
    const body = Buffer.alloc(200_000, 'x');
    for (let index = 0; index < 40; index += 1)
      await keep(api.database.kysely, { status: 'delivered', outcome: 'repeated', workflowId: many, body });
    expect(await deliveriesOfSubject(api.database.kysely, many, 10)).toHaveLength(10);
    const reply = await request(`${api.url}/operations/flows/${encodeURIComponent(many)}/evidence`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    reply.body.destroy();
    const { status, headers, bytes } = await download(many);
    expect([status, headers['content-type']]).toEqual([200, 'application/zip']);
    expect(headers['content-disposition']).toBe('attachment; filename="tradevest-order-many.zip"');
    const files = await unzip(bytes);
    expect([...files.keys()].filter((path) => path.endsWith('/body'))).toHaveLength(40);
  });
});
