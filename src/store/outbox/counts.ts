import { type Kysely, sql } from 'kysely';

import type { OutboxState, OutgoingTarget } from '../../domain/outgoing';
import type { Tables } from '../schema/tables';

/** Messages of one target in one state that their receiver has not got. There is no entry for none. */
export interface OutboxCount {
  readonly target: OutgoingTarget;
  readonly state: Exclude<OutboxState, 'sent'>;
  readonly count: number;
  /** Age of the oldest of them. */
  readonly oldestSeconds: number;
}

/**
 * Counts of waiting and of dead messages, by an index on the state: sent messages, which are the most, are not read.
 */
export async function readOutboxCounts(database: Kysely<Tables>): Promise<readonly OutboxCount[]> {
  const { rows } = await sql<OutboxCount>`
    SELECT CASE target WHEN 'messages' THEN 'outcomes' ELSE target END AS target, state, count(*)::float8 AS count,
      greatest(0, extract(epoch FROM now() - min(created_at)))::float8 AS "oldestSeconds"
    FROM outbox WHERE state IN ('waiting', 'dead') GROUP BY 1, state`.execute(database);
  return rows;
}
