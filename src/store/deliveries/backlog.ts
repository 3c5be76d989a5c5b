import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

type Database = Kysely<Tables> | Transaction<Tables>;

/**
 * True while a delivery that was received before the given moment, and may be of this subject, waits for dispatch: one
 * that names the subject, or one of the partner that nobody could decode yet. Until then nothing is *missed*.
 */
export async function subjectWaits(
  database: Database,
  { partner, workflowId }: { readonly partner: Partner; readonly workflowId: string },
  before: Date,
): Promise<boolean> {
  const waiting = await waitingSubjects(database, [workflowId], before);
  return waiting.size > 0 || undecodedWait(database, partner, before);
}

/** Workflow ids among the given ones of which a delivery that was received before the given moment waits for dispatch. */
export async function waitingSubjects(
  database: Database,
  workflowIds: readonly string[],
  before: Date,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ workflow_id: string }>`
    SELECT DISTINCT workflow_id FROM deliveries
    WHERE status = 'pending' AND workflow_id COLLATE "C" = ANY (${[...workflowIds]}::text[])
      AND received_at <= ${before}`.execute(database);
  return new Set(rows.map(({ workflow_id }) => workflow_id));
}

/**
 * True while a delivery of any subject whose workflow id begins with the prefix waits for dispatch, or one of the
 * partner that nobody could decode yet; of those received before the given moment.
 */
export async function subjectsWithin(
  database: Database,
  { partner, prefix }: { readonly partner: Partner; readonly prefix: string },
  before: Date,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM deliveries
    WHERE status = 'pending' AND workflow_id COLLATE "C" >= ${prefix} AND workflow_id COLLATE "C" < ${prefix} || chr(1114111)
      AND received_at <= ${before} LIMIT 1`.execute(database);
  return rows.length > 0 || undecodedWait(database, partner, before);
}

/**
 * True while a delivery of the partner that nobody could decode yet waits for dispatch, of those received before the
 * given moment and within the hour before it. An older one has something that keeps it from being decoded, and must not
 * hold up all subjects of its partner.
 */
export async function undecodedWait(database: Database, partner: Partner, before: Date): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM deliveries
    WHERE status = 'pending' AND workflow_id IS NULL AND partner = ${partner} AND received_at <= ${before}
      AND received_at > ${before}::timestamptz - interval '1 hour' LIMIT 1`.execute(database);
  return rows.length > 0;
}
