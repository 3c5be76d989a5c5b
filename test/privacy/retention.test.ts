import { randomBytes } from 'node:crypto';

import { createLogger } from '../../src/telemetry/logger';
import { startHousekeeping } from '../../src/processes/housekeeping';
import { readBalance } from '../../src/store/stats/balance';
import { removeOverdue } from '../../src/store/deliveries/retention';
import { type Api, keep, openApi } from '../operations/harness';
import { eventually } from '../support/eventually';
import { partnerflow } from '../support/partnerflow';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  for (const table of [
    'deliveries',
    'delivery_bodies',
    'delivery_queue',
    'counters',
    'rejections',
    'operator_actions',
  ] as const)
    await api.database.kysely.deleteFrom(table).execute();
});

interface Given {
  readonly daysOld: number;
  readonly partner?: 'tradevest' | 'coinify';
}

async function kept(given: Parameters<typeof keep>[1], { daysOld, partner = 'tradevest' }: Given): Promise<string> {
  const receivedAt = new Date(Date.now() - daysOld * 86_400_000);
  return keep(api.database.kysely, { ...given, partner, body: randomBytes(20), receivedAt });
}

async function refused(daysOld: number): Promise<void> {
  await api.database.kysely
    .insertInto('rejections')
    .values({
      at: new Date(Date.now() - daysOld * 86_400_000),
      partner: 'tradevest',
      route: 'x',
      reason: 'header-wrong',
      body_sha256: Buffer.alloc(32),
      body_bytes: 1,
      raw: JSON.stringify({ headers: [], bodyBase64: 'AA==' }),
    })
    .execute();
}

async function withBody(): Promise<readonly string[]> {
  const rows = await api.database.kysely
    .selectFrom('kept_deliveries')
    .select('id')
    .where('body', 'is not', null)
    .execute();
  return rows.map(({ id }) => id).sort();
}

const SETTLED = [
  { status: 'duplicate' },
  { status: 'delivered', outcome: 'applied' },
  { status: 'delivered', outcome: 'late' },
] as const;
const NEEDED = [{ status: 'pending' }, { status: 'parked' }] as const;

describe('the retention of bodies', () => {
  it('removes what is settled and past its partner’s term, and keeps rows, hashes, and all that is still needed', async () => {
    const gone = await Promise.all(SETTLED.map((given) => kept(given, { daysOld: 31 })));
    const stay = await Promise.all([
      ...NEEDED.map((given) => kept(given, { daysOld: 400 })),
      ...SETTLED.map((given) => kept(given, { daysOld: 29 })),
      ...SETTLED.map((given) => kept(given, { daysOld: 400, partner: 'coinify' })),
    ]);
    const before = await readBalance(api.database.kysely, () => Promise.resolve([]));
    const hashes = await api.database.kysely
      .selectFrom('deliveries')
      .select(['id', 'body_sha256'])
      .orderBy('id')
      .execute();
    const removed = await removeOverdue(api.database.kysely, { tradevest: 30 });
    expect(removed).toEqual([{ partner: 'tradevest', bodies: 3, raws: 0 }]);
    expect(await withBody()).toEqual([...stay].sort());
    expect(
      await api.database.kysely.selectFrom('deliveries').select(['id', 'body_sha256']).orderBy('id').execute(),
    ).toEqual(hashes);
    expect(await readBalance(api.database.kysely, () => Promise.resolve([]))).toEqual(before);
    const shown = await api.call('GET', `/operations/deliveries/${gone[0] ?? ''}`);
    expect([shown.status, shown.body.bodyBase64]).toEqual([200, null]);
    expect(String(shown.body.bodySha256)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes nothing the second time', async () => {
    await kept(SETTLED[1], { daysOld: 31 });
    await refused(31);
    const days = { tradevest: 30, coinify: 1, bitpanda: 1 };
    expect((await removeOverdue(api.database.kysely, days))[0]).toEqual({ partner: 'tradevest', bodies: 1, raws: 1 });
    const rows = await api.database.pool.query('SELECT d.xmin::text, d.* FROM deliveries d');
    expect((await removeOverdue(api.database.kysely, days)).map(({ bodies, raws }) => bodies + raws)).toEqual([
      0, 0, 0,
    ]);
    expect((await api.database.pool.query('SELECT d.xmin::text, d.* FROM deliveries d')).rows).toEqual(rows.rows);
  });

  it('removes many more than one batch, and what is kept of refused requests', async () => {
    await api.database.pool.query(
      `WITH kept AS (
         INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict, status)
         SELECT gen_random_uuid(), 'tradevest', 'x', now() - interval '40 days', 'webhook', '[]', '\\x00', 1, 'authentic', 'duplicate'
         FROM generate_series(1, 1234) RETURNING partner, received_at, id
       ) INSERT INTO delivery_bodies (partner, received_at, id, body) SELECT partner, received_at, id, 'x' FROM kept`,
    );
    await refused(31);
    await refused(29);
    const told: number[] = [];
    const [removed] = await removeOverdue(
      api.database.kysely,
      { tradevest: 30 },
      ({ bodies }) => told.push(bodies) > 0,
    );
    expect(removed).toEqual({ partner: 'tradevest', bodies: 1_234, raws: 1 });
    expect(told).toEqual([500, 1_000]);
    const raws = await api.database.kysely
      .selectFrom('rejections')
      .select('raw')
      .where('raw', 'is not', null)
      .execute();
    expect(raws).toHaveLength(1);
  });

  it('is seen to by a receiver from its start', async () => {
    await kept(SETTLED[0], { daysOld: 2 });
    const housekeeping = startHousekeeping({
      database: api.database.kysely,
      partners: [],
      retentionDays: { tradevest: 1 },
      recordDays: {},
      messageDays: 90,
      everyMs: 60_000,
      retryMs: 100,
      logger: createLogger('silent', 'receiver'),
    });
    await eventually(async () => expect(await withBody()).toEqual([]));
    await housekeeping.stop();
  });
});

describe('partnerflow retention', () => {
  it('says with --dry-run what it would remove, removes it, and notes who did', async () => {
    await kept(SETTLED[0], { daysOld: 2 });
    await kept(SETTLED[0], { daysOld: 2, partner: 'coinify' });
    const on = { DATABASE_URL: api.databaseUrl, BODY_RETENTION: '{"tradevest":1}' };
    const dry = await partnerflow(['retention', '--dry-run', '--json'], on);
    expect(JSON.parse(dry.out)).toEqual({ dryRun: true, items: [{ partner: 'tradevest', bodies: 1, raws: 0 }] });
    expect(await withBody()).toHaveLength(2);
    const ran = await partnerflow(['retention'], on);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('tradevest: 1 body and 0 kept refused requests removed');
    expect(ran.out).toContain('coinify: kept for ever');
    expect(await withBody()).toHaveLength(1);
    const deeds = await api.database.kysely.selectFrom('operator_actions').select(['action', 'details']).execute();
    expect(deeds).toEqual([{ action: 'retention', details: { bodies: 1, raws: 0 } }]);
  });
});
