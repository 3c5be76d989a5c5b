import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import type { HoldingPart } from '../../domain/lifecycles/corporate-actions/corporate-action';
import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/** Holdings of the old instrument before a corporate action, by user. */
export interface HoldingsBefore {
  /** Those that are known. */
  readonly known: ReadonlyMap<string, string>;
  /** The parts without which that of a user is not known; empty where it is. */
  readonly missingOf: (userId: string) => readonly HoldingPart[];
}

/** Holdings of which nothing is known, because nobody knows yet what was held. */
export const NO_HOLDINGS: HoldingsBefore = { known: new Map(), missingOf: () => [] };

/** Users to load, and the moment at which the corporate action begins; null where it is that of its own movements. */
export interface SomeUsers {
  readonly userIds: readonly string[];
  readonly firstCreditedAt: Date | null;
}

interface Row {
  /** Null in the one row that says only how far our word reaches. */
  readonly userId: string | null;
  readonly amount: string | null;
  readonly isComplete: boolean;
}

/**
 * Holdings of the old instrument before: the latest opening, our own trades since, and what was credited since and not
 * after the corporate action's first movement; its own movements are left out. Known only where our word reaches that
 * moment. A verdict that 0.2.0 gave on a holding stands on it until its set moves or the first word is given.
 */
export async function holdingsBefore(
  database: Kysely<Tables> | Transaction<Tables>,
  { partner, id }: { readonly partner: Partner; readonly id: string },
  old: string,
  some: SomeUsers | null = null,
): Promise<HoldingsBefore> {
  const userIds = some?.userIds ?? null;
  const { rows } = await sql<Row>`
    WITH names AS (
      SELECT ${old}::text AS instrument
      UNION SELECT integer_instrument FROM aliases WHERE partner = ${partner} AND uuid_instrument = ${old}
    ), own AS (
      SELECT user_id, min(credited_at) AS first FROM movements
      WHERE partner = ${partner} AND corporate_action_id = ${id} AND amount <> 0 AND ${isAmong(sql.ref('user_id'), userIds)}
      GROUP BY user_id
    ), start AS (
      SELECT coalesce(${some?.firstCreditedAt ?? null}::timestamptz, min(first)) AS first FROM own
    ), word AS (
      SELECT coalesce((SELECT through >= first FROM holdings_complete WHERE partner = ${partner}), false) AS "isComplete"
      FROM start
    ), opening AS (
      SELECT DISTINCT ON (o.user_id) o.user_id, o.amount, o.as_of
      FROM openings o CROSS JOIN start LEFT JOIN own USING (user_id)
      WHERE o.partner = ${partner} AND o.instrument IN (SELECT instrument FROM names)
        AND ${isAmong(sql.ref('o.user_id'), userIds)} AND o.as_of <= greatest(start.first, own.first)
      ORDER BY o.user_id, o.as_of DESC, o.instrument DESC
    ), moved AS (
      SELECT user_id, amount, credited_at AS at FROM movements
      WHERE partner = ${partner} AND ${isAmong(sql.ref('user_id'), userIds)} AND instrument IN (SELECT instrument FROM names)
        AND NOT is_obligation AND corporate_action_id IS DISTINCT FROM ${id}
      UNION ALL
      SELECT user_id, amount, traded_at FROM own_trades
      WHERE partner = ${partner} AND ${isAmong(sql.ref('user_id'), userIds)} AND instrument IN (SELECT instrument FROM names)
    )
    SELECT NULL AS "userId", NULL AS amount, "isComplete" FROM word
    UNION ALL
    SELECT opening.user_id, trim_scale(opening.amount + coalesce(sum(moved.amount), 0))::text, "isComplete"
    FROM opening CROSS JOIN start CROSS JOIN word LEFT JOIN moved ON moved.user_id = opening.user_id
      AND moved.at >= opening.as_of AND moved.at <= start.first
    GROUP BY opening.user_id, opening.amount, "isComplete"
    UNION ALL
    SELECT sets.user_id, trim_scale(sets.before)::text, true FROM transaction_sets sets
    WHERE sets.partner = ${partner} AND sets.corporate_action_id = ${id} AND ${isAmong(sql.ref('sets.user_id'), userIds)}
      AND sets.before IS NOT NULL AND ${STANDS}`.execute(database);
  return holdingsOf(rows);
}

function holdingsOf(rows: readonly Row[]): HoldingsBefore {
  const known = new Map<string, string>();
  const opened = new Set<string>();
  for (const { userId, amount, isComplete } of rows) {
    if (userId !== null) opened.add(userId);
    if (userId !== null && amount !== null && isComplete) known.set(userId, amount);
  }
  const isComplete = rows.some((row) => row.userId === null && row.isComplete);
  return {
    known,
    missingOf: (userId) => {
      if (known.has(userId)) return [];
      return [
        ...(opened.has(userId) ? [] : ['opening' as const]),
        ...(isComplete ? [] : ['complete-through' as const]),
      ];
    },
  };
}

/** True of all users where none are named; one condition for both would keep PostgreSQL from its index. */
export function isAmong(user: RawBuilder<unknown>, userIds: readonly string[] | null): RawBuilder<boolean> {
  return userIds === null ? sql<boolean>`true` : sql<boolean>`${user} = ANY (${[...userIds]}::text[])`;
}

/**
 * Condition for sets, as `sets`, whose verdict 0.2.0 gave and nothing has moved since, while no word was ever given for
 * their partner. What was booked is seen by its position, and what was taken back since by its time.
 */
export const STANDS = sql<boolean>`(NOT sets.needs_word AND sets.verdict IS NOT NULL
  AND NOT EXISTS (SELECT FROM holdings_complete given WHERE given.partner = sets.partner)
  AND NOT EXISTS (
    SELECT FROM movements news WHERE news.partner = sets.partner AND news.corporate_action_id = sets.corporate_action_id
      AND news.user_id = sets.user_id AND news.amount <> 0
      AND CASE WHEN news.reverses IS NULL
        THEN news.position > sets.judged_through AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = news.position)
        ELSE news.booked_at > sets.judged_at END))`;
