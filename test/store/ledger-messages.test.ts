import { randomUUID } from 'node:crypto';

import { type Kysely, sql } from 'kysely';

import { type Database, openDatabase } from '../../src/store/database';
import { insertMovements } from '../../src/store/ledger/movements';
import { payObligation } from '../../src/store/ledger/obligations';
import { reverseMovements } from '../../src/store/ledger/reversals';
import { ensureSets } from '../../src/store/ledger/sets';
import { readFeed } from '../../src/store/messages/feed';
import { IN_CLEAR } from '../../src/store/encryption';
import { migrate } from '../../src/store/migrate';
import { foldAlerts, raiseAlerts, tellAlerts } from '../../src/store/outbox/alerts';
import type { Tables } from '../../src/store/schema/tables';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { numberAll } from '../support/number-messages';

const AT = '2026-03-02T09:00:00.000Z';
const BARE = { direction: null, assetGroup: 'stock', fee: null, value: null, alias: null };

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

/** Money for a user, in a set of an own corporate action. */
async function owe(amount: string) {
  const [transactionId, caId] = [randomUUID(), randomUUID()];
  const userId = 'u1';
  const booking = {
    ...{ transactionId, userId, corporateActionId: caId, type: 'dividend', legs: [], mayGrow: false, creditedAt: AT },
  };
  const workflowId = `bitpanda:corporate-action:${caId}:${userId}`;
  const leg = { ...BARE, leg: 'fiat', instrument: 'fiat:1', amount, isObligation: true };
  const movements = [{ partner: 'bitpanda', workflowId, deliveryId: randomUUID(), recovered: false, leg, booking }];
  await database.transaction().execute(async (transaction) => {
    await insertMovements(transaction, movements, () => AT);
    await ensureSets(transaction, movements);
  });
  return { transactionId, caId, workflowId };
}

/** What the feed has of a subject: each type with the state and amount of the obligation, or the verdict. */
async function toldOf(subject: string): Promise<readonly unknown[]> {
  await numberAll(database);
  const page = await readFeed(database, IN_CLEAR, { after: null, types: null, subject, limit: 50 });
  if (page.kind === 'gone') throw new Error('the beginning is gone');
  return page.items.map(({ type, data }) => [type, ...wordsOf(data?.obligation), ...wordsOf(data?.set)]);
}

function wordsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('verdict' in value) return [value.verdict];
  return 'state' in value && 'amount' in value ? [value.state, value.amount] : [];
}

async function judge(caId: string, verdict: string, held: readonly string[]): Promise<void> {
  await sql`
    UPDATE transaction_sets SET verdict = ${verdict}, held_events = ${[...held]}::text[]
    WHERE corporate_action_id = ${caId}`.execute(database);
}

const MOVED = [['movement.booked'], ['obligation.due']];

describe('an obligation is told', () => {
  test('as held while its set is a break, as open when it no longer is, and as paid', async () => {
    const { caId, transactionId, workflowId } = await owe('3.20');
    await judge(caId, 'break', [transactionId]);
    await judge(caId, 'complete', []);
    const { rows } = await sql<{ id: string }>`
      SELECT o.id FROM obligations o JOIN movements m ON m.position = o.movement
      WHERE m.corporate_action_id = ${caId}`.execute(database);
    const paid = { by: 'alice', reference: 'r-1' };
    for (let times = 0; times < 2; times += 1) await payObligation(database, rows[0]?.id ?? '', paid);
    expect(await toldOf(workflowId)).toEqual([
      ...MOVED,
      ['set.judged', 'break'],
      ['obligation.held', 'held', '3.2'],
      ['set.judged', 'complete'],
      ['obligation.open', 'open', '3.2'],
      ['obligation.paid', 'paid', '3.2'],
    ]);
  });

  test('as cancelled when an operator takes its movement back', async () => {
    const { transactionId, workflowId } = await owe('5');
    await reverseMovements(database, { partner: 'bitpanda', transactionId, by: 'alice', reason: 'twice' });
    expect(await toldOf(workflowId)).toEqual([
      ...MOVED,
      ['movement.booked'],
      ['obligation.cancelled', 'cancelled', '0'],
    ]);
  });

  test('not as held while the break concerns another event of the set', async () => {
    const { caId, workflowId } = await owe('1');
    await judge(caId, 'break', ['another']);
    expect(await toldOf(workflowId)).toEqual([...MOVED, ['set.judged', 'break']]);
  });
});

test('an alert stands in the feed once its window is over, also where nobody is sent any, and again when it grew', async () => {
  const cause = { partner: 'bitpanda', finding: 'break', example: 'bitpanda:corporate-action:ca' } as const;
  const told = async () => {
    await foldAlerts(database);
    await tellAlerts(database);
    await numberAll(database);
    const page = await readFeed(database, IN_CLEAR, { after: null, types: ['alert.raised'], subject: null, limit: 9 });
    return page.kind === 'gone' ? [] : page.items.map(({ data }) => data?.count);
  };
  await raiseAlerts(database, [cause], 3_600_000);
  expect(await told()).toEqual([]);
  await database
    .updateTable('alerts')
    .set({ window_end: new Date(0) })
    .execute();
  expect(await told()).toEqual([1]);
  expect(await told()).toEqual([1]);
  await database.updateTable('alerts').set({ count: 3 }).execute();
  expect(await told()).toEqual([1, 3]);
});
