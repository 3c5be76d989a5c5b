import { sql } from 'kysely';

import { readOutboxCounts } from '../../src/store/outbox/counts';
import { readBalances } from '../../src/store/stats/balance';
import { foldCounts } from '../../src/store/stats/fold';
import { readStoreGauges } from '../../src/store/stats/gauges';
import { countWaiting, readPartnerReliability } from '../../src/store/stats/partner';
import { type Api, openApi } from './harness';

jest.setTimeout(120_000);

/** Rows of each kind that are kept, and that nobody asks for. */
const KEPT = 20_000;
/** Rows and index entries that an answer may read, of all tables together. */
const MOST_READ = 6_000;

let api: Api;
beforeAll(async () => {
  api = await openApi();
  await fill();
});
afterAll(() => api.close());

/** Very much of one partner that is over, and a little of another. */
async function fill(): Promise<void> {
  const { kysely } = api.database;
  const deliveries = (partner: string, outcome: string, count: number) => sql`
    INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict, status,
                            outcome, workflow_id, settled_at)
    SELECT gen_random_uuid(), ${partner}, 'x', now() - n * interval '1 minute', 'webhook', '[]', '\\x00', 1, 'authentic',
      'delivered', ${outcome}, ${partner} || ':order:' || n, now() FROM generate_series(1, ${count}::int) AS n`;
  await deliveries('coinify', 'illegal', 5).execute(kysely);
  await deliveries('bitpanda', 'applied', KEPT).execute(kysely);
  const subjects = (partner: string, lifecycle: string, count: number) => sql`
    INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, open, version, as_of)
    SELECT ${partner} || ':order:' || n, ${lifecycle}, ${partner}, 'order', n::text, false, 1, now()
    FROM generate_series(1, ${count}::int) AS n`;
  await subjects('coinify', 'order', 5).execute(kysely);
  await subjects('bitpanda', 'transfer', KEPT).execute(kysely);
  const actions = (by: string, action: string, count: number) => sql`
    INSERT INTO operator_actions (by, action, target) SELECT ${by}, ${action}, 'target ' || n
    FROM generate_series(1, ${count}::int) AS n`;
  await actions('alice', 'resolve', 3).execute(kysely);
  await actions('alice', 'retry', KEPT).execute(kysely);
  const messages = (target: string, count: number) => sql`
    INSERT INTO outbox (id, target, subject, type, body, state, ended_at)
    SELECT ${target} || n, ${target}, 'x', 'state.changed', '{}', 'sent', now() FROM generate_series(1, ${count}::int) AS n`;
  await messages('alerts', 3).execute(kysely);
  await messages('outcomes', KEPT).execute(kysely);
  await sql`
    INSERT INTO alerts (id, partner, finding, window_start, window_end, count, examples, next_attempt_at, sent_at)
    SELECT gen_random_uuid(), 'bitpanda', 'slow', now() - n * interval '1 hour', now() - n * interval '1 hour', 1, '{}', now(), now()
    FROM generate_series(1, ${KEPT}::int) AS n`.execute(kysely);
  while ((await foldCounts(kysely)) > 0);
  await sql`VACUUM ANALYZE`.execute(kysely);
}

/** Rows and index entries that were read from the tables of the store. */
async function read(): Promise<number> {
  const { kysely } = api.database;
  // What a connection has read is known to the server once it says so, and the pool has several.
  await Promise.all(
    Array.from({ length: 4 }, () => sql`SELECT pg_stat_force_next_flush(), pg_sleep(0.05)`.execute(kysely)),
  );
  const { rows } = await sql<{ read: string }>`
    SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables) + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)
      AS read`.execute(kysely);
  return Number(rows[0]?.read ?? 0);
}

async function readBy(ask: () => Promise<unknown>): Promise<number> {
  const before = await read();
  await ask();
  return (await read()) - before;
}

test.each([
  ['/operations/balance', null],
  ['/operations/deliveries', 50],
  ['/operations/deliveries?partner=coinify', 5],
  ['/operations/deliveries?status=parked', 0],
  ['/operations/deliveries?status=duplicate', 0],
  ['/operations/deliveries?status=pending&partner=bitpanda', 0],
  ['/operations/deliveries?status=delivered&partner=coinify', 5],
  ['/operations/deliveries?status=parked&outcome=applied', 0],
  ['/operations/deliveries?outcome=illegal', 5],
  ['/operations/deliveries?outcome=late&partner=bitpanda', 0],
  ['/operations/deliveries?outcome=applied&partner=coinify', 0],
  ['/operations/deliveries?workflowId=bitpanda%3Aorder%3A7', 1],
  ['/operations/flows', 0],
  ['/operations/flows?overdue=true', 0],
  ['/operations/flows?open=false', 50],
  ['/operations/flows?open=false&partner=coinify', 5],
  ['/operations/flows?open=false&lifecycle=order', 5],
  ['/operations/flows?open=false&lifecycle=document', 0],
  ['/operations/flows?open=false&overdue=true', 0],
  ['/operations/flows/bitpanda%3Aorder%3A7', null],
  ['/operations/deeds', 50],
  ['/operations/deeds?action=resolve', 3],
  ['/operations/deeds?action=resolve&by=alice', 3],
  ['/operations/deeds?by=bob', 0],
  ['/operations/outbox', 50],
  ['/operations/outbox?target=alerts', 3],
  ['/operations/outbox?state=dead', 0],
  ['/operations/outbox?state=sent&target=alerts', 3],
  ['/operations/search?q=7', null],
  ['/operations/search?q=nobody', null],
  ['/operations/rejections', 0],
  ['/operations/obligations', 0],
  ['/operations/positions', 0],
])('GET %s costs what it shows, not what is kept', async (path, items) => {
  const cost = await readBy(async () => {
    const { status, body } = await api.call('GET', path);
    expect(status).toBe(200);
    if (items !== null) expect(body.items).toHaveLength(items);
  });
  expect(cost).toBeLessThan(MOST_READ);
});

test.each([
  ['the balance', () => readBalances(api.database.kysely, () => Promise.resolve([]), [])],
  ['the gauges', () => readStoreGauges(api.database.kysely)],
  ['the counts of the outbox', () => readOutboxCounts(api.database.kysely)],
  ['the reliability of partners', () => readPartnerReliability(api.database.kysely, ['coinify', 'bitpanda'])],
  ['the counts of what waits', () => countWaiting(api.database.kysely)],
])('%s for metrics and the first page cost what is waiting, not what is kept', async (_, ask) => {
  expect(await readBy(ask)).toBeLessThan(MOST_READ);
});

test('listings by index go on from page to page, with every delivery once and in the order of arrival', async () => {
  await sql`UPDATE deliveries SET outcome = 'late' WHERE position % 7 = 0`.execute(api.database.kysely);
  await sql`UPDATE deliveries SET outcome = NULL WHERE position % 1000 = 1`.execute(api.database.kysely);
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM deliveries WHERE status = 'delivered' AND outcome IS DISTINCT FROM 'applied'
    ORDER BY position DESC`.execute(api.database.kysely);
  const wanted = new Set(rows.map(({ id }) => id));
  const seen: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const { body } = await api.call(
      'GET',
      `/operations/deliveries?status=delivered&limit=500${after === '' ? '' : `&after=${after}`}`,
    );
    seen.push(...body.items.map(({ id }) => id));
    after = body.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((id) => wanted.has(id))).toEqual(rows.map(({ id }) => id));
});
