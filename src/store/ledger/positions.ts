import { type Kysely, sql } from 'kysely';

import { canonicalId } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import { keyOf, keyPageOf } from '../key-pagination';
import type { Page, PageRequest } from '../pagination';
import type { Tables } from '../schema/tables';

/** Holding of a user in one instrument at a partner. */
export interface PositionItem {
  readonly partner: Partner;
  readonly userId: string;
  /** `asset:<uuid>`, or `asset:<int>` while no alias is known; `fiat:` likewise. */
  readonly instrument: string;
  /** Signed decimal, never 0. */
  readonly amount: string;
}

/** Filter of positions; an absent field admits all. */
export interface PositionFilter {
  readonly partner?: Partner | undefined;
  readonly user?: string | undefined;
}

/** Number of values in a cursor: the partner, the user and the instrument it stands behind. */
export const POSITION_KEY_WORDS = 3;

interface Holder {
  readonly partner: Partner;
  readonly userId: string;
}

/** Place where a batch of users begins: at a user that the page before may have begun, or behind one. */
interface Start {
  readonly partner: string;
  readonly userId: string;
  readonly included: boolean;
}

/**
 * Page of positions, by partner, user and instrument. A few users are read at a time, so that a page costs what it
 * shows and not what the ledger holds. Obligations are no positions; sums of 0 are left out.
 */
export async function listPositions(
  database: Kysely<Tables>,
  filter: PositionFilter,
  page: PageRequest,
): Promise<Page<PositionItem>> {
  const [partner = '', userId = '', instrument = ''] = keyOf(page.after ?? '', POSITION_KEY_WORDS) ?? [];
  const batch = page.limit + 1;
  const items: PositionItem[] = [];
  let start: Start = { partner, userId, included: true };
  let holders: readonly Holder[];
  do {
    holders = await holdersFrom(database, filter, start, batch);
    items.push(...(await positionsOf(database, holders, [partner, userId, instrument])));
    start = { ...start, ...holders.at(-1), included: false };
  } while (items.length <= page.limit && holders.length === batch);
  return keyPageOf(
    items,
    page.limit,
    (item) => [item.partner, item.userId, item.instrument],
    (item) => item,
  );
}

/** Next users with movements, openings or trades of ours, in order. */
async function holdersFrom(
  database: Kysely<Tables>,
  filter: PositionFilter,
  { partner, userId, included }: Start,
  limit: number,
): Promise<readonly Holder[]> {
  const user = filter.user === undefined ? null : canonicalId(filter.user);
  const behind = included ? sql`>=` : sql`>`;
  const wanted = sql`(${filter.partner ?? null}::text IS NULL OR partner = ${filter.partner ?? null}) AND (partner, user_id) ${behind} (${partner}, ${userId})
    AND (${user}::text IS NULL OR user_id = ${user})`;
  const { rows } = await sql<Holder>`
    SELECT partner, user_id AS "userId" FROM (
      (SELECT DISTINCT partner, user_id FROM movements WHERE ${wanted} ORDER BY partner, user_id LIMIT ${limit})
      UNION
      (SELECT DISTINCT partner, user_id FROM openings WHERE ${wanted} ORDER BY partner, user_id LIMIT ${limit})
      UNION
      (SELECT DISTINCT partner, user_id FROM own_trades WHERE ${wanted} ORDER BY partner, user_id LIMIT ${limit})
    ) AS known ORDER BY partner, user_id LIMIT ${limit}`.execute(database);
  return rows;
}

/**
 * Positions: the latest opening of each resolved instrument and all that was credited or traded since; without an opening
 * everything that was.
 */
async function positionsOf(
  database: Kysely<Tables>,
  holders: readonly Holder[],
  [partner, userId, instrument]: readonly [string, string, string],
): Promise<readonly PositionItem[]> {
  const { rows } = await sql<PositionItem>`
    WITH chosen AS (
      SELECT * FROM unnest(${holders.map((one) => one.partner)}::text[], ${holders.map((one) => one.userId)}::text[])
        AS chosen (partner, user_id)
    ), opened AS (
      SELECT DISTINCT ON (o.partner, o.user_id, coalesce(a.uuid_instrument, o.instrument))
        o.partner, o.user_id, coalesce(a.uuid_instrument, o.instrument) AS instrument, o.amount, o.as_of
      FROM openings o JOIN chosen USING (partner, user_id)
        LEFT JOIN aliases a ON a.partner = o.partner AND a.integer_instrument = o.instrument
      ORDER BY o.partner, o.user_id, coalesce(a.uuid_instrument, o.instrument), o.as_of DESC, o.instrument DESC
    ), moved AS (
      SELECT m.partner, m.user_id, coalesce(a.uuid_instrument, m.instrument) AS instrument, m.amount, m.credited_at
      FROM movements m JOIN chosen USING (partner, user_id)
        LEFT JOIN aliases a ON a.partner = m.partner AND a.integer_instrument = m.instrument
      WHERE NOT m.is_obligation
      UNION ALL
      SELECT t.partner, t.user_id, coalesce(a.uuid_instrument, t.instrument), t.amount, t.traded_at
      FROM own_trades t JOIN chosen USING (partner, user_id)
        LEFT JOIN aliases a ON a.partner = t.partner AND a.integer_instrument = t.instrument
    ), counted AS (
      SELECT partner, user_id, instrument, amount FROM opened
      UNION ALL
      SELECT partner, user_id, instrument, moved.amount FROM moved LEFT JOIN opened USING (partner, user_id, instrument)
      WHERE opened.as_of IS NULL OR moved.credited_at >= opened.as_of
    )
    SELECT partner, user_id AS "userId", instrument, trim_scale(sum(amount))::text AS amount FROM counted
    WHERE (partner, user_id, instrument) > (${partner}, ${userId}, ${instrument})
    GROUP BY partner, user_id, instrument HAVING sum(amount) <> 0
    ORDER BY partner, user_id, instrument`.execute(database);
  return rows;
}
