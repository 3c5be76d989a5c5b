import { randomUUID } from 'node:crypto';

import { Kysely, PostgresDialect, sql } from 'kysely';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { dispatchBatch } from '../../src/dispatch/batch';
import { giveBack } from '../../src/dispatch/give-back';
import { erasePerson } from '../../src/operator/erase';
import { takeNews } from '../../src/store/corporate-actions/news';
import { judgeRound } from '../../src/store/corporate-actions/round';
import { readFeed } from '../../src/store/messages/feed';
import { queueMessages } from '../../src/store/messages/queue';
import { replayMessages } from '../../src/store/messages/replay';
import { removeMessages } from '../../src/store/messages/retention';
import { IN_CLEAR } from '../../src/store/encryption';
import { appendStatement, encryptDelivery, type NewDelivery } from '../../src/store/deliveries/append-statement';
import { newestPlace, subjectsWithin, subjectWaits } from '../../src/store/deliveries/backlog';
import { registerKeys } from '../../src/store/deliveries/event-keys';
import { listDeliveries, loadDelivery } from '../../src/store/deliveries/list';
import { loadKeptDelivery } from '../../src/store/deliveries/load';
import { removeOverdue } from '../../src/store/deliveries/retention';
import { retryDelivery } from '../../src/store/deliveries/retry';
import { seenKeys, sweptHashes } from '../../src/store/deliveries/swept';
import { alertStuck, returnWithKey } from '../../src/store/deliveries/waiting';
import { listFlows, loadFlow } from '../../src/store/flows/list';
import { listOverdueFlows } from '../../src/store/flows/overdue';
import { openDeliveriesOf, repairDeliveries } from '../../src/store/flows/reconcile';
import { loadSubjects, writeSubject } from '../../src/store/flows/subjects';
import type { Tables } from '../../src/store/schema/tables';
import { readReport } from '../../src/store/report';
import { search } from '../../src/store/search';
import { readStoreGauges } from '../../src/store/stats/gauges';
import { openStand, type Stand } from '../dispatch/stand';
import { SUBJECT } from '../operations/harness';
import { message } from '../outbox/waiting';
import { numberAll } from '../support/number-messages';
import { claimAll } from '../support/dispatch';
import { roundOptions } from '../support/judge-now';
import { GROWN_TABLES, grow } from './grown';

const ROWS = 150_000;
const PAGE = { limit: 50, after: null };

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

let stand: Stand;
let database: Kysely<Tables>;
let asked: Statement[] = [];

beforeAll(async () => {
  stand = await openStand();
  await grow(stand.url, ROWS);
  database = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: stand.database.pool }),
    log: ({ query }) => void asked.push(query),
  });
});
afterAll(() => stand.close());
beforeEach(() => {
  asked = [];
});

/** Tables that a statement reads from one end to the other. */
async function readWhole({ sql, parameters }: Statement): Promise<readonly string[]> {
  const { rows } = await stand.database.pool.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${sql}`, [
    ...parameters,
  ]);
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const values: Readonly<Record<string, unknown>> = { ...node };
    if (values['Node Type'] === 'Seq Scan') found.push(String(values['Relation Name']));
    Object.values(values).forEach(visit);
  };
  visit(rows[0]?.['QUERY PLAN']);
  return [...new Set(found)].filter((table) => GROWN_TABLES.some((grown) => grown === table));
}

/** Statements among those that were asked which read a table that has grown as a whole. */
async function readingWholeTables(): Promise<readonly string[]> {
  const explained = asked.filter(({ sql }) => /^\s*(select|with|insert|update|delete)/i.test(sql));
  expect(explained.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const statement of explained) {
    const tables = await readWhole(statement);
    if (tables.length > 0) found.push(`${tables.join(', ')}: ${statement.sql}`);
  }
  return found;
}

function newDelivery(): NewDelivery {
  return {
    id: randomUUID(),
    partner: 'coinify',
    route: 'test',
    receivedAt: new Date(),
    source: 'webhook',
    headersJson: '[]',
    body: Buffer.from('{}'),
    bodySha256: Buffer.alloc(32),
    verdict: 'authentic',
    credentialFingerprint: null,
    traceparent: null,
  };
}

async function someDelivery(status: 'parked' | 'delivered' | 'pending'): Promise<string> {
  const { id } = await stand.database.kysely
    .selectFrom('deliveries')
    .select('id')
    .where('status', '=', status)
    .limit(1)
    .executeTakeFirstOrThrow();
  return id;
}

const watched = () => ({ ...stand.dependencies, database });

const HOT: Readonly<Record<string, () => Promise<unknown>>> = {
  'an append': () => {
    for (const attempt of ['first', 'again'] as const) {
      const { text, values } = appendStatement([encryptDelivery(newDelivery(), IN_CLEAR)], 1, attempt);
      asked.push({ sql: text, parameters: values });
    }
    return Promise.resolve();
  },
  'claims, their decisions and what they record': async () => {
    await Promise.all([stand.keep(randomUUID()), stand.keep(randomUUID())]);
    const claims = await claimAll(watched());
    expect(claims.length).toBeGreaterThan(0);
    await dispatchBatch(watched(), claims.slice(1));
    const returned = claims.slice(0, 1).map(({ claim }) => ({ claim, reason: 'behind' as const }));
    await giveBack(watched(), returned);
  },
  'keys of events': () =>
    registerKeys(
      database,
      Array.from({ length: 50 }, (_, index) => ({
        ...{ deliveryId: randomUUID(), partner: 'coinify', key: `key-${index * 100}`, meaning: 'another' },
      })),
    ),
  'what waits of a subject': async () => {
    const upTo = await newestPlace(database);
    await subjectWaits(database, { partner: 'tradevest', workflowId: 'tradevest:order:1' }, upTo);
    await subjectsWithin(database, { partner: 'bitpanda', prefix: 'bitpanda:corporate-action:1:' }, upTo);
  },
  'a round over a corporate action': async () => {
    const action = { partner: 'bitpanda', id: 'grown-7' };
    await sql`
      UPDATE transaction_sets SET look_at = now(), version = version + 1
      WHERE partner = 'bitpanda' AND corporate_action_id = ${action.id}`.execute(stand.database.kysely);
    await takeNews(database, action, { result: 'reached', at: new Date().toISOString() });
    await judgeRound(database, action, await roundOptions(database, createPolicies(DEFAULT_POLICY_SETTINGS, 1)));
  },
  'what waits for a key': () => returnWithKey(database, 'body-key', () => true),
  'the row of a flow': async () => {
    const deliveryId = await someDelivery('delivered');
    await loadSubjects(database, ['grown:order:1', 'grown:order:2']);
    await writeSubject(
      database,
      {
        ...{ workflowId: 'grown:order:1', runId: 'a-run', writeId: randomUUID(), expectedVersion: 1, firstOfRun: true },
        ...{
          subject: SUBJECT,
          outcomes: [{ deliveryId, event: 'TEST', outcome: 'applied' }],
          recovered: 0,
          alerts: [],
        },
      },
      1_000,
    );
  },
  'a look at one delivery': async () => {
    const id = await someDelivery('delivered');
    await loadDelivery(database, IN_CLEAR, id);
    await loadKeptDelivery(database, IN_CLEAR, id);
  },
  'a retry': async () => {
    await retryDelivery(database, await someDelivery('parked'), 'test');
  },
  'listings of deliveries': async () => {
    await listDeliveries(database, {}, PAGE);
    await listDeliveries(database, { status: 'pending' }, PAGE);
    await listDeliveries(database, { status: 'parked' }, PAGE);
    await listDeliveries(database, { outcome: 'open' }, PAGE);
    await listDeliveries(database, { workflowId: 'grown:order:77' }, PAGE);
  },
  'flows of a window, an event or a user': async () => {
    const since = new Date(Date.now() - 3_600_000).toISOString();
    for (const filter of [{ since }, { event: 'NONE' }, { since, open: false }, { user: 'user-7', open: false }])
      await listFlows(database, filter, PAGE, () => null);
  },
  'the erasure of a person': async () => {
    const dependencies = { database, encryption: IN_CLEAR, partners: ['bitpanda', 'coinify', 'tradevest'] };
    const request = { userId: 'user-7', partner: null, reason: 'a test', by: 'test' };
    for (const dryRun of [true, false]) await erasePerson(dependencies, { ...request, dryRun });
  },
  'a report': async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const [from, to] = [hoursAgo(3), hoursAgo(1)];
    for (const partner of ['tradevest', null]) await readReport(database, { partner, from, to }, () => null);
  },
  'listings of flows, and one flow': async () => {
    await listFlows(database, { open: true }, PAGE, () => null);
    await listOverdueFlows(database, {}, PAGE, () => null);
    await loadFlow(database, 'grown:order:77', () => null);
  },
  'a search': async () => {
    const context = {
      database,
      partners: ['bitpanda', 'coinify', 'tradevest'],
      flowLink: () => null,
      referenceHashKey: Buffer.alloc(32),
    };
    const found = [];
    for (const text of ['777', 'transaction-77', 'user-7', await someDelivery('delivered'), randomUUID(), 'key-7'])
      found.push(await search(context, { text, limit: 20 }));
    expect(found.map(({ subjects, movements }) => [subjects.length > 0, movements.length > 0])).toEqual([
      ...[
        [true, false],
        [false, true],
        [false, true],
        [true, false],
        [false, false],
        [false, false],
      ],
    ]);
  },
  'what a sweep asks': async () => {
    await seenKeys(database, 'bitpanda', ['key-2', 'key-5']);
    await sweptHashes(database, 'bitpanda', [Buffer.from('1'), Buffer.from('2')]);
  },
  'the feed, from anywhere, by type and by subject': async () => {
    const types = ['order.placed', 'document.approved', 'order.never-told'];
    for (const after of [null, '70000', String(ROWS)])
      for (const filter of [{ types: null }, { types }, { types: null, subject: 'grown:order:77' }])
        await readFeed(database, IN_CLEAR, { subject: null, ...filter, after, limit: 50 });
  },
  'the numbering of messages, with what they need': async () => {
    await queueMessages(database, [message('grown:order:7', 1)]);
    await sql`
      INSERT INTO message_changes (kind, subject, before, after)
      SELECT 'set', '', '{"verdict": null, "breaks": [], "heldEvents": null, "isResolved": false}', jsonb_build_object(
        'partner', 'bitpanda', 'caId', 'grown-1', 'userId', 'user-1', 'verdict', 'break', 'breaks', '[]'::jsonb)`.execute(
      database,
    );
    await numberAll(database);
  },
  'messages sent again, and removed after their term': async () => {
    const window = { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' };
    await replayMessages(database, IN_CLEAR, { ...window, type: '*', dryRun: false }, 'alice');
    await removeMessages(database, 90);
  },
  'the end of bodies': () => removeOverdue(database, { tradevest: 10_000 }),
  'the repair of a flow': async () => {
    await openDeliveriesOf(database, 'grown:order:77');
    const lost = { again: [await someDelivery('delivered')], abandoned: [randomUUID()], repeated: [randomUUID()] };
    await database.transaction().execute((transaction) => repairDeliveries(transaction, lost));
  },
};

test.each(Object.entries(HOT))('%s: no table that has grown is read as a whole', async (_what, ask) => {
  await ask();
  expect(await readingWholeTables()).toEqual([]);
});

test('metrics of what waits, and what looks for the stuck, read nothing that was ever kept', async () => {
  await readStoreGauges(database);
  await alertStuck(database, 1_000);
  const tables = (await readingWholeTables()).filter((one) => !one.startsWith('delivery_queue'));
  expect(tables).toEqual([]);
});

test('deliveries of a window, an event or a user read what waits, and nothing whole of what was ever kept', async () => {
  const since = new Date(Date.now() - 3_600_000).toISOString();
  for (const filter of [{ since, until: new Date().toISOString() }, { event: 'NONE' }, { since, event: 'TEST' }])
    await listDeliveries(database, filter, PAGE);
  await listDeliveries(database, { status: 'parked', since }, PAGE);
  await listDeliveries(database, { user: 'user-7', since }, PAGE);
  const tables = (await readingWholeTables()).filter((one) => !one.startsWith('delivery_queue: '));
  expect(tables).toEqual([]);
});
