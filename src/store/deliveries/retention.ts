import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';
import { hasBodiesInRows, overdueInRows, removeInRows } from './bodies-in-rows';

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
  const inRows = await hasBodiesInRows(database);
  const counts: Removed[] = [];
  for (const [partner, term] of Object.entries(days)) {
    const { rows } = await sql<{ bodies: string; raws: string }>`
      SELECT (SELECT count(*) FROM delivery_bodies b WHERE ${overdueBodies(partner, term)}) +
             ${inRows ? sql`(SELECT count(*) FROM deliveries WHERE ${overdueInRows(partner, term)})` : sql`0`} AS bodies,
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
  return sql`b.partner = ${partner} AND b.received_at < now() - ${days} * interval '1 day' AND ${isUnneeded}`;
}

const isUnneeded = sql`EXISTS (
  SELECT FROM deliveries d WHERE d.id = b.id AND d.status IN ('duplicate', 'delivered'))`;

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
    let bodies = await removeInRows(database, partner, term);
    for (let after = BEFORE_ALL; ;) {
      const batch = await removeBatch(database, partner, term, after);
      bodies += batch.removed;
      after = batch.last ?? after;
      if (batch.seen < BATCH_ROWS || !goesOn({ partner, bodies, raws })) break;
    }
    removed.push({ partner, bodies, raws });
  }
  return removed;
}

async function removeRaws(database: Kysely<Tables>, partner: Partner, days: number): Promise<number> {
  const result = await sql`UPDATE rejections SET raw = NULL WHERE ${overdueRaws(partner, days)}`.execute(database);
  return Number(result.numAffectedRows ?? 0);
}

/** Place of a body in the order of removal; its time is text, because a date of JavaScript has no microseconds. */
interface BodyPlace {
  readonly at: string;
  readonly id: string;
}

const BEFORE_ALL: BodyPlace = { at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

interface Batch {
  readonly removed: number;
  readonly seen: number;
  readonly last: BodyPlace | undefined;
}

/**
 * Removal of the next bodies after a place, so that those that are kept for a parked delivery are passed once a run. What
 * is needed is asked again once the bodies are locked: a delivery may have been brought in again meanwhile.
 */
async function removeBatch(database: Kysely<Tables>, partner: Partner, days: number, after: BodyPlace): Promise<Batch> {
  return database.transaction().execute(async (transaction) => {
    const { rows: seen } = await sql<BodyPlace>`
      SELECT b.received_at::text AS at, b.id FROM delivery_bodies b
      WHERE ${overdueBodies(partner, days)} AND b.received_at >= ${after.at}::timestamptz
        AND (b.received_at, b.id) > (${after.at}::timestamptz, ${after.id}::uuid)
      ORDER BY b.received_at, b.id LIMIT ${BATCH_ROWS} FOR UPDATE OF b SKIP LOCKED`.execute(transaction);
    const result = await sql`
      DELETE FROM delivery_bodies b
      USING unnest(${seen.map(({ at }) => at)}::timestamptz[], ${seen.map(({ id }) => id)}::uuid[]) AS seen (at, id)
      WHERE b.partner = ${partner} AND b.received_at = seen.at AND b.id = seen.id AND ${isUnneeded}`.execute(
      transaction,
    );
    return { removed: Number(result.numAffectedRows ?? 0), seen: seen.length, last: seen.at(-1) };
  });
}
