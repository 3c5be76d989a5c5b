import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import {
  type SetCount,
  setCountFrom,
  setCountOf,
  storedSetCount,
  type StoredSetCount,
  withChanges,
} from '../../domain/lifecycles/corporate-actions/counts';
import { unitsOf } from '../../domain/lifecycles/corporate-actions/judge';
import { refusalCode } from '../database-errors';
import type { Tables } from '../schema/tables';
import { type ActionState, loadActionState, lockAction, saveActionState } from './action-state';
import { type CorporateActionKey, loadHolders } from './load';
import { noteRefusedSet, type RefusalOptions, type RefusedSet } from './refused-sets';
import { CANNOT_BE_COUNTED, PAGE_SETS } from './set-rows';
import { firstCreditOf } from './start';

/** Settings of counting. */
export interface CountingOptions extends RefusalOptions {
  /** Smallest amount the partner books, by asset group. */
  readonly precisions: Readonly<Record<string, string>>;
  /** Told after each page, so that who waits knows that it goes on. */
  readonly onPage: () => void;
}

/** Sets to count: those that changed, or those behind a user that were counted on another ground. */
export type Wanted = typeof CHANGED | { readonly after: string };
/** Word for sets that changed since they were counted. */
export const CHANGED = 'changed';

/** Page of sets that were counted. */
export interface CountedPage {
  readonly count: number;
  /** The user that it ended with. */
  readonly last: string;
}

const NO_PAGE: CountedPage = { count: 0, last: '' };

/** Count of a page of sets. Where one of them cannot be counted, each is counted by itself: one must not keep the others. */
export async function countPage(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: CountingOptions,
  wanted: Wanted,
): Promise<CountedPage> {
  try {
    return await countTogether(database, action, options, { wanted, limit: PAGE_SETS });
  } catch (error) {
    if (refusalCode(error) === null) throw error;
    return countOneByOne(database, action, options, wanted);
  }
}

async function countOneByOne(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: CountingOptions,
  wanted: Wanted,
): Promise<CountedPage> {
  let last = wanted === CHANGED ? '' : wanted.after;
  for (let count = 0; count < PAGE_SETS; count += 1) {
    const selected: CountedRow[] = [];
    const next: CountedNext = { wanted: wanted === CHANGED ? CHANGED : { after: last }, limit: 1 };
    const one = await countTogether(database, action, options, next, selected).catch(async (error: unknown) => {
      const cause = refusalCode(error);
      const [row] = selected;
      if (cause === null || row === undefined) throw error;
      const { userId, version } = row;
      await leaveOut(database, action, options, {
        userId,
        version,
        words: `the database could not count it (${cause})`,
      });
      return { count: 1, last: userId };
    });
    if (one.count === 0) return { count, last };
    ({ last } = one);
  }
  return { count: PAGE_SETS, last };
}

/** Sets counted in one transaction; `selected` is told which they are, also where it fails. */
function countTogether(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  { precisions }: CountingOptions,
  { wanted, limit }: CountedNext,
  selected: CountedRow[] = [],
): Promise<CountedPage> {
  return database.transaction().execute(async (transaction) => {
    await lockAction(transaction, action);
    const state = await loadActionState(transaction, action);
    if (state === null) return NO_PAGE;
    const rows = await selectUncounted(transaction, action, { wanted, limit, ground: state.ground });
    selected.push(...rows);
    const userIds = rows.map(({ userId }) => userId);
    const last = userIds.at(-1);
    if (last === undefined) return NO_PAGE;
    const { holders, aliased } = await loadHolders(transaction, action, userIds, { old: null, startedAt: null });
    const basis = { ground: state.counts.ground, aliased, unitOf: unitsOf(precisions) };
    const counted = new Map(holders.map((holder) => [holder.userId, setCountOf(holder, basis)]));
    const firstCreditedAt = await firstCreditOf(transaction, action, userIds, state.firstCreditedAt);
    await writeCounts(transaction, action, { ...state, firstCreditedAt }, { rows, counted });
    return { count: rows.length, last };
  });
}

/** A set that cannot be counted: it says so, and counts for nothing until it changes or its time comes. */
async function leaveOut(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: CountingOptions,
  set: RefusedSet,
): Promise<void> {
  await noteRefusedSet(database, action, options, set);
  await database.transaction().execute(async (transaction) => {
    await lockAction(transaction, action);
    const state = await loadActionState(transaction, action);
    const rows = await selectCounted(transaction, action, set);
    if (state !== null && rows.length > 0) await writeCounts(transaction, action, state, { rows, counted: new Map() });
  });
}

interface CountedNext {
  readonly wanted: Wanted;
  readonly limit: number;
}

interface CountedRow {
  readonly userId: string;
  readonly version: number;
  readonly counted: StoredSetCount | null;
  readonly ground: number;
}

const COUNTED_ROW = sql`user_id AS "userId", version, counted, counted_ground AS ground`;

function inAction({ partner, id }: CorporateActionKey): RawBuilder<boolean> {
  return sql<boolean>`partner = ${partner} AND corporate_action_id = ${id}`;
}

/** Sets to count, whose rows stay locked; one that is being booked is left out, and says itself that it changed. */
async function selectUncounted(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  { wanted, limit, ground }: CountedNext & { readonly ground: number },
): Promise<readonly CountedRow[]> {
  const which =
    wanted === CHANGED
      ? sql`counted_version < version`
      : sql`counted_ground < ${ground} AND NOT ${CANNOT_BE_COUNTED} AND user_id > ${wanted.after}`;
  const { rows } = await sql<CountedRow>`
    SELECT ${COUNTED_ROW} FROM transaction_sets WHERE ${inAction(action)} AND ${which}
    ORDER BY user_id LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(transaction);
  return rows;
}

async function selectCounted(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  { userId, version }: RefusedSet,
): Promise<readonly CountedRow[]> {
  const { rows } = await sql<CountedRow>`
    SELECT ${COUNTED_ROW} FROM transaction_sets WHERE ${inAction(action)} AND user_id = ${userId} AND version = ${version}
    FOR UPDATE`.execute(transaction);
  return rows;
}

/** Write of what sets are counted for, and of what all of them come to; a set that is not among the counted counts for nothing. */
async function writeCounts(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  state: ActionState,
  { rows, counted }: { readonly rows: readonly CountedRow[]; readonly counted: ReadonlyMap<string, SetCount> },
): Promise<void> {
  const changes = rows.map(({ userId, counted: stored, ground }) => ({
    before: stored === null ? null : setCountFrom(stored),
    hadSameGround: ground === state.ground,
    after: counted.get(userId) ?? null,
  }));
  const stored = changes.map(({ after }) => (after === null ? null : JSON.stringify(storedSetCount(after))));
  await sql`
    UPDATE transaction_sets AS sets SET counted = input.counted::jsonb, counted_version = input.version,
      counted_ground = ${state.ground}
    FROM unnest(${rows.map(({ userId }) => userId)}::text[], ${rows.map(({ version }) => version)}::int[], ${stored}::text[])
      AS input (user_id, version, counted)
    WHERE sets.partner = ${action.partner} AND sets.corporate_action_id = ${action.id} AND sets.user_id = input.user_id`.execute(
    transaction,
  );
  await saveActionState(transaction, action, { ...state, counts: withChanges(state.counts, changes) });
}

/** Mark of sets that could not be counted and whose time has come: they are counted again, as if they had changed. */
export async function countRefusedAgain(database: Kysely<Tables>, action: CorporateActionKey): Promise<void> {
  await sql`
    UPDATE transaction_sets SET counted_version = -1 WHERE ${inAction(action)} AND user_id = ANY (ARRAY (
      SELECT user_id FROM transaction_sets WHERE ${inAction(action)} AND look_at <= now() AND ${CANNOT_BE_COUNTED}
      FOR UPDATE SKIP LOCKED))`.execute(database);
}
