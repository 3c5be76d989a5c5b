import { type Kysely } from 'kysely';

import type { ActionOverview } from '../../domain/lifecycles/corporate-actions/action-overview';
import type { Tables } from '../schema/tables';
import { loadActionState } from './action-state';
import { countSets } from './count';
import type { CorporateActionKey } from './load';
import { findMissing } from './missing';
import { endLook } from './news';
import { loadNextLook, loadOverview, type NextLook } from './overview';
import { databaseTime } from '../database-time';
import { judgeDue } from './due-sets';
import type { LeftSets, RoundOptions } from './verdicts';

/** Result of one round of judging a corporate action. */
export interface Round {
  readonly overview: ActionOverview;
  /** Start of the time to ask the partner for, and the time as of which it is asked; null where nobody needs it. */
  readonly ask: { readonly from: string; readonly asOf: string } | null;
  /** Milliseconds until something is due again; null where nothing is owed any more, unless something happens. */
  readonly nextInMs: number | null;
  /** True where sets are in their quiet period, so that more rounds follow soon. */
  readonly isSettling: boolean;
}

/** Milliseconds after which sets are looked at again whose rows or deliveries were on their way. */
const SOON_MS = 500;

/**
 * One round over a corporate action: what changed is counted, what may have another verdict is judged, holders of whom
 * nothing came are looked for. Each page is a transaction of its own, so that memory is bounded and the round may end
 * anywhere: what is left says so itself.
 */
export async function judgeRound(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
): Promise<Round> {
  const isCounted = await countSets(database, action, options);
  const asOf = await databaseTime(database);
  const left = isCounted ? await judgeAll(database, action, options) : { needAsking: false, isBehind: true };
  const look = await loadNextLook(database, action);
  const overview = await loadOverview(database, action);
  const ask = left.needAsking ? { from: await askFrom(database, action), asOf } : null;
  const nextInMs = left.isBehind ? SOON_MS : look.inMs;
  const hasNews = await endLook(database, action, look.isSettling || left.isBehind || ask !== null);
  return { overview, ask, nextInMs: hasNews && !look.isSettling ? 0 : nextInMs, isSettling: look.isSettling };
}

async function judgeAll(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RoundOptions,
): Promise<LeftSets> {
  const left = await judgeDue(database, action, options);
  const look: NextLook = await loadNextLook(database, action);
  // While sets are on their way, a holder of whom nothing came may be one of them.
  if (left.needAsking || left.isBehind || look.isSettling) return left;
  switch (await findMissing(database, action, options)) {
    case 'none':
      return left;
    case 'added':
      return judgeDue(database, action, options);
    case 'ask first':
      return { ...left, needAsking: await isUnasked(database, action) };
  }
}

/** True where the partner was never asked. One that could not be asked is asked again with the next set that needs it. */
async function isUnasked(database: Kysely<Tables>, action: CorporateActionKey): Promise<boolean> {
  const state = await database.transaction().execute((transaction) => loadActionState(transaction, action));
  return state !== null && state.askedAt === null;
}

const DAY_MS = 86_400_000;

/** One window of the partner's lists. */
const MOST_EARLIER_MS = 31 * DAY_MS;

/**
 * Start of the time to ask the partner for: the day before the first movement was credited, but not for years before the
 * corporate action began, because one movement says so. Whole days, so that many flows ask the same question.
 */
async function askFrom(database: Kysely<Tables>, action: CorporateActionKey): Promise<string> {
  const state = await database.transaction().execute((transaction) => loadActionState(transaction, action));
  const startedMs = Date.parse(state?.startedAt ?? new Date().toISOString());
  const firstMs = Math.max(state?.firstCreditedAt?.getTime() ?? startedMs, startedMs - MOST_EARLIER_MS);
  return new Date(Math.floor(firstMs / DAY_MS - 1) * DAY_MS).toISOString();
}
