import { type Kysely, sql } from 'kysely';

import type { ActionOverview, WorstSet } from '../../domain/lifecycles/corporate-actions/action-overview';
import type { Break, Unknown, Verdict } from '../../domain/lifecycles/corporate-actions/corporate-action';
import { breakInWords, unknownsInWords } from '../../domain/lifecycles/corporate-actions/in-words';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { actionWorkflowIdOf } from './set-flows';

/** Number of sets that are named to people who look at the whole. */
const MOST_NAMED = 20;

/** Corporate action as its flow shows it: how many sets stand how, and the worst of them. */
export async function loadOverview(database: Kysely<Tables>, action: CorporateActionKey): Promise<ActionOverview> {
  const [counts, breaks, open, worst] = await Promise.all([
    countVerdicts(database, action),
    countBreaks(database, action),
    countOpen(database, action),
    worstSets(database, action),
  ]);
  return { ...counts, breaks, ...open, worst };
}

async function countVerdicts(database: Kysely<Tables>, { partner, id }: CorporateActionKey) {
  const { rows } = await sql<Pick<ActionOverview, 'sets' | 'complete' | 'unverified' | 'broken' | 'settling'>>`
    SELECT count(*)::int AS sets,
      count(*) FILTER (WHERE verdict IN ('complete', 'new-share-too-small', 'old-share-sold'))::int AS complete,
      count(*) FILTER (WHERE verdict = 'unverified' AND resolution IS NULL)::int AS unverified,
      count(*) FILTER (WHERE verdict = 'break' AND resolution IS NULL)::int AS broken,
      count(*) FILTER (WHERE followed_by = 'action' AND judged_version < version)::int AS settling
    FROM transaction_sets WHERE partner = ${partner} AND corporate_action_id = ${id}`.execute(database);
  return rows[0] ?? { sets: 0, complete: 0, unverified: 0, broken: 0, settling: 0 };
}

async function countBreaks(
  database: Kysely<Tables>,
  { partner, id }: CorporateActionKey,
): Promise<ActionOverview['breaks']> {
  const { rows } = await sql<{ kind: string; sets: number }>`
    SELECT one->>'kind' AS kind, count(DISTINCT user_id)::int AS sets
    FROM transaction_sets CROSS JOIN LATERAL jsonb_array_elements(breaks) AS one
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND verdict = 'break' AND resolution IS NULL
    GROUP BY kind ORDER BY sets DESC, kind`.execute(database);
  return rows;
}

async function countOpen(database: Kysely<Tables>, action: CorporateActionKey) {
  const { rows } = await sql<Pick<ActionOverview, 'waitingForMoney' | 'overdue' | 'unreachable'>>`
    SELECT count(*) FILTER (WHERE 'obligation' = ANY (waiting_for))::int AS "waitingForMoney",
      count(*) FILTER (WHERE overdue)::int AS overdue,
      count(*) FILTER (WHERE finding = 'unreachable')::int AS unreachable
    FROM subjects WHERE followed_in = ${actionWorkflowIdOf(action)} AND open`.execute(database);
  return rows[0] ?? { waitingForMoney: 0, overdue: 0, unreachable: 0 };
}

interface WorstRow {
  readonly userId: string;
  readonly verdict: Verdict;
  readonly breaks: readonly Break[];
  readonly unverified: readonly Unknown[];
}

/** Breaks before what could not be verified, those first that have waited longest. */
async function worstSets(database: Kysely<Tables>, { partner, id }: CorporateActionKey): Promise<readonly WorstSet[]> {
  const { rows } = await sql<WorstRow>`
    SELECT user_id AS "userId", verdict, breaks, unverified FROM transaction_sets
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND verdict IN ('break', 'unverified') AND resolution IS NULL
    ORDER BY verdict, judged_at, user_id LIMIT ${MOST_NAMED}`.execute(database);
  return rows.map(({ userId, verdict, breaks, unverified }) => {
    const [first = '', ...others] = verdict === 'unverified' ? unknownsInWords(unverified) : breaks.map(breakInWords);
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return { userId, verdict, words: first + more };
  });
}

/** The next time at which the flow of a corporate action has to look by itself. */
export interface NextLook {
  /** Milliseconds from now; null: not before something happens. */
  readonly inMs: number | null;
  /** True where a set is in its quiet period. */
  readonly isSettling: boolean;
}

/** Next look at a corporate action, of those sets that its own flow follows. */
export async function loadNextLook(database: Kysely<Tables>, { partner, id }: CorporateActionKey): Promise<NextLook> {
  const { rows } = await sql<{ inMs: number | null; isSettling: boolean }>`
    SELECT extract(epoch FROM (
        SELECT look_at FROM transaction_sets WHERE partner = ${partner} AND corporate_action_id = ${id}
          AND followed_by = 'action' AND look_at IS NOT NULL ORDER BY look_at LIMIT 1) - now())::float8 * 1000 AS "inMs",
      EXISTS (SELECT FROM transaction_sets WHERE partner = ${partner} AND corporate_action_id = ${id}
        AND followed_by = 'action' AND look_at > now() AND judged_version < version) AS "isSettling"`.execute(database);
  const { inMs = null, isSettling = false } = rows[0] ?? {};
  return { inMs: inMs === null ? null : Math.max(0, inMs), isSettling };
}
