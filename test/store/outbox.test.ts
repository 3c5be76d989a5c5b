import { randomUUID } from 'node:crypto';

import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

import { endSubject } from '../../src/domain/lifecycles/rules';
import { blankSubject, type Subject } from '../../src/domain/subject';
import type { SubjectWrite } from '../../src/domain/subject-write';
import { insertMovements } from '../../src/store/ledger/movements';
import { migrate } from '../../src/store/migrate';
import { queueMessages } from '../../src/store/messages/queue';
import { claimMessages, messageFailed, messageTaken, removeSent } from '../../src/store/outbox/claim';
import { readOutboxCounts } from '../../src/store/outbox/counts';
import { reverseMovements } from '../../src/store/ledger/reversals';
import { writeSubject } from '../../src/store/flows/subjects';
import type { Tables } from '../../src/store/schema/tables';
import { enqueue, message, shownRows, wantOutcomes } from '../outbox/waiting';
import { numberAll } from '../support/number-messages';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

const WINDOW_MS = 60_000;
const AT = '2026-03-02T09:00:00.000Z';

let fresh: FreshDatabase;
let database: Kysely<Tables>;
const statements: string[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  const pool = new Pool({ connectionString: fresh.url, max: 4 });
  // A connection may end only after the database is dropped.
  pool.on('error', () => undefined);
  const dialect = new PostgresDialect({ pool });
  database = new Kysely<Tables>({ dialect, log: ({ query }) => void statements.push(query.sql) });
  await migrate(database);
});
afterAll(async () => {
  await database.destroy();
  await fresh.drop();
});
beforeEach(async () => {
  for (const table of [
    'message_changes',
    'messages',
    'outbox',
    'outbox_targets',
    'subjects',
    'obligations',
    'movements',
  ] as const)
    await database.deleteFrom(table).execute();
  await wantOutcomes(database);
  statements.length = 0;
});

function orderWrite(subject: Subject, version: number, more: Partial<SubjectWrite> = {}): SubjectWrite {
  return {
    workflowId: 'tradevest:order:o-1',
    runId: 'run',
    writeId: `run:${String(version + 1)}`,
    expectedVersion: version,
    firstOfRun: true,
    subject,
    outcomes: [],
    recovered: 0,
    alerts: [],
    ...more,
  };
}

const placed: Subject = {
  ...blankSubject({ partner: 'tradevest', object: 'order', id: 'o-1' }, 'order', AT),
  state: 'PLACED',
  stateBy: 'partner',
};
const settled = endSubject({ ...placed, state: 'SETTLED', facts: { amount: '12.5' } }, AT, 'partner');
const tells = [{ type: 'order.settled' }] as const;

async function bodies() {
  await numberAll(database);
  const rows = await database.selectFrom('outbox').select(['id', 'subject', 'body']).orderBy('position').execute();
  return rows.map(({ id, subject, body }) => ({ id, subject, body: JSON.parse(body) }));
}

describe('the write of a subject', () => {
  test('that has nothing to tell is the one statement it was, and tells nothing', async () => {
    await writeSubject(database, orderWrite(placed, 0), WINDOW_MS);
    expect(statements).toHaveLength(1);
    expect(statements[0]).not.toContain('outbox');
    expect(await bodies()).toEqual([]);
  });

  test('that has something to tell is one statement as well, and the message stands beside the row', async () => {
    await writeSubject(database, orderWrite(settled, 0, { tells }), WINDOW_MS);
    expect(statements).toHaveLength(1);
    const data = {
      ...{ workflowId: 'tradevest:order:o-1', partner: 'tradevest', object: 'order', objectId: 'o-1' },
      ...{ state: 'SETTLED', at: AT, by: 'partner', executions: [], facts: { amount: '12.5' } },
    };
    expect(await bodies()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        subject: 'tradevest:order:o-1',
        body: { type: 'order.settled', timestamp: AT, data },
      },
    ]);
  });

  test('that is repeated tells once, and one that comes too late tells nothing', async () => {
    const write = orderWrite(settled, 0, { tells });
    await writeSubject(database, write, WINDOW_MS);
    expect(await writeSubject(database, write, WINDOW_MS)).toMatchObject({ kind: 'written' });
    // Another write of the same end, whose answer was lost and which nobody recognises any more.
    await writeSubject(database, orderWrite(settled, 1, { tells }), WINDOW_MS);
    expect(await bodies()).toHaveLength(1);
    await database.deleteFrom('outbox').execute();
    const late = orderWrite(settled, 0, { tells, writeId: 'other:1' });
    expect(await writeSubject(database, late, WINDOW_MS)).toMatchObject({ kind: 'conflict' });
    expect(await bodies()).toEqual([]);
  });

  test('tells nothing while nobody has somewhere to send it', async () => {
    await database
      .updateTable('outbox_targets')
      .set({ wanted_until: new Date(0) })
      .execute();
    await writeSubject(database, orderWrite(settled, 0, { tells }), WINDOW_MS);
    expect(await bodies()).toEqual([]);
    expect(await database.selectFrom('subjects').select('state').execute()).toEqual([{ state: 'SETTLED' }]);
  });
});

const BARE = { direction: null, assetGroup: 'stock', fee: null, value: null, alias: null };

async function book(legs: readonly (readonly [leg: string, amount: string, isObligation: boolean])[]) {
  const transactionId = randomUUID();
  const booking = {
    ...{ transactionId, userId: 'u1', corporateActionId: 'ca', type: 'dividend', legs: [], mayGrow: false },
    creditedAt: AT,
  };
  const movements = legs.map(([leg, amount, isObligation]) => ({
    partner: 'bitpanda' as const,
    workflowId: 'bitpanda:corporate-action:ca:u1',
    deliveryId: randomUUID(),
    recovered: false,
    leg: { ...BARE, leg, instrument: `${leg}:1`, amount, isObligation },
    booking,
  }));
  await database.transaction().execute((transaction) => insertMovements(transaction, movements, () => AT));
  return transactionId;
}

describe('what is booked', () => {
  test('is told leg by leg with its exact amount, money to be passed on after its movement, and 0 not at all', async () => {
    const transactionId = await book([
      ['asset', '-10.50', false],
      ['fiat', '3.2', true],
      ['none', '0', false],
    ]);
    const about = { workflowId: 'bitpanda:corporate-action:ca:u1', partner: 'bitpanda', transactionId, userId: 'u1' };
    expect((await bodies()).map(({ body }) => body)).toMatchObject([
      {
        type: 'movement.booked',
        data: { ...about, caId: 'ca', leg: 'asset', instrument: 'asset:1', amount: '-10.5', reversal: false },
      },
      { type: 'movement.booked', data: { ...about, leg: 'fiat', amount: '3.2', isObligation: true, creditedAt: AT } },
      {
        type: 'obligation.due',
        data: { ...about, amount: '3.2', dueAt: AT, obligationId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      },
    ]);
  });

  test('is not told where the booking is undone', async () => {
    const failing = database.transaction().execute(async (transaction) => {
      await insertMovements(transaction, [], () => AT);
      await queueMessages(transaction, [message('s', 1)]);
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    expect(await bodies()).toEqual([]);
  });

  test('is told again with the opposite sign when it is taken back, once', async () => {
    const transactionId = await book([['asset', '5', false]]);
    const request = { partner: 'bitpanda', transactionId, by: 'alice', reason: 'twice' } as const;
    await reverseMovements(database, request);
    await reverseMovements(database, request);
    const said = (await bodies()).map(({ body: { data } }) => [data.leg, data.amount, data.reversal]);
    expect(said).toEqual([
      ['asset', '5', false],
      ['asset:reversal', '-5', true],
    ]);
  });
});

const NEVER_OVER_MS = 3_600_000;

async function claim(leaseMs = NEVER_OVER_MS, limit = 10) {
  return claimMessages(database, 'messages', { leaseToken: randomUUID(), leaseMs, limit });
}

function numbers(claims: readonly { readonly subject: string; readonly body: string }[]): readonly string[] {
  return claims.map(({ subject, body }) => `${subject}${String(JSON.parse(body).data.n)}`).sort();
}

describe('a sender', () => {
  test('is given the first of each subject alone, and the next once that was taken', async () => {
    await enqueue(database, 'a', 1, 2, 3);
    await enqueue(database, 'b', 1, 2);
    const first = await claim();
    expect(numbers(first)).toEqual(['a1', 'b1']);
    expect(await claim()).toEqual([]);
    for (const message of first.filter(({ subject }) => subject === 'a')) await messageTaken(database, message);
    expect(numbers(await claim())).toEqual(['a2']);
  });

  test('whose message failed waits with all behind it; one that was given up holds up nothing', async () => {
    await enqueue(database, 'a', 1, 2);
    const [first] = await claim();
    if (first === undefined) throw new Error('nothing claimed');
    await messageFailed(database, first, 'status 500', NEVER_OVER_MS);
    expect(await claim()).toEqual([]);
    await database
      .updateTable('outbox')
      .set({ next_attempt_at: new Date(0) })
      .execute();
    const [again] = await claim();
    expect(again).toMatchObject({ id: first.id, attempts: 2, body: first.body });
    if (again === undefined) throw new Error('nothing claimed');
    await messageFailed(database, again, 'status 500', null);
    expect(numbers(await claim())).toEqual(['a2']);
    expect(await shownRows(database)).toMatchObject([
      { n: 1, state: 'dead', failure: 'status 500', attempts: 2 },
      { n: 2, state: 'waiting' },
    ]);
  });

  test('whose message waits to be tried again looks at nothing behind it meanwhile', async () => {
    await enqueue(database, 'a', 1, 2, 3);
    for (const message of await claim()) await messageFailed(database, message, 'status 500', NEVER_OVER_MS);
    const due = await database.selectFrom('outbox').select('id').where('next_attempt_at', '<=', new Date()).execute();
    expect(due).toEqual([]);
  });

  test('that lost its lease writes nothing over the work of the one that took it over', async () => {
    await enqueue(database, 'a', 1, 2);
    const [lost] = await claim(-1_000);
    const [taken] = await claim();
    if (lost === undefined || taken === undefined) throw new Error('nothing claimed');
    expect(taken.id).toBe(lost.id);
    await messageTaken(database, lost);
    await messageFailed(database, lost, 'status 500', null);
    expect(await shownRows(database)).toMatchObject([{ n: 1, state: 'waiting', failure: null }, { n: 2 }]);
    expect(await claim()).toEqual([]);
    await messageTaken(database, taken);
    expect(numbers(await claim())).toEqual(['a2']);
  });

  test('shares the work with others: no message is given to two of them', async () => {
    for (let subject = 0; subject < 60; subject += 1) await enqueue(database, `s${String(subject)}-`, 1, 2);
    const claims = (await Promise.all(Array.from({ length: 12 }, () => claim(NEVER_OVER_MS, 7)))).flat();
    expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
    expect(claims.every(({ body }) => JSON.parse(body).data.n === 1)).toBe(true);
    expect(claims.length).toBeGreaterThan(7);
  });

  test('removes what was sent long ago, a few at a time, and nothing that waits or is dead', async () => {
    await enqueue(database, 'a', 1);
    for (const message of await claim()) await messageTaken(database, message);
    await enqueue(database, 'b', 1);
    for (const message of await claim()) await messageFailed(database, message, 'status 410', null);
    await enqueue(database, 'c', 1);
    expect(await removeSent(database, NEVER_OVER_MS, 10)).toBe(0);
    await database
      .updateTable('outbox')
      .set({ ended_at: new Date(0) })
      .execute();
    expect(await removeSent(database, NEVER_OVER_MS, 10)).toBe(1);
    expect((await shownRows(database)).map(({ state }) => state)).toEqual(['dead', 'waiting']);
  });

  test('that waits and that was given up is counted by target, from its writing on; what was sent is not', async () => {
    expect(await readOutboxCounts(database)).toEqual([]);
    await enqueue(database, 'sent', 1);
    for (const message of await claim()) await messageTaken(database, message);
    await enqueue(database, 'dead', 1);
    for (const message of await claim()) await messageFailed(database, message, 'status 410', null);
    await enqueue(database, 'waiting', 1, 2);
    const written = new Date(Date.now() - 3_600_000);
    await database.updateTable('outbox').set({ created_at: written }).where('subject', '=', 'waiting').execute();
    const counts = [...(await readOutboxCounts(database))].sort((one, other) => one.count - other.count);
    expect(counts).toMatchObject([
      { target: 'outcomes', state: 'dead', count: 1 },
      { target: 'outcomes', state: 'waiting', count: 2 },
    ]);
    const [dead, waiting] = counts.map(({ oldestSeconds }) => oldestSeconds);
    expect(dead).toBeLessThan(1_800);
    expect(waiting).toBeGreaterThan(3_500);
  });
});
