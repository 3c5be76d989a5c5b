import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { createRejectionRecorder, type Rejection } from '../../src/store/deliveries/rejections';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres';

let fresh: FreshDatabase;
let database: Database;
beforeEach(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 3 });
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

function rejection(reason: string, more: Partial<Rejection> = {}): Rejection {
  const fixed = { at: new Date('2026-03-01T10:00:00.123Z'), partner: 'coinify', route: 'coinify' } as const;
  return { ...fixed, reason, bodySha256: Buffer.alloc(32, 7), bodyBytes: 3, rawJson: null, ...more };
}

async function counted(): Promise<Readonly<Record<string, number>>> {
  const rows = await database.kysely.selectFrom('counters').selectAll().where('name', '=', 'rejected').execute();
  return Object.fromEntries(rows.map(({ partner, value }) => [partner, Number(value)]));
}

describe('the record of refused requests', () => {
  it('holds each as it was before it is answered, and counts per partner', async () => {
    await migrate(database.kysely);
    const { record } = createRejectionRecorder(database.pool);
    const raw = { headers: [['X-Quote', 'a "b" \\']], bodyBase64: 'AAE=' };
    await record(rejection('signature-wrong', { rawJson: JSON.stringify(raw) }));
    await record(rejection('header-missing', { partner: 'tradevest', route: 'x' }));
    const rows = await database.kysely.selectFrom('rejections').selectAll().orderBy('position').execute();
    expect(rows[0]).toMatchObject({
      reason: 'signature-wrong',
      raw,
      body_bytes: 3,
      at: new Date('2026-03-01T10:00:00.123Z'),
    });
    expect(rows[1]).toMatchObject({ partner: 'tradevest', route: 'x', raw: null, body_sha256: Buffer.alloc(32, 7) });
    expect(await counted()).toEqual({ coinify: 1, tradevest: 1 });
  });

  it('counts a flood to the last one, keeps the newest rows, and of those only the newest raw', async () => {
    await migrate(database.kysely);
    await database.pool.query(`
      INSERT INTO rejections (at, partner, route, reason, body_sha256, body_bytes, raw)
      SELECT now(), 'coinify', 'coinify', 'old', '\\x00', 1, '{"headers": [], "bodyBase64": ""}' FROM generate_series(1, 10500)`);
    const { record } = createRejectionRecorder(database.pool);
    const flood = Array.from({ length: 3_000 }, (_, index) => record(rejection(`new-${index}`)));
    await Promise.all(flood);
    await record(rejection('last'));
    expect(await counted()).toEqual({ coinify: 3_001 });
    await eventually(async () => {
      const { rows } = await database.pool.query<{ rows: string; raw: string }>(
        'SELECT count(*) AS rows, count(raw) AS raw FROM rejections',
      );
      expect(Number(rows[0]?.rows)).toBeLessThanOrEqual(11_500);
      expect(Number(rows[0]?.raw)).toBeLessThanOrEqual(200);
    });
    const [newest] = await database.kysely
      .selectFrom('rejections')
      .select('reason')
      .orderBy('position', 'desc')
      .limit(1)
      .execute();
    expect(newest?.reason).toBe('last');
  });

  it('answers although the database refuses, and records and counts everything once it can be used', async () => {
    const { record } = createRejectionRecorder(database.pool);
    await Promise.all([record(rejection('one')), record(rejection('two'))]);
    await record(rejection('three'));
    await migrate(database.kysely);
    await eventually(async () => expect(await counted()).toEqual({ coinify: 3 }));
    const rows = await database.kysely.selectFrom('rejections').select('reason').orderBy('position').execute();
    expect(rows.map(({ reason }) => reason)).toEqual(['one', 'two', 'three']);
  });
});

describe('the record of refused requests on a database that hangs', () => {
  let postgres: OwnPostgres;
  let own: Database;
  beforeEach(async () => {
    postgres = await startOwnPostgres();
    own = openDatabase({ url: postgres.url, poolSize: 3, connectTimeoutMs: 400, queryTimeoutMs: 400 });
    await migrate(own.kysely);
  });
  afterEach(async () => {
    await own.close();
    await postgres.stop();
  });

  it('counts and notes each once, also where it hangs longer than a statement is waited for', async () => {
    const { record } = createRejectionRecorder(own.pool);
    await record(rejection('first'));
    // The first prunes behind its answer; after the second the connection is free, and what is sent over it while the
    // database hangs is carried out after all when it goes on.
    await record(rejection('second'));
    postgres.hang();
    await Promise.all([record(rejection('one')), record(rejection('two'))]);
    await Promise.all([record(rejection('three')), record(rejection('four'))]);
    postgres.resume();
    await record(rejection('last'));
    const reasons = async (): Promise<readonly string[]> => {
      const rows = await own.kysely.selectFrom('rejections').select('reason').orderBy('position').execute();
      return rows.map(({ reason }) => reason);
    };
    await eventually(async () => expect(await reasons()).toContain('last'));
    expect(await reasons()).toEqual(['first', 'second', 'one', 'two', 'three', 'four', 'last']);
    const counters = await own.kysely.selectFrom('counters').select('value').where('name', '=', 'rejected').execute();
    expect(counters).toEqual([{ value: '7' }]);
  });
});
