import { randomUUID } from 'node:crypto';

import { judgeSets } from '../../src/store/corporate-actions/judge';
import { type Api, openApi } from '../operations/harness';
import { announced, book, emptyLedger, judged, opened } from '../operations/ledger-rows';
import { wordGiven } from '../support/word-given';

const OLD = 'asset:c0000000-0000-4000-8000-00000000000a';
const NEW = 'asset:c0000000-0000-4000-8000-00000000000b';
const CREDITED = '2026-03-01T00:00:00Z';
const USER = 'u3';

let api: Api;
let caId: string;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

/** Two holders prove a ratio; of a third only the new share came, which 0.2.0 called sold because of an opening alone. */
beforeEach(async () => {
  const database = api.database.kysely;
  await emptyLedger(database);
  caId = randomUUID();
  await announced(database, { caId, old: OLD, fresh: [NEW] });
  for (const user of ['u1', 'u2']) {
    for (const [instrument, amount] of [
      [OLD, '-10'],
      [OLD, '10'],
      [NEW, '5'],
    ] as const)
      await book(database, { user, caId, instrument, amount, creditedAt: CREDITED });
    await judged(database, { caId, user, verdict: 'complete' });
  }
  await opened(database, USER, OLD, '0', '2026-01-01T00:00:00Z');
  await book(database, { user: USER, caId, instrument: NEW, amount: '5', creditedAt: CREDITED });
  await judged(database, { caId, user: USER, verdict: 'old-share-sold', before: '0' });
  await database
    .updateTable('transaction_sets')
    .set({ judged_at: new Date(), judged_through: await lastPosition() })
    .execute();
});

async function lastPosition(): Promise<string> {
  const row = await api.database.kysely
    .selectFrom('movements')
    .select(({ fn }) => fn.max('position').as('last'))
    .executeTakeFirstOrThrow();
  return row.last;
}

/** The verdict on the third holder, and the holding it rests on, once everything was judged again. */
async function judgedAgain(user = USER): Promise<readonly [unknown, unknown]> {
  await judgeSets(api.database.kysely, { partner: 'bitpanda', id: caId }, api.dependencies.judging);
  const row = await api.database.kysely
    .selectFrom('transaction_sets')
    .select(['verdict', 'before'])
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow();
  return [row.verdict, row.before];
}

describe('a verdict that 0.2.0 gave on an opening alone', () => {
  it('stands, however often it is judged again with what is new of others', async () => {
    expect(await judgedAgain()).toEqual(['old-share-sold', '0']);
    await book(api.database.kysely, { user: 'u4', caId, instrument: OLD, amount: '-2', creditedAt: CREDITED });
    await judged(api.database.kysely, { caId, user: 'u4', verdict: 'unverified', judgedThrough: await lastPosition() });
    expect(await judgedAgain()).toEqual(['old-share-sold', '0']);
    expect(await judgedAgain()).toEqual(['old-share-sold', '0']);
  });

  it('stands until the first word is given, which may not reach it', async () => {
    await wordGiven(api.database.kysely, '2026-02-28T00:00:00Z');
    expect(await judgedAgain()).toEqual(['unverified', null]);
    await wordGiven(api.database.kysely, CREDITED);
    expect(await judgedAgain()).toEqual(['old-share-sold', '0']);
  });

  it('stands until something of its own set is taken back', async () => {
    const { transactionId } = await api.database.kysely
      .selectFrom('movements')
      .select('transaction_id as transactionId')
      .where('user_id', '=', USER)
      .executeTakeFirstOrThrow();
    const path = `/operations/movements/bitpanda/${transactionId}/reverse`;
    await api.call('POST', path, { body: { reason: 'booked for another' } });
    const [, before] = await judgedAgain();
    expect(before).toBeNull();
  });

  it('stands until its own set gets a movement, and not again once that is judged', async () => {
    await book(api.database.kysely, { user: USER, caId, instrument: NEW, amount: '1', creditedAt: CREDITED });
    // Its flow has it judged at the end of its quiet period: until then the verdict stays.
    expect(await judgedAgain()).toEqual(['old-share-sold', '0']);
    await api.database.kysely
      .updateTable('transaction_sets')
      .set({ judged_through: await lastPosition(), needs_word: true })
      .execute();
    expect((await judgedAgain())[1]).toBeNull();
  });

  it('is not given by an opening that is imported now', async () => {
    await api.database.kysely
      .updateTable('transaction_sets')
      .set({ verdict: 'unverified', before: null })
      .where('user_id', '=', USER)
      .execute();
    expect(await judgedAgain()).toEqual(['unverified', null]);
  });
});
