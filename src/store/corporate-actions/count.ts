import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';

import { type Counts, wordsOfConclusions } from '../../domain/lifecycles/corporate-actions/counts';
import { groundOf, wordsOfGround } from '../../domain/lifecycles/corporate-actions/set-facts';
import type { Tables } from '../schema/tables';
import { type ActionState, loadActionState, lockAction, saveActionState } from './action-state';
import { CHANGED, countPage, type CountedPage, countRefusedAgain, type CountingOptions } from './count-pages';
import type { CorporateActionKey } from './load';
import { rejudgeThoseOfHolders } from './news';
import { CANNOT_BE_COUNTED } from './set-rows';
import { loadStart, wordsOfStart } from './start';
import { sweepVotes } from './sweep-votes';

/** So often what all sets are counted on may change within one round; then the next one goes on. */
const MOST_GROUNDS = 5;

/**
 * Count of every set that changed since it was last counted, in pages, and the conclusions that follow. False where some
 * could not be counted yet, because they are being booked right now.
 */
export async function countSets(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: CountingOptions,
): Promise<boolean> {
  await countRefusedAgain(database, action);
  for (let tries = 0; tries < MOST_GROUNDS; tries += 1) {
    await inPages(options, () => countPage(database, action, options, CHANGED));
    const concluded = await database.transaction().execute((transaction) => conclude(transaction, action));
    if (concluded === 'concluded') return true;
    if (concluded === 'locked') return false;
    let after = '';
    await inPages(options, async () => {
      const page = await countPage(database, action, options, { after });
      after = page.last;
      return page;
    });
  }
  return false;
}

async function inPages({ onPage }: CountingOptions, countNext: () => Promise<CountedPage>): Promise<void> {
  for (let count = 1; count > 0;) {
    ({ count } = await countNext());
    onPage();
  }
}

/**
 * Conclusions from what is counted. `recount` where the ground of all claims has changed, `locked` where a set could not
 * be counted on it yet.
 */
async function conclude(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
): Promise<'concluded' | 'recount' | 'locked'> {
  await lockAction(transaction, action);
  const state = await loadActionState(transaction, action);
  if (state === null) return 'concluded';
  const ground = groundOf(state.counts.facts);
  if (wordsOfGround(ground) !== wordsOfGround(state.counts.ground)) {
    const counts = { ...state.counts, ground, instruments: new Map() };
    await saveActionState(transaction, action, { ...state, counts, ground: state.ground + 1 });
    return 'recount';
  }
  if (state.completeGround < state.ground) {
    const lagging = await countLagging(transaction, action, state.ground);
    if (lagging === 'all') return 'recount';
    if (lagging === 'some') return 'locked';
  }
  await saveActionState(transaction, action, await concluded(transaction, action, state));
  return 'concluded';
}

/** Sets that are not counted on the present ground: none, all but a few, or some that were passed over. */
async function countLagging(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  ground: number,
): Promise<'none' | 'some' | 'all'> {
  const { rows } = await sql<{ isFree: boolean }>`
    SELECT EXISTS (
      SELECT FROM (
        SELECT user_id FROM transaction_sets
        WHERE partner = ${partner} AND corporate_action_id = ${id} AND counted_ground < ${ground}
          AND NOT ${CANNOT_BE_COUNTED}
        LIMIT 1 FOR UPDATE SKIP LOCKED
      ) AS free
    ) AS "isFree" FROM transaction_sets
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND counted_ground < ${ground} AND NOT ${CANNOT_BE_COUNTED}
    LIMIT 1`.execute(transaction);
  const [row] = rows;
  if (row === undefined) return 'none';
  return row.isFree ? 'all' : 'some';
}

async function concluded(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  state: ActionState,
): Promise<ActionState> {
  const instruments = new Map(state.counts.instruments);
  for (const [instrument, count] of instruments) {
    if (count.consensus !== null) continue;
    instruments.set(instrument, {
      ...count,
      consensus: await sweepVotes(transaction, action, instrument, state.ground),
    });
  }
  const counts: Counts = { ...state.counts, instruments };
  const startedAt = await loadStart(transaction, action);
  const words = `${wordsOfStart(startedAt)} ${wordsOfConclusions(counts)}`;
  const isNew = words !== state.concludedFrom;
  if (isNew) await rejudgeThoseOfHolders(transaction, action);
  return {
    ...state,
    counts,
    startedAt,
    completeGround: state.ground,
    concludedFrom: words,
    conclusion: state.conclusion + (isNew ? 1 : 0),
  };
}
