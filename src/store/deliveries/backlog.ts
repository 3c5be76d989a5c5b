import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

type Database = Kysely<Tables> | Transaction<Tables>;

/**
 * Place of the newest delivery in the order of arrival: a moment that every process sees alike. Times are no such
 * moment: a delivery bears the time of its receiver, and whoever asks has another clock.
 */
export async function newestPlace(database: Database): Promise<string> {
  const { rows } = await sql<{ place: string }>`
    SELECT coalesce(max(position), 0)::text AS place FROM deliveries`.execute(database);
  return rows[0]?.place ?? '0';
}

/**
 * True while a delivery up to the given place in the order of arrival, and which may be of this subject, waits for dispatch: one
 * that names the subject, or one of the partner that nobody could decode yet. Until then nothing is *missed*.
 */
export async function subjectWaits(
  database: Database,
  { partner, workflowId }: { readonly partner: Partner; readonly workflowId: string },
  upTo: string,
): Promise<boolean> {
  const waiting = await waitingSubjects(database, [workflowId], upTo);
  return waiting.size > 0 || undecodedWait(database, partner, upTo);
}

/** Workflow ids among the given ones of which a delivery up to the given place waits for dispatch. */
export async function waitingSubjects(
  database: Database,
  workflowIds: readonly string[],
  upTo: string,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ workflow_id: string }>`
    SELECT DISTINCT workflow_id FROM delivery_queue
    WHERE workflow_id COLLATE "C" = ANY (${[...workflowIds]}::text[])
      AND position <= ${upTo}::bigint`.execute(database);
  return new Set(rows.map(({ workflow_id }) => workflow_id));
}

/**
 * True while a delivery of any subject whose workflow id begins with the prefix waits for dispatch, or one of the
 * partner that nobody could decode yet; of those up to the given place.
 */
export async function subjectsWithin(
  database: Database,
  { partner, prefix }: { readonly partner: Partner; readonly prefix: string },
  upTo: string,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM delivery_queue
    WHERE workflow_id COLLATE "C" >= ${prefix} AND workflow_id COLLATE "C" < ${prefix} || chr(1114111)
      AND position <= ${upTo}::bigint LIMIT 1`.execute(database);
  return rows.length > 0 || undecodedWait(database, partner, upTo);
}

/**
 * True while a delivery of the partner that nobody could decode yet waits for dispatch, of those up to the given place
 * and received within the last hour. An older one has something that keeps it from being decoded, and must not
 * hold up all subjects of its partner.
 */
export async function undecodedWait(database: Database, partner: Partner, upTo: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM delivery_queue
    WHERE workflow_id IS NULL AND partner = ${partner} AND position <= ${upTo}::bigint
      AND received_at > now() - interval '1 hour' LIMIT 1`.execute(database);
  return rows.length > 0;
}
