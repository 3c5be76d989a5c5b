import type { Kysely } from 'kysely';

import { refusalCode } from '../database-errors';
import type { Tables } from '../schema/tables';
import { loadActionState, lockAction } from './action-state';
import type { CorporateActionKey } from './load';
import { noteRefusedSet } from './refused-sets';
import { FIRST_PLACE, PAGE_SETS, type Phase, PHASES, type Place, selectSets, type SetRow } from './set-rows';
import { judgeSelected, type LeftSets, type RoundOptions } from './verdicts';

/**
 * Verdicts on every set that may have another one by the present conclusion, and on those whose time has come, in
 * pages. A set before whose verdict the partner has to be asked is left.
 */
export async function judgeDue(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
): Promise<LeftSets> {
  let left: LeftSets = { needAsking: false, isBehind: false };
  for (const phase of PHASES) {
    for (let from: Place | null = FIRST_PLACE; from !== null;) {
      const page: JudgedPage = await judgePage(database, action, options, { phase, from });
      options.onPage();
      left = { needAsking: left.needAsking || page.needAsking, isBehind: left.isBehind || page.isBehind };
      from = page.last;
    }
  }
  return left;
}

interface JudgedPage extends LeftSets {
  /** Null where the page was empty. */
  readonly last: Place | null;
}

interface Wanted {
  readonly phase: Phase;
  readonly from: Place;
  readonly limit?: number;
}

const EMPTY: JudgedPage = { needAsking: false, isBehind: false, last: null };

/** A page of sets. Where PostgreSQL refuses what one of them holds, each is judged by itself: one must not keep the others. */
async function judgePage(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
  wanted: Wanted,
): Promise<JudgedPage> {
  try {
    return await judgeTogether(database, action, options, wanted);
  } catch (error) {
    if (refusalCode(error) === null) throw error;
    return judgeOneByOne(database, action, options, wanted);
  }
}

async function judgeOneByOne(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
  { phase, from }: Wanted,
): Promise<JudgedPage> {
  let left = { ...EMPTY, last: from };
  for (let judged = 0; judged < PAGE_SETS; judged += 1) {
    const selected: SetRow[] = [];
    const wanted = { phase, from: left.last, limit: 1 };
    const one = await judgeTogether(database, action, options, wanted, selected).catch(async (error: unknown) => {
      const cause = refusalCode(error);
      const [row] = selected;
      if (cause === null || row === undefined) throw error;
      const words = `the database refused the verdict (${cause})`;
      await noteRefusedSet(database, action, options, { userId: row.userId, version: row.version, words });
      return { ...EMPTY, last: placeOf(row) };
    });
    if (one.last === null) return { ...left, last: judged === 0 ? null : left.last };
    left = {
      needAsking: left.needAsking || one.needAsking,
      isBehind: left.isBehind || one.isBehind,
      last: one.last,
    };
  }
  return left;
}

/** Sets in one transaction; `selected` is told which they are, also where it fails. */
function judgeTogether(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
  { phase, from, limit }: Wanted,
  selected: SetRow[] = [],
): Promise<JudgedPage> {
  return database.transaction().execute(async (transaction) => {
    await lockAction(transaction, action);
    const state = await loadActionState(transaction, action);
    if (state === null) return EMPTY;
    const rows = await selectSets(transaction, action, phase, from, {
      conclusion: state.conclusion,
      ...(limit === undefined ? {} : { limit }),
    });
    selected.push(...rows);
    const last = rows.at(-1);
    if (last === undefined) return EMPTY;
    return { ...(await judgeSelected({ transaction, action, options, state }, phase, rows)), last: placeOf(last) };
  });
}

function placeOf({ lookAt, userId }: SetRow): Place {
  return { at: lookAt ?? FIRST_PLACE.at, userId };
}
