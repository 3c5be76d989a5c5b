import { type Kysely, sql, type Transaction } from 'kysely';

import {
  type Counts,
  fractionFrom,
  setCountFrom,
  setCountOf,
  storedSetCount,
  type StoredFraction,
  type StoredSetCount,
  withChanges,
  wordsOfConclusions,
} from '../../domain/lifecycles/corporate-actions/counts';
import type { Fraction } from '../../domain/lifecycles/corporate-actions/exact';
import { compareFractions } from '../../domain/lifecycles/corporate-actions/exact';
import { unitsOf } from '../../domain/lifecycles/corporate-actions/judge';
import {
  createRatioSweep,
  type RatioConsensus,
  type RatioPoint,
} from '../../domain/lifecycles/corporate-actions/ratio';
import { groundOf, wordsOfGround } from '../../domain/lifecycles/corporate-actions/set-facts';
import type { Tables } from '../schema/tables';
import { type ActionState, loadActionState, lockAction, saveActionState } from './action-state';
import { type CorporateActionKey, loadHolders } from './load';
import { rejudgeThoseOfHolders } from './news';
import { PAGE_SETS } from './set-rows';
import { firstCreditOf, loadStart, wordsOfStart } from './start';

/** Settings of counting. */
export interface CountingOptions {
  /** Smallest amount the partner books, by asset group. */
  readonly precisions: Readonly<Record<string, string>>;
  /** Told after each page, so that who waits knows that it goes on. */
  readonly onPage: () => void;
}

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
  for (let tries = 0; tries < MOST_GROUNDS; tries += 1) {
    await inPages(database, options, (transaction) => countPage(transaction, action, options, CHANGED));
    const concluded = await database.transaction().execute((transaction) => conclude(transaction, action));
    if (concluded === 'concluded') return true;
    if (concluded === 'locked') return false;
    let after = '';
    await inPages(database, options, async (transaction) => {
      const page = await countPage(transaction, action, options, { after });
      after = page.last;
      return page;
    });
  }
  return false;
}

interface Page {
  readonly count: number;
  /** The user that it ended with. */
  readonly last: string;
}

async function inPages(
  database: Kysely<Tables>,
  { onPage }: CountingOptions,
  work: (transaction: Transaction<Tables>) => Promise<Page>,
): Promise<void> {
  for (let count = PAGE_SETS; count > 0;) {
    ({ count } = await database.transaction().execute(work));
    onPage();
  }
}

/** Sets to count: those that changed, or those behind a user that were counted on another ground. */
type Wanted = typeof CHANGED | { readonly after: string };
const CHANGED = 'changed';

interface CountedRow {
  readonly userId: string;
  readonly version: number;
  readonly counted: StoredSetCount | null;
  readonly ground: number;
}

async function countPage(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  { precisions }: CountingOptions,
  wanted: Wanted,
): Promise<Page> {
  await lockAction(transaction, action);
  const state = await loadActionState(transaction, action);
  if (state === null) return { count: 0, last: '' };
  const rows = await selectUncounted(transaction, action, wanted, state.ground);
  if (rows.length === 0) return { count: 0, last: '' };
  const userIds = rows.map(({ userId }) => userId);
  const { holders, aliased } = await loadHolders(transaction, action, userIds, { old: null, startedAt: null });
  const basis = { ground: state.counts.ground, aliased, unitOf: unitsOf(precisions) };
  const counted = new Map(holders.map((holder) => [holder.userId, setCountOf(holder, basis)]));
  const changes = rows.flatMap(({ userId, counted: stored, ground }) => {
    const after = counted.get(userId);
    const before = stored === null ? null : setCountFrom(stored);
    return after === undefined ? [] : [{ before, hadSameGround: ground === state.ground, after }];
  });
  const stored = rows.map(({ userId }) => {
    const count = counted.get(userId);
    return count === undefined ? 'null' : JSON.stringify(storedSetCount(count));
  });
  await sql`
    UPDATE transaction_sets AS sets SET counted = input.counted::jsonb, counted_version = input.version, counted_ground = ${state.ground}
    FROM unnest(${userIds}::text[], ${rows.map(({ version }) => version)}::int[], ${stored}::text[])
      AS input (user_id, version, counted)
    WHERE sets.partner = ${action.partner} AND sets.corporate_action_id = ${action.id} AND sets.user_id = input.user_id`.execute(
    transaction,
  );
  const firstCreditedAt = await firstCreditOf(transaction, action, userIds, state.firstCreditedAt);
  await saveActionState(transaction, action, { ...state, firstCreditedAt, counts: withChanges(state.counts, changes) });
  return { count: rows.length, last: userIds.at(-1) ?? '' };
}

/** Sets to count, whose rows stay locked; one that is being booked is left out, and says itself that it changed. */
async function selectUncounted(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  wanted: Wanted,
  ground: number,
): Promise<readonly CountedRow[]> {
  const which =
    wanted === CHANGED ? sql`counted_version < version` : sql`counted_ground < ${ground} AND user_id > ${wanted.after}`;
  const { rows } = await sql<CountedRow>`
    SELECT user_id AS "userId", version, counted, counted_ground AS ground FROM transaction_sets
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND ${which}
    ORDER BY user_id LIMIT ${PAGE_SETS} FOR UPDATE SKIP LOCKED`.execute(transaction);
  return rows;
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
        LIMIT 1 FOR UPDATE SKIP LOCKED
      ) AS free
    ) AS "isFree" FROM transaction_sets
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND counted_ground < ${ground} LIMIT 1`.execute(
    transaction,
  );
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

interface PointRow {
  /** The ratio in whole steps of ten to the minus sixtieth: an order that PostgreSQL can keep, all but exact. */
  readonly place: string;
  readonly at: StoredFraction;
  readonly opens: number;
  readonly closes: number;
}

const POINTS_AT_ONCE = 2_000;

/** Consensus of all votes on an instrument, by a sweep over their ends in the order of PostgreSQL: no list of them is held. */
async function sweepVotes(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  instrument: string,
  ground: number,
): Promise<RatioConsensus> {
  await sql`
    DECLARE points NO SCROLL CURSOR FOR
    WITH votes AS (
      SELECT claim->'vote' AS vote FROM transaction_sets CROSS JOIN LATERAL jsonb_array_elements(counted->'claims') AS claim
      WHERE partner = ${sql.lit(partner)} AND corporate_action_id = ${sql.lit(id)} AND counted_ground = ${sql.lit(ground)}
        AND claim->>'instrument' = ${sql.lit(instrument)} AND claim->'vote' <> 'null'
    ), points AS (
      SELECT vote->'low' AS at, 1 AS opens, 0 AS closes FROM votes
      UNION ALL SELECT vote->'high', 0, 1 FROM votes
    )
    SELECT div((at->>0)::numeric * 1e60::numeric, (at->>1)::numeric)::text AS place, at, sum(opens)::int AS opens,
      sum(closes)::int AS closes
    FROM points GROUP BY at ORDER BY div((at->>0)::numeric * 1e60::numeric, (at->>1)::numeric), at`.execute(
    transaction,
  );
  const sweep = createRatioSweep();
  const together = createGroup((point) => sweep.take(point));
  for (let rows: readonly PointRow[] = [], isOver = false; !isOver; isOver = rows.length < POINTS_AT_ONCE) {
    ({ rows } = await sql<PointRow>`FETCH ${sql.lit(POINTS_AT_ONCE)} FROM points`.execute(transaction));
    for (const { place, at, opens, closes } of rows) together.take(place, { at: fractionFrom(at), opens, closes });
  }
  together.end();
  await sql`CLOSE points`.execute(transaction);
  return sweep.consensus();
}

/** Points of one place, which are nearly always one and the same ratio; given on in their exact order. */
function createGroup(giveOn: (point: RatioPoint) => void) {
  let place = '';
  let points: RatioPoint[] = [];
  const end = (): void => {
    for (const point of points.sort((a, b) => compareFractions(a.at, b.at))) giveOn(point);
    points = [];
  };
  return {
    end,
    take(at: string, point: RatioPoint): void {
      if (at !== place) end();
      place = at;
      const index = points.findIndex((one) => isSame(one.at, point.at));
      const known = points[index];
      if (known === undefined) points.push(point);
      else points[index] = { at: known.at, opens: known.opens + point.opens, closes: known.closes + point.closes };
    },
  };
}

function isSame(a: Fraction, b: Fraction): boolean {
  return compareFractions(a, b) === 0;
}
