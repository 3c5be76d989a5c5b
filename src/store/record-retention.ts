import { type Kysely, type RawBuilder, sql } from 'kysely';

import { type RecordDays, TERMED_RECORDS, type TermedRecord } from '../domain/termed-records';
import type { Tables } from './schema/tables';

/** Number of rows in a batch. */
const BATCH_ROWS = 1_000;

/**
 * Removal of records whose term is over, batch by batch; the number removed by kind. It may be stopped anywhere and be
 * run by several processes at once.
 */
export async function removeRecords(
  database: Kysely<Tables>,
  days: RecordDays,
  goesOn: () => boolean = () => true,
): Promise<Readonly<Record<TermedRecord, number>>> {
  const removed = { keys: 0, alerts: 0, audit: 0 };
  for (const kind of TERMED_RECORDS) {
    const term = days[kind];
    if (term === undefined) continue;
    for (let batch = BATCH_ROWS; batch === BATCH_ROWS && goesOn(); removed[kind] += batch)
      batch = Number((await removal(kind, term).execute(database)).numAffectedRows ?? 0);
  }
  return removed;
}

/** Removal of a batch of the oldest. An alert that nobody was told of goes as well: nobody wants it any more. */
function removal(kind: TermedRecord, days: number): RawBuilder<unknown> {
  const end = sql`now() - ${days} * interval '1 day'`;
  switch (kind) {
    case 'keys':
      return sql`
        DELETE FROM event_keys WHERE ctid = ANY (ARRAY (
          SELECT ctid FROM event_keys WHERE seen_at < ${end} LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED))`;
    case 'alerts':
      return sql`
        DELETE FROM alerts WHERE id = ANY (ARRAY (
          SELECT id FROM alerts WHERE window_end < ${end} LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED))`;
    case 'audit':
      return sql`
        DELETE FROM operator_actions WHERE at < ${end} AND position = ANY (ARRAY (
          SELECT position FROM operator_actions ORDER BY position LIMIT ${BATCH_ROWS}))`;
  }
}
