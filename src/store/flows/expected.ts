import { type Kysely, sql } from 'kysely';

import type { Lifecycle } from '../../domain/lifecycle';
import type { SubjectKey } from '../../domain/subject-key';
import type { Tables } from '../schema/tables';

/** Flow that waits for its first notification, and how long it waits. */
export interface ExpectedFlow extends SubjectKey {
  readonly workflowId: string;
  readonly lifecycle: Lifecycle;
  readonly dueWithinMs: number;
}

/**
 * Row of a flow that was started for its first notification: operators see what is owed, and by when, before a worker
 * has taken the flow. What a flow has written, or an earlier expectation shows, stays. Times are the database's: the
 * clock of whoever registers it may be wrong.
 */
export async function showExpected(
  database: Kysely<Tables>,
  { workflowId, lifecycle, partner, object, id, dueWithinMs }: ExpectedFlow,
): Promise<void> {
  await sql`
    INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, waiting_for, since, due_at, open, as_of)
    VALUES (${workflowId}, ${lifecycle}, ${partner}, ${object}, ${id}, '{notification}', now(),
            now() + ${dueWithinMs} * interval '1 millisecond', true, now())
    ON CONFLICT (workflow_id) DO UPDATE SET waiting_for = excluded.waiting_for, since = excluded.since, due_at = excluded.due_at
      WHERE subjects.version = 0 AND subjects.due_at IS NULL`.execute(database);
}
