import { randomBytes, randomUUID } from 'node:crypto';

import type { SubjectDetails } from '../../src/domain/details';
import { type Database, openDatabase } from '../../src/store/database';
import { createEncryption } from '../../src/store/encryption';
import { loadDetails, recordDetails } from '../../src/store/flows/details';
import { removeOverdueDetails } from '../../src/store/flows/details-retention';
import { reEncryptDetails } from '../../src/store/flows/details-rotation';
import { saveReading, showReadObject } from '../../src/store/flows/readings';
import { migrate } from '../../src/store/migrate';
import { referenceHash } from '../../src/store/reference-hash';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

const FIRST_KEY = randomBytes(32);
const ENCRYPTION = createEncryption([{ id: 'first', key: FIRST_KEY }]);
const KEYS = { encryption: ENCRYPTION, referenceHashKey: randomBytes(32) };
const REFERENCE = 'loan of Zyxandra Quellenhofer';
const [EARLY, LATE] = [new Date('2026-03-01T10:00:00Z'), new Date('2026-03-01T11:00:00Z')];

describe('details of a subject in the store', () => {
  let fresh: FreshDatabase;
  let database: Database;
  let workflowId: string;
  beforeAll(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ url: fresh.url, poolSize: 2 });
    await migrate(database.kysely);
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });
  beforeEach(() => {
    workflowId = `tradevest:order:${randomUUID()}`;
  });

  const tell = (details: SubjectDetails, toldAt: Date | null) =>
    recordDetails(database.kysely, KEYS, [{ workflowId, partner: 'tradevest', toldAt, details }]);

  const kept = async () => (await loadDetails(database.kysely, ENCRYPTION, [workflowId])).get(workflowId);

  it('are those of the newest news, and what these do not say stays', async () => {
    await tell({ userId: 'u', reason: 'OLD', amounts: [{ what: 'gross', amount: '1', unit: 'EUR' }] }, EARLY);
    await tell({ reason: 'NEW', amounts: [{ what: 'gross', amount: '2', unit: 'EUR' }], facts: { a: '1' } }, LATE);
    expect(await kept()).toEqual({
      userId: 'u',
      reason: 'NEW',
      amounts: [{ what: 'gross', amount: '2', unit: 'EUR' }],
      facts: { a: '1' },
    });
  });

  it('are filled by older news, and not changed by them', async () => {
    await tell({ reason: 'NEW', facts: { a: 'new' } }, LATE);
    await tell({ reason: 'OLD', side: 'BUY', facts: { a: 'old', b: 'old' } }, EARLY);
    await tell({ reason: 'LATER', changedAt: 'yesterday' }, null);
    expect(await kept()).toEqual({ reason: 'NEW', side: 'BUY', changedAt: 'yesterday', facts: { a: 'new', b: 'old' } });
  });

  it('are put together where several deliveries of a batch say something of one subject', async () => {
    const base = { workflowId, partner: 'tradevest' } as const;
    await recordDetails(database.kysely, KEYS, [
      { ...base, toldAt: LATE, details: { reason: 'NEW' } },
      { ...base, toldAt: EARLY, details: { reason: 'OLD', reference: REFERENCE } },
      { ...base, toldAt: EARLY, details: {} },
    ]);
    expect(await kept()).toEqual({ reason: 'NEW', reference: REFERENCE });
  });

  it('hold the reference sealed, found by its hash as a whole, and sealed once', async () => {
    const row = () =>
      database.kysely
        .selectFrom('subject_details')
        .selectAll()
        .where('workflow_id', '=', workflowId)
        .executeTakeFirst();
    await tell({ reference: REFERENCE }, EARLY);
    const first = await row();
    await tell({ reference: REFERENCE }, LATE);
    const second = await row();
    expect(JSON.stringify(first)).not.toContain(REFERENCE);
    expect(first?.reference?.includes(REFERENCE)).toBe(false);
    expect(first?.reference_hash).toEqual(referenceHash(KEYS.referenceHashKey, REFERENCE));
    expect(second?.reference).toEqual(first?.reference);
    await tell({ reference: 'another' }, LATE);
    expect(await kept()).toEqual({ reference: 'another' });
  });

  it('leave by the term of bodies once nothing is open, and are encrypted again with a new key', async () => {
    const old = new Date(Date.now() - 31 * 86_400_000);
    const answer = { body: Buffer.from('{"holder":"Zyxandra"}'), details: { reference: REFERENCE, side: 'BUY' } };
    const reading = { kind: 'absent' } as const;
    await saveReading(database.kysely, KEYS, { workflowId, partner: 'coinify', reading, askedAt: old, answer });
    const newer = createEncryption([
      { id: 'second', key: randomBytes(32) },
      { id: 'first', key: FIRST_KEY },
    ]);
    expect((await reEncryptDetails(database.kysely, newer, () => undefined)).closed).toBe(0);
    const shown = () => showReadObject(database.kysely, newer, { workflowId, by: 'alice' });
    expect(Buffer.from((await shown())?.bodyBase64 ?? '', 'base64').toString()).toBe('{"holder":"Zyxandra"}');
    expect((await loadDetails(database.kysely, newer, [workflowId])).get(workflowId)).toEqual(answer.details);
    const { rows } = await database.pool.query(
      'SELECT reference_key, object_key FROM subject_details WHERE workflow_id = $1',
      [workflowId],
    );
    expect(rows).toEqual([{ reference_key: newer.newest, object_key: newer.newest }]);

    const term = { coinify: 30 };
    expect(await removeOverdueDetails(database.kysely, term)).toEqual([
      { partner: 'coinify', references: 0, objects: 0 },
    ]);
    await database.pool.query(
      `UPDATE subject_details SET created_at = created_at - interval '31 days', object_read_at = object_read_at - interval '31 days'
       WHERE workflow_id = $1`,
      [workflowId],
    );
    expect(await removeOverdueDetails(database.kysely, term)).toEqual([
      { partner: 'coinify', references: 1, objects: 1 },
    ]);
    expect(await kept()).toEqual({ side: 'BUY' });
    expect(await shown()).toBeNull();
  });

  it('hold whatever a partner writes', async () => {
    await tell({ reason: 'a\u0000b', facts: { '\ud800': '\u0000' } }, EARLY);
    expect(await kept()).toEqual({ reason: 'a\ufffdb', facts: { '\ufffd': '\ufffd' } });
  });
});

it('finds a reference that is an object in whatever order its fields are written', () => {
  const key = randomBytes(32);
  const hash = (text: string) => referenceHash(key, text).toString('hex');
  expect(hash('{"refId": 1, "clientId": {"b": 2, "a": [1]}}')).toBe(hash('{"clientId":{"a":[1],"b":2},"refId":1}'));
  expect(hash('{"refId":1}')).not.toBe(hash('{"refId":2}'));
  expect(hash('{not JSON')).not.toBe(hash('not JSON'));
});
