import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/** Days after which bodies are removed, by partner; bodies of a partner that is absent are kept for ever. */
export type RetentionDays = Readonly<Record<Partner, number>>;

/** Number of bodies, and of raws of rejected requests, that are or would be removed. */
export interface Removed {
  readonly partner: Partner;
  readonly bodies: number;
  readonly raws: number;
}

/** Number of bodies and raws that would be removed now. */
export async function countOverdue(database: Kysely<Tables>, days: RetentionDays): Promise<readonly Removed[]> {
  const counts: Removed[] = [];
  for (const [partner, term] of Object.entries(days)) {
    const { rows } = await sql<{ bodies: string; raws: string }>`
      SELECT (SELECT count(*) FROM deliveries WHERE ${overdueBodies(partner, term)}) AS bodies,
             (SELECT count(*) FROM rejections WHERE ${overdueRaws(partner, term)}) AS raws`.execute(database);
    counts.push({ partner, bodies: Number(rows[0]?.bodies ?? 0), raws: Number(rows[0]?.raws ?? 0) });
  }
  return counts;
}

/**
 * Condition for bodies whose retention is over, counted from reception by the database's clock. Pending and parked
 * deliveries still need theirs, however old they are.
 */
function overdueBodies(partner: Partner, days: number) {
  return sql`partner = ${partner} AND body IS NOT NULL AND status IN ('duplicate', 'delivered')
    AND received_at < now() - ${days} * interval '1 day'`;
}

function overdueRaws(partner: Partner, days: number) {
  return sql`partner = ${partner} AND raw IS NOT NULL AND at < now() - ${days} * interval '1 day'`;
}

/** Number of rows in a batch: few enough that it holds its locks for an instant, beside the receiver's own work. */
const BATCH_ROWS = 500;

/**
 * Removal of bodies whose retention is over, batch by batch, and of the raws of rejected requests of that age; rows,
 * hashes and headers stay. It may be stopped anywhere and run by several processes at once; a repetition changes
 * nothing.
 */
export async function removeOverdue(
  database: Kysely<Tables>,
  days: RetentionDays,
  goesOn: (removed: Removed) => boolean = () => true,
): Promise<readonly Removed[]> {
  const removed: Removed[] = [];
  for (const [partner, term] of Object.entries(days)) {
    const raws = await removeRaws(database, partner, term);
    let bodies = 0;
    for (;;) {
      const batch = await removeBatch(database, partner, term);
      bodies += batch;
      if (batch < BATCH_ROWS || !goesOn({ partner, bodies, raws })) break;
    }
    removed.push({ partner, bodies, raws });
  }
  return removed;
}

async function removeRaws(database: Kysely<Tables>, partner: Partner, days: number): Promise<number> {
  const result = await sql`UPDATE rejections SET raw = NULL WHERE ${overdueRaws(partner, days)}`.execute(database);
  return Number(result.numAffectedRows ?? 0);
}

async function removeBatch(database: Kysely<Tables>, partner: Partner, days: number): Promise<number> {
  const result = await sql`
    UPDATE deliveries SET body = NULL, body_key = NULL WHERE position IN (
      SELECT position FROM deliveries WHERE ${overdueBodies(partner, days)}
      ORDER BY received_at LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED)`.execute(database);
  return Number(result.numAffectedRows ?? 0);
}
