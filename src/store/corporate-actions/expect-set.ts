import { type Kysely, sql } from 'kysely';

import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { noteNews, ONLY_LOOK } from './news';
import { actionWorkflowIdOf } from './set-flows';

/** Set of which our own backend expects a movement, while none has come. */
export interface ExpectedSet {
  readonly action: CorporateActionKey;
  readonly userId: string;
  readonly workflowId: string;
  readonly objectId: string;
  readonly dueWithinMs: number;
}

/** Type of a corporate action of which nothing was booked yet. */
const UNKNOWN_TYPE = 'unknown';

/**
 * Rows of an expected set, as the flow of its corporate action follows it: that flow is woken for them, and looks once the
 * first movement is due. False where something of the set is known already.
 */
export function expectSet(
  database: Kysely<Tables>,
  { action, userId, workflowId, objectId, dueWithinMs }: ExpectedSet,
): Promise<boolean> {
  const { partner, id } = action;
  const due = sql`now() + ${dueWithinMs} * interval '1 millisecond'`;
  return database.transaction().execute(async (transaction) => {
    await sql`
      INSERT INTO corporate_actions (partner, id, type) VALUES (${partner}, ${id}, ${UNKNOWN_TYPE})
      ON CONFLICT DO NOTHING`.execute(transaction);
    const { rows } = await sql`
      INSERT INTO transaction_sets (partner, corporate_action_id, user_id, followed_by, judged_version, look_at, ask_after)
      SELECT ${partner}, ${id}, ${userId}, 'action', 0, ${due}, ${due}
      WHERE NOT EXISTS (SELECT FROM subjects WHERE workflow_id = ${workflowId})
      ON CONFLICT DO NOTHING RETURNING user_id`.execute(transaction);
    if (rows.length === 0) return false;
    await sql`
      INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, waiting_for, since, due_at, open, as_of,
        followed_in)
      VALUES (${workflowId}, 'corporateAction', ${partner}, 'corporate-action', ${objectId}, '{notification}', now(), ${due},
        true, now(), ${actionWorkflowIdOf(action)})
      ON CONFLICT DO NOTHING`.execute(transaction);
    await noteNews(transaction, [action], { ...ONLY_LOOK, isUrgent: true });
    return true;
  });
}
