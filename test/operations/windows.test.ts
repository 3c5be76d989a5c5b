import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import { recordDetails } from '../../src/store/flows/details';
import { IN_CLEAR } from '../../src/store/encryption';
import { SCANNED_ROWS } from '../../src/store/time-window';
import { loggedIn, seen } from '../page/browse';
import { partnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { type Api, follow, keep, openApi, REFERENCE_HASH_KEY, TOKEN } from './harness';
import { book } from './ledger-rows';

jest.setTimeout(120_000);

const USER = '0b8f2f0e-6a0a-4a53-8d4b-1f6a1c2d3e4f';
const REFERENCE = 'our order 4711, of Ms Example';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  for (const table of ['deliveries', 'subjects', 'subject_details', 'movements', 'operator_actions'] as const)
    await api.database.kysely.deleteFrom(table).execute();
});

const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 3, hour));
const end = (hour: number) => ({ state: 'SETTLED', at: at(hour).toISOString(), by: 'partner' as const });

/** A delivery of each hour from 8 to 13, by its hour; what came at 9 waits, what came at 10 is parked. */
async function hourly(): Promise<ReadonlyMap<number, string>> {
  const ids = new Map<number, string>();
  for (const hour of [11, 8, 13, 9, 12, 10]) {
    const status = hour === 9 ? 'pending' : hour === 10 ? 'parked' : 'delivered';
    const outcome = status === 'delivered' ? 'applied' : null;
    const workflowId = status === 'delivered' ? `tradevest:order:${String(hour)}` : null;
    const id = await keep(api.database.kysely, { receivedAt: at(hour), status, outcome, workflowId });
    await sql`
      UPDATE deliveries SET event = ${hour < 11 ? 'EARLY' : 'LATER'}, route = ${hour === 12 ? 'noon' : 'other'}
      WHERE id = ${id}::uuid`.execute(api.database.kysely);
    ids.set(hour, id);
  }
  return ids;
}

async function listed(path: string, name: 'id' | 'workflowId' = 'id'): Promise<readonly string[]> {
  const { status, body } = await api.call('GET', path);
  expect([path, status]).toEqual([path, 200]);
  return body.items.map((item) => item[name]);
}

/** All pages of a listing, each of the given size. */
async function allOf(path: string, limit: number, name: 'id' | 'workflowId' = 'id'): Promise<readonly string[]> {
  const found: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const after = next === '' ? '' : `&after=${next}`;
    const { status, body } = await api.call('GET', `${path}&limit=${String(limit)}${after}`);
    expect(status).toBe(200);
    found.push(...body.items.map((item) => item[name]));
    next = body.next;
  }
  return found;
}

describe('deliveries of a window', () => {
  it('are those received from since on and before until, the newest first, also those that wait', async () => {
    const ids = await hourly();
    const of = (...hours: readonly number[]) => hours.map((hour) => ids.get(hour));
    const path = '/operations/deliveries';
    expect(await listed(`${path}?since=2026-11-03T09:00Z&until=2026-11-03T12:00Z`)).toEqual(of(11, 10, 9));
    expect(await listed(`${path}?since=2026-11-03T11:00%2B01:00&until=2026-11-03T11:00:00.001Z`)).toEqual(of(11, 10));
    expect(await listed(`${path}?since=2026-11-03`)).toEqual(of(13, 12, 11, 10, 9, 8));
    expect(await listed(`${path}?until=2026-11-03`)).toEqual([]);
    expect(await listed(`${path}?until=2026-11-03T09:00Z`)).toEqual(of(8));
  });

  it('go on from page to page, each once, whatever the size of a page', async () => {
    const ids = await hourly();
    const all = [13, 12, 11, 10, 9, 8].map((hour) => ids.get(hour));
    for (const limit of [1, 2, 5]) expect(await allOf('/operations/deliveries?since=2026-11-03', limit)).toEqual(all);
  });

  it('are filtered by route, event, status, outcome and partner as well', async () => {
    const ids = await hourly();
    const of = (...hours: readonly number[]) => hours.map((hour) => ids.get(hour));
    const path = '/operations/deliveries';
    expect(await listed(`${path}?event=EARLY`)).toEqual(of(10, 9, 8));
    expect(await listed(`${path}?event=EARLY&since=2026-11-03T09:00Z`)).toEqual(of(10, 9));
    expect(await listed(`${path}?route=noon`)).toEqual(of(12));
    expect(await listed(`${path}?route=noon&event=EARLY`)).toEqual([]);
    expect(await listed(`${path}?status=parked&since=2026-11-03`)).toEqual(of(10));
    expect(await listed(`${path}?status=parked&until=2026-11-03T10:00Z`)).toEqual([]);
    expect(await listed(`${path}?status=pending&since=2026-11-03`)).toEqual(of(9));
    expect(await listed(`${path}?outcome=applied&until=2026-11-03T12:00Z`)).toEqual(of(11, 8));
    expect(await listed(`${path}?partner=coinify&since=2026-11-03`)).toEqual([]);
    expect(await listed(`${path}?partner=tradevest&event=LATER`)).toEqual(of(13, 12, 11));
    expect(await listed(`${path}?workflowId=tradevest:order:11&since=2026-11-03T11:00Z`)).toEqual(of(11));
    expect(await listed(`${path}?workflowId=tradevest:order:11&since=2026-11-03T12:00Z`)).toEqual([]);
  });

  it("are a user's, by what partners say and by what was moved", async () => {
    const ids = await hourly();
    const { kysely } = api.database;
    const details = [
      { workflowId: 'tradevest:order:11', partner: 'tradevest', toldAt: at(11), details: { userId: USER } },
    ];
    await recordDetails(kysely, { encryption: IN_CLEAR, referenceHashKey: null }, details);
    const { position } = await book(kysely, { user: USER, instrument: 'asset:1', amount: '1' });
    await sql`UPDATE movements SET workflow_id = 'tradevest:order:13' WHERE position = ${position}`.execute(kysely);
    const path = `/operations/deliveries?user=${USER.toUpperCase()}`;
    expect(await listed(path)).toEqual(
      [13, 11].map((hour) => ids.get(hour)).sort((a, b) => order(ids, b) - order(ids, a)),
    );
    expect(await listed(`${path}&until=2026-11-03T12:00Z`)).toEqual([ids.get(11)]);
    expect(await listed(`${path}&event=EARLY`)).toEqual([]);
    expect(await listed('/operations/deliveries?user=nobody')).toEqual([]);
  });

  it('are found behind very many that do not fit, page by page', async () => {
    const { kysely } = api.database;
    await hourly();
    await sql`
      INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict, status,
                              outcome, event, workflow_id, settled_at)
      SELECT gen_random_uuid(), 'coinify', 'x', now() - n * interval '1 second', 'webhook', '[]', '\\x00', 1, 'authentic',
        'delivered', 'applied', 'MANY', 'coinify:trade:1', now() FROM generate_series(1, ${SCANNED_ROWS + 10}::int) AS n`.execute(
      kysely,
    );
    const first = await api.call('GET', '/operations/deliveries?event=EARLY');
    expect([first.body.items.length, first.body.next]).toEqual([0, expect.any(String)]);
    expect(await allOf('/operations/deliveries?event=EARLY', 50)).toHaveLength(3);
  });

  it.each([
    'since=yesterday',
    'since=2026-11-03T10:00',
    'since=2026-02-30',
    'until=',
    'since=2026-11-03&until=2026-11-02',
    'route=',
    'event=%00',
    'user=',
    'since=2026-11-03&since=2026-11-04',
  ])('answer 400 to %s, of flows too', async (query) => {
    expect((await api.call('GET', `/operations/deliveries?${query}`)).status).toBe(400);
    expect((await api.call('GET', `/operations/flows?${query}`)).status).toBe(400);
  });
});

/** Place of a delivery among those that were kept. */
function order(ids: ReadonlyMap<number, string>, id: string | undefined): number {
  return [...ids.values()].indexOf(id ?? '');
}

describe('flows of a window', () => {
  const flow = (hour: number, more: Parameters<typeof follow>[2] = {}) =>
    follow(api.database.kysely, `tradevest:order:${String(hour)}`, {
      ...{ id: String(hour), since: at(hour).toISOString() },
      ...more,
    });
  const path = '/operations/flows';

  it('are those in their state since then, of each kind that is listed', async () => {
    for (const hour of [10, 8, 9]) await flow(hour);
    await flow(11, { end: end(11) });
    await flow(12, { overdue: true });
    const of = (...hours: readonly number[]) => hours.map((hour) => `tradevest:order:${String(hour)}`);
    expect(await listed(`${path}?since=2026-11-03T09:00Z`, 'workflowId')).toEqual(of(12, 10, 9));
    expect(await listed(`${path}?until=2026-11-03T10:00Z`, 'workflowId')).toEqual(of(9, 8));
    expect(await listed(`${path}?since=2026-11-03&open=false`, 'workflowId')).toEqual(of(11));
    expect(await listed(`${path}?since=2026-11-03&overdue=true`, 'workflowId')).toEqual(of(12));
    expect(await listed(`${path}?since=2026-11-03&partner=coinify`, 'workflowId')).toEqual([]);
    expect(await allOf(`${path}?since=2026-11-03`, 1, 'workflowId')).toEqual(of(12, 10, 9, 8));
  });

  it('are found by route and event of their deliveries, and by user', async () => {
    await hourly();
    for (const hour of [11, 12, 13]) await flow(hour);
    const { kysely } = api.database;
    const keys = { encryption: IN_CLEAR, referenceHashKey: REFERENCE_HASH_KEY };
    const details = { userId: USER, reference: REFERENCE };
    await recordDetails(kysely, keys, [
      { workflowId: 'tradevest:order:13', partner: 'tradevest', toldAt: at(1), details },
    ]);
    expect(await listed(`${path}?route=noon`, 'workflowId')).toEqual(['tradevest:order:12']);
    expect(await listed(`${path}?event=LATER&until=2026-11-03T12:00Z`, 'workflowId')).toEqual(['tradevest:order:11']);
    expect(await listed(`${path}?event=EARLY`, 'workflowId')).toEqual([]);
    expect(await listed(`${path}?user=${USER}`, 'workflowId')).toEqual(['tradevest:order:13']);
    expect(await listed(`${path}?user=${USER}&until=2026-11-03`, 'workflowId')).toEqual([]);
    const found = await api.call('GET', `/operations/search?${new URLSearchParams({ q: REFERENCE }).toString()}`);
    expect(found.body.subjects).toMatchObject([{ workflowId: 'tradevest:order:13' }]);
    expect((await api.call('GET', '/operations/search?q=our%20order%204711')).body.subjects).toEqual([]);
    expect((await api.call('GET', `/operations/search?q=${USER}`)).body.subjects).toMatchObject([
      { workflowId: 'tradevest:order:13' },
    ]);
  });

  it('that have not written anything yet are as old as their row', async () => {
    await flow(11);
    await sql`UPDATE subjects SET since = NULL, as_of = ${at(12)}`.execute(api.database.kysely);
    expect(await listed(`${path}?since=2026-11-03T12:00Z`, 'workflowId')).toEqual(['tradevest:order:11']);
    expect(await listed(`${path}?until=2026-11-03T12:00Z`, 'workflowId')).toEqual([]);
  });

  it('refuse the cursor of another listing', async () => {
    for (const hour of [8, 9]) await flow(hour);
    const plain = await api.call('GET', `${path}?limit=1`);
    const window = await api.call('GET', `${path}?limit=1&since=2026-11-03`);
    for (const next of [plain.body.next, window.body.next]) expect(next).toEqual(expect.any(String));
    expect((await api.call('GET', `${path}?since=2026-11-03&after=${String(plain.body.next)}`)).status).toBe(400);
    expect((await api.call('GET', `${path}?after=${String(window.body.next)}`)).status).toBe(400);
  });
});

describe('a person and a command', () => {
  const run = (...words: readonly string[]) =>
    partnerflow(words, { DATABASE_URL: api.databaseUrl, TEMPORAL_ADDRESS: testServers().temporalAddress });

  it('see the window on the page, and keep it from page to page', async () => {
    const ids = await hourly();
    const alice = await loggedIn(api.url, TOKEN);
    const answer = await alice.get(
      '/operations/page/deliveries?since=2026-11-03T09:00Z&until=2026-11-03T11:00Z&status=',
    );
    expect(answer.text).toContain(ids.get(10) ?? '');
    expect(answer.text).not.toContain(ids.get(11) ?? '');
    const first = await alice.get('/operations/page/deliveries?since=2026-11-03T09:00Z&limit=1');
    const next = /href="([^"]*)" rel="next"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(next).toContain('since=2026-11-03T09%3A00Z');
    expect((await alice.get(next)).status).toBe(200);
    expect((await alice.get('/operations/page/deliveries?since=soon')).status).toBe(400);
    await follow(api.database.kysely, 'tradevest:order:1', { since: at(9).toISOString(), overdue: true });
    const flows = await alice.get('/operations/page/flows?show=overdue&since=2026-11-03&until=2026-11-04');
    expect(seen(flows)).toContain('tradevest:order:1');
    expect(seen(await alice.get('/operations/page/flows?show=overdue&since=2026-11-04'))).not.toContain(
      'tradevest:order:1',
    );
  });

  it('retry what was parked in a window by event and partner, after a look at what that is', async () => {
    const { kysely } = api.database;
    const parked = await Promise.all(
      [8, 9, 10].map((hour) => keep(kysely, { status: 'parked', receivedAt: at(hour), settledSecondsAgo: 60 })),
    );
    await sql`UPDATE deliveries SET event = CASE WHEN id = ${parked[2]}::uuid THEN 'B' ELSE 'A' END`.execute(kysely);
    const words = ['retry', '--since', '2026-11-03T09:00Z', '--event', 'A', '--partner', 'tradevest'];
    const dry = await run(...words, '--dry-run');
    expect([dry.code, dry.out.trim()]).toEqual([0, parked[1]]);
    expect(dry.err).toContain('1 delivery would go to dispatch again.');
    const listing = await run('parked', '--since', '2026-11-03T09:00Z', '--event', 'A', '--json');
    expect(JSON.parse(listing.out)).toMatchObject({ items: [{ id: parked[1] }], next: null });
    expect((await run(...words)).out).toBe('1 delivery goes to dispatch again.\n');
    const { rows } = await sql<{ id: string }>`SELECT id FROM deliveries WHERE status = 'pending'`.execute(kysely);
    expect(rows.map(({ id }) => id)).toEqual([parked[1]]);
    const action = await kysely.selectFrom('operator_actions').select(['action', 'details']).executeTakeFirstOrThrow();
    expect(action).toMatchObject({
      action: 'retry',
      details: { deliveries: 1, since: '2026-11-03T09:00:00.000Z', event: 'A', partner: 'tradevest' },
    });
  });

  it.each([
    [['retry', '--partner', 'nobody']],
    [['retry', '--dry-run']],
    [['retry', randomUUID(), '--dry-run']],
    [['retry', '--since', 'soon']],
    [['parked', '--partner', 'nobody']],
    [['overdue', '--until', '2026-13-01']],
  ])('are told of wrong use: %p', async (words) => {
    expect((await run(...words)).code).toBe(2);
  });
});
