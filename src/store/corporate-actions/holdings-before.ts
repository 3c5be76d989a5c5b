import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import type { HoldingPart } from '../../domain/lifecycles/corporate-actions/corporate-action';
import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';
import { firstCredits, startOf } from './start';

/** Holdings of the old instrument before a corporate action, by user. */
export interface HoldingsBefore {
  /** Those that are known. */
  readonly known: ReadonlyMap<string, string>;
  /** The parts without which that of a user is not known; empty where it is. */
  readonly missingOf: (userId: string) => readonly HoldingPart[];
}

/** Holdings of which nothing is known, because nobody knows yet what was held. */
export const NO_HOLDINGS: HoldingsBefore = { known: new Map(), missingOf: () => [] };

/** Users to load, and the moment at which the corporate action begins; null where it is to be found. */
export interface SomeUsers {
  readonly userIds: readonly string[];
  readonly startedAt: string | null;
}

interface Row {
  /** Null in the row that says of all others whether our word reaches the corporate action. */
  readonly userId: string | null;
  /** Null where there is no opening. */
  readonly amount: string | null;
  readonly isComplete: boolean;
}

/**
 * Holdings of the old instrument before: the latest opening, our own trades since, and what was credited since and not
 * after the corporate action began; its own movements are left out. For who was credited before it began, it began with
 * the own first movement. Known only where our word reaches that moment. A verdict that 0.2.0 gave on a holding stands on
 * it until its set moves or the first word is given.
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
    ), own AS (${firstCredits({ partner, id }, isAmong(sql.ref('m.user_id'), userIds))}
    ), start AS (
      SELECT coalesce(${some?.startedAt ?? null}::timestamptz, ${startOf({ partner, id })}) AS first
    ), word AS (
      SELECT max(through) AS through FROM holdings_complete WHERE partner = ${partner}
    ), opening AS (
      SELECT DISTINCT ON (o.user_id) o.user_id, o.amount, o.as_of, least(start.first, own.first) AS start
      FROM openings o CROSS JOIN start LEFT JOIN own USING (user_id)
      WHERE o.partner = ${partner} AND o.instrument IN (SELECT instrument FROM names)
        AND ${isAmong(sql.ref('o.user_id'), userIds)} AND o.as_of <= coalesce(own.first, start.first)
      ORDER BY o.user_id, o.as_of DESC, o.instrument DESC
    ), moved AS (
      SELECT user_id, amount, credited_at AS at FROM movements
      WHERE partner = ${partner} AND ${isAmong(sql.ref('user_id'), userIds)} AND instrument IN (SELECT instrument FROM names)
        AND NOT is_obligation AND corporate_action_id IS DISTINCT FROM ${id}
      UNION ALL
      SELECT user_id, amount, traded_at FROM own_trades
      WHERE partner = ${partner} AND ${isAmong(sql.ref('user_id'), userIds)} AND instrument IN (SELECT instrument FROM names)
    )
    SELECT NULL AS "userId", NULL AS amount, coalesce(through >= first, false) AS "isComplete" FROM start CROSS JOIN word
    UNION ALL
    SELECT user_id, NULL, coalesce(through >= own.first, false) FROM own CROSS JOIN start CROSS JOIN word
    WHERE own.first < start.first
    UNION ALL
    SELECT opening.user_id, trim_scale(opening.amount + coalesce(sum(moved.amount), 0))::text, coalesce(through >= start, false)
    FROM opening CROSS JOIN word LEFT JOIN moved ON moved.user_id = opening.user_id
      AND moved.at >= opening.as_of AND moved.at <= opening.start
    GROUP BY opening.user_id, opening.amount, opening.start, through
    UNION ALL
    SELECT sets.user_id, trim_scale(sets.before)::text, true FROM transaction_sets sets
    WHERE sets.partner = ${partner} AND sets.corporate_action_id = ${id} AND ${isAmong(sql.ref('sets.user_id'), userIds)}
      AND sets.before IS NOT NULL AND ${STANDS}`.execute(database);
  return holdingsOf(rows);
}

function holdingsOf(rows: readonly Row[]): HoldingsBefore {
  const known = new Map<string, string>();
  const opened = new Set<string>();
  const reached = new Map<string | null, boolean>();
  for (const { userId, amount, isComplete } of rows) {
    reached.set(userId, isComplete);
    if (userId === null || amount === null) continue;
    opened.add(userId);
    if (isComplete) known.set(userId, amount);
  }
  return {
    known,
    missingOf: (userId) => {
      if (known.has(userId)) return [];
      return [
        ...(opened.has(userId) ? [] : ['opening' as const]),
        ...((reached.get(userId) ?? reached.get(null)) === true ? [] : ['complete-through' as const]),
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
