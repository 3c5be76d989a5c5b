import { sql, type Transaction } from 'kysely';

import { fractionFrom, type StoredFraction } from '../../domain/lifecycles/corporate-actions/counts';
import { compareFractions, type Fraction } from '../../domain/lifecycles/corporate-actions/exact';
import {
  createRatioSweep,
  type RatioConsensus,
  type RatioPoint,
} from '../../domain/lifecycles/corporate-actions/ratio';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';

const POINTS_AT_ONCE = 2_000;

/** Consensus of all votes on an instrument, by a sweep over their ends in the order of PostgreSQL: no list of them is held. */
export async function sweepVotes(
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

interface PointRow {
  /** The ratio in whole steps of ten to the minus sixtieth: an order that PostgreSQL can keep, all but exact. */
  readonly place: string;
  readonly at: StoredFraction;
  readonly opens: number;
  readonly closes: number;
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
