import { type Kysely, sql, type Transaction } from 'kysely';

import { judgeHolder } from '../../domain/lifecycles/corporate-actions/judge';
import type { Tables } from '../schema/tables';
import { loadActionState, lockAction, saveActionState } from './action-state';
import { type CorporateActionKey, loadHolders } from './load';
import { insertMissing, PAGE_SETS } from './set-rows';
import { conclusionsOf, type RoundOptions } from './verdicts';

/**
 * The result of looking for holders of whom nothing came: rows were added to be judged, or the partner has to be asked
 * before any is.
 */
export type MissingResult = 'none' | 'added' | 'ask first';

/**
 * Search for holders of whom nothing at all came, although they held the old instrument: once for each conclusion, after
 * every set has been judged.
 */
export async function findMissing(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
): Promise<MissingResult> {
  let result: MissingResult = 'none';
  for (let after: string | null = ''; after !== null;) {
    const page: MissingPage = await findPage(database, action, options, after);
    options.onPage();
    if (page.result === 'ask first') return 'ask first';
    if (page.result === 'added') result = 'added';
    after = page.last;
  }
  return result;
}

interface MissingPage {
  readonly result: MissingResult;
  /** The user that it ended with; null where there was none left. */
  readonly last: string | null;
}

const OVER: MissingPage = { result: 'none', last: null };

function findPage(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
  after: string,
): Promise<MissingPage> {
  return database.transaction().execute(async (transaction) => {
    await lockAction(transaction, action);
    const state = await loadActionState(transaction, action);
    if (state === null || state.missingConcluded === state.conclusion) return OVER;
    const { old } = state.counts.ground;
    const userIds = old === null ? [] : await unknownHolders(transaction, action, old, after);
    const last = userIds.at(-1);
    if (last === undefined) {
      await saveActionState(transaction, action, { ...state, missingConcluded: state.conclusion });
      return OVER;
    }
    const view = { old, startedAt: state.startedAt };
    const { holders, aliased } = await loadHolders(transaction, action, userIds, view);
    const conclusions = conclusionsOf(state, options, aliased);
    const missing = holders.filter((holder) => judgeHolder(conclusions, holder) !== null);
    if (missing.length === 0) return { result: 'none', last };
    if (state.asked !== 'reached') return { result: 'ask first', last };
    await insertMissing(
      transaction,
      action,
      missing.map(({ userId }) => userId),
    );
    return { result: 'added', last };
  });
}

/** Users with an opening of an instrument, under either of its names, and without a set. */
async function unknownHolders(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  old: string,
  after: string,
): Promise<readonly string[]> {
  const { rows } = await sql<{ userId: string }>`
    SELECT DISTINCT o.user_id AS "userId" FROM openings o
    WHERE o.partner = ${partner} AND o.user_id > ${after} AND o.instrument IN (
        SELECT ${old}::text UNION SELECT integer_instrument FROM aliases
        WHERE partner = ${partner} AND uuid_instrument = ${old})
      AND NOT EXISTS (SELECT FROM transaction_sets s
        WHERE s.partner = o.partner AND s.corporate_action_id = ${id} AND s.user_id = o.user_id)
    ORDER BY o.user_id LIMIT ${PAGE_SETS}`.execute(transaction);
  return rows.map(({ userId }) => userId);
}
