import type { Kysely } from 'kysely';
import { sql } from 'kysely';

import { endSubject } from '../../src/domain/lifecycles/rules';
import { blankSubject, type Subject } from '../../src/domain/subject';
import { IN_CLEAR } from '../../src/store/encryption';
import { writeSubject } from '../../src/store/flows/subjects';
import { type FeedPage, type FeedRequest, readFeed } from '../../src/store/messages/feed';
import { queueMessages } from '../../src/store/messages/queue';
import { removeMessages } from '../../src/store/messages/retention';
import { migrate } from '../../src/store/migrate';
import type { Tables } from '../../src/store/schema/tables';
import { type Database, openDatabase } from '../../src/store/database';
import { message } from '../outbox/waiting';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { numberAll } from '../support/number-messages';

const AT = '2026-03-02T09:00:00.000Z';
const WINDOW_MS = 60_000;

let fresh: FreshDatabase;
let opened: Database;
let database: Kysely<Tables>;
beforeAll(async () => {
  fresh = await freshDatabase();
  opened = openDatabase({ url: fresh.url, poolSize: 4 });
  database = opened.kysely;
  await migrate(database);
});
afterAll(async () => {
  await opened.close();
  await fresh.drop();
});
beforeEach(async () => {
  for (const table of ['message_changes', 'messages', 'outbox', 'outbox_targets', 'subjects'] as const)
    await database.deleteFrom(table).execute();
  await database.updateTable('message_numbers').set({ last: '0', removed_through: '0' }).execute();
});

async function write(subject: Subject, expectedVersion: number): Promise<void> {
  const writeId = `run:${String(expectedVersion + 1)}`;
  const workflowId = `tradevest:order:${subject.id}`;
  const nothing = { outcomes: [], recovered: 0, alerts: [] };
  const write = { workflowId, runId: 'run', writeId, expectedVersion, firstOfRun: true, subject, ...nothing };
  expect(await writeSubject(database, write, WINDOW_MS)).toMatchObject({ kind: 'written' });
}

const placed: Subject = {
  ...blankSubject({ partner: 'tradevest', object: 'order', id: 'o-1' }, 'order', AT),
  state: 'PLACED',
  stateBy: 'partner',
};

function read(request: Partial<FeedRequest> = {}): Promise<FeedPage> {
  return readFeed(database, IN_CLEAR, { after: null, types: null, subject: null, limit: 50, ...request });
}

/** The page of the feed; a cursor that is gone fails the test. */
async function page(request: Partial<FeedRequest> = {}) {
  const given = await read(request);
  if (given.kind === 'gone') throw new Error('the cursor is gone');
  return given;
}

describe('the feed', () => {
  test('has every change of a state once, in order, from whoever wrote the row', async () => {
    await write(placed, 0);
    await write({ ...placed, state: 'FILLED' }, 1);
    await write({ ...placed, state: 'FILLED', step: 3 }, 2);
    await write(endSubject({ ...placed, state: 'SETTLED' }, AT, 'read'), 3);
    await numberAll(database);
    const { items } = await page();
    expect(items.map(({ sequence, type, data }) => [sequence, type, data?.previousState])).toEqual([
      ['1', 'order.placed', null],
      ['2', 'order.filled', 'PLACED'],
      ['3', 'order.settled', 'FILLED'],
    ]);
  });

  test('gives what commits late a later number, and waits for nobody', async () => {
    const late = opened.kysely.transaction().execute(async (transaction) => {
      await queueMessages(transaction, [message('late', 1)]);
      await queueMessages(database, [message('early', 1)]);
      await numberAll(database);
      expect((await page()).items.map(({ subject }) => subject)).toEqual(['early']);
    });
    await late;
    const { cursor } = await page();
    await numberAll(database);
    expect((await page({ after: cursor })).items.map(({ subject, sequence }) => [subject, sequence])).toEqual([
      ['late', '2'],
    ]);
  });

  test('goes on from any cursor, by type and by subject, and says what it no longer has', async () => {
    await queueMessages(
      database,
      [1, 2, 3, 4, 5].map((n) => message(n % 2 === 0 ? 'even' : 'odd', n)),
    );
    await write(placed, 0);
    await numberAll(database);
    const ns = async (request: Partial<FeedRequest>) => (await page(request)).items.map(({ data }) => data?.n);
    expect(await ns({ after: '1', limit: 2 })).toEqual([2, 3]);
    expect(await page({ after: '1', limit: 2 })).toMatchObject({ next: '3', cursor: '3' });
    expect(await ns({ subject: 'even' })).toEqual([2, 4]);
    expect(await ns({ types: ['movement.booked'], after: '3' })).toEqual([4, 5]);
    expect(await page({ types: ['order.placed', 'order.filled'] })).toMatchObject({
      items: [{ sequence: '6' }],
      next: null,
      cursor: '6',
    });
    expect(await page({ after: '6' })).toMatchObject({ items: [], next: null, cursor: '6' });
    expect(await read({ after: '7' })).toEqual({ kind: 'gone', because: 'ahead' });
    await sql`UPDATE message_numbers SET removed_through = 2`.execute(database);
    expect(await read({ after: '1' })).toEqual({ kind: 'gone', because: 'removed' });
    expect(await ns({ subject: 'odd' })).toEqual([3, 5]);
  });

  test('removes what is older than its term, says so, and keeps the numbers going', async () => {
    await queueMessages(
      database,
      [1, 2, 3].map((n) => message('s', n)),
    );
    await numberAll(database);
    const old = new Date(Date.now() - 91 * 86_400_000);
    await database.updateTable('messages').set({ numbered_at: old }).where('sequence', '<=', '2').execute();
    expect(await removeMessages(database, 90)).toBe(2);
    expect(await removeMessages(database, 90)).toBe(0);
    expect(await read({ after: '1' })).toEqual({ kind: 'gone', because: 'removed' });
    expect((await page({ after: '2' })).items.map(({ sequence }) => sequence)).toEqual(['3']);
    await database.updateTable('messages').set({ numbered_at: old }).execute();
    expect(await removeMessages(database, 90)).toBe(1);
    expect(await page()).toEqual({ kind: 'page', items: [], next: null, cursor: '3' });
    await queueMessages(database, [message('s', 4)]);
    await numberAll(database);
    expect((await page({ after: '3' })).items.map(({ sequence }) => sequence)).toEqual(['4']);
  });

  test('is numbered by one process at a time, however many try', async () => {
    const subjects = Array.from({ length: 40 }, (_, index) => `s${String(index)}`);
    for (const n of [1, 2, 3])
      await queueMessages(
        database,
        subjects.map((subject) => message(subject, n)),
      );
    await Promise.all([numberAll(database), numberAll(database), numberAll(database), numberAll(database)]);
    await numberAll(database);
    const { items } = await page({ limit: 500 });
    expect(items.map(({ sequence }) => Number(sequence))).toEqual(items.map((_, index) => index + 1));
    for (const subject of subjects)
      expect(items.filter((one) => one.subject === subject).map(({ data }) => data?.n)).toEqual([1, 2, 3]);
  });

  test.each([
    ['that nobody can read', { kind: 'message', after: JSON.stringify('no message') }],
    ['that PostgreSQL refuses', { kind: 'message', after: JSON.stringify(JSON.stringify(message('b\u0000', 1))) }],
  ])('goes on past a change %s, and says that there was one', async (_, { kind, after }) => {
    await queueMessages(database, [message('a', 1)]);
    await sql`INSERT INTO message_changes (kind, subject, after) VALUES (${kind}, 'tradevest:order:b', ${after}::jsonb)`.execute(
      database,
    );
    await queueMessages(database, [message('c', 1)]);
    await numberAll(database);
    const { items } = await page();
    expect(items.map(({ type, subject }) => [type, subject])).toEqual([
      ['movement.booked', 'a'],
      ['flow.changed', 'tradevest:order:b'],
      ['movement.booked', 'c'],
    ]);
    expect(items[1]?.data).toMatchObject({ partner: 'tradevest', object: 'order', objectId: 'b', state: null });
  });
});
