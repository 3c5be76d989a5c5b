import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/** Numbers of references and of read objects that were removed. */
export interface RemovedDetails {
  readonly partner: Partner;
  readonly references: number;
  readonly objects: number;
}

/** Number of rows in a batch: few enough that it holds its locks for an instant. */
const BATCH_ROWS = 500;

/**
 * Removal of read objects that were read before the term of their partner's bodies, and of references of subjects that
 * were told of last before it and are not open. In batches; it may be stopped anywhere and run by several at once.
 */
export async function removeOverdueDetails(
  database: Kysely<Tables>,
  days: Readonly<Record<Partner, number>>,
  goesOn: () => boolean = () => true,
): Promise<readonly RemovedDetails[]> {
  const removed: RemovedDetails[] = [];
  for (const [partner, term] of Object.entries(days)) {
    let [references, objects] = [0, 0];
    for (let isLeft = true; isLeft;) {
      const batch = await removeBatch(database, partner, term);
      references += batch.references;
      objects += batch.objects;
      isLeft = batch.rows === BATCH_ROWS && goesOn();
    }
    removed.push({ partner, references, objects });
  }
  return removed;
}

interface Batch {
  readonly rows: number;
  readonly references: number;
  readonly objects: number;
}

async function removeBatch(database: Kysely<Tables>, partner: Partner, days: number): Promise<Batch> {
  const { rows } = await sql<{ no_reference: boolean; no_object: boolean }>`
    WITH due AS (
      SELECT workflow_id, (${isReferenceDue(days)}) AS no_reference, (${isObjectDue(days)}) AS no_object
      FROM subject_details d
      WHERE partner = ${partner} AND created_at < now() - ${days} * interval '1 day'
        AND (reference IS NOT NULL OR object IS NOT NULL) AND ((${isReferenceDue(days)}) OR (${isObjectDue(days)}))
      ORDER BY created_at LIMIT ${BATCH_ROWS} FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE subject_details d SET
      reference = CASE WHEN no_reference THEN NULL ELSE d.reference END,
      reference_key = CASE WHEN no_reference THEN NULL ELSE d.reference_key END,
      reference_hash = CASE WHEN no_reference THEN NULL ELSE d.reference_hash END,
      object = CASE WHEN no_object THEN NULL ELSE d.object END,
      object_key = CASE WHEN no_object THEN NULL ELSE d.object_key END,
      object_asked_at = CASE WHEN no_object THEN NULL ELSE d.object_asked_at END,
      object_read_at = CASE WHEN no_object THEN NULL ELSE d.object_read_at END
    FROM due WHERE due.workflow_id = d.workflow_id
    RETURNING no_reference, no_object`.execute(database);
  return {
    rows: rows.length,
    references: rows.filter((row) => row.no_reference).length,
    objects: rows.filter((row) => row.no_object).length,
  };
}

function isObjectDue(days: number) {
  return sql`d.object IS NOT NULL AND d.object_read_at < now() - ${days} * interval '1 day'`;
}

/** An open subject is still told of, with its reference. */
function isReferenceDue(days: number) {
  return sql`d.reference IS NOT NULL AND d.told_at < now() - ${days} * interval '1 day' AND NOT EXISTS (
    SELECT FROM subjects s WHERE s.workflow_id = d.workflow_id AND s.open)`;
}
