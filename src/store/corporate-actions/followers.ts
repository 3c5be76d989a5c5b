import { type Kysely, sql } from 'kysely';

import { isActivated } from '../activations';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { noteNews, ONLY_LOOK } from './news';
import { actionWorkflowIdOf } from './set-flows';
import type { UnnotifiedSet } from './state';

/**
 * Sets, by workflow id, that the flow of their corporate action follows, or is to follow from now on: all whose holder's
 * flow, begun by 0.2.0, does not run any more. None before that is activated.
 */
export async function followedAsAWhole(
  database: Kysely<Tables>,
  workflowIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (workflowIds.length === 0 || !(await isActivated(database, 'corporate-actions'))) return new Set();
  const { rows } = await sql<{ workflow_id: string }>`
    SELECT workflow_id FROM subjects
    WHERE workflow_id = ANY (${[...workflowIds]}::text[]) AND open AND followed_in IS NULL`.execute(database);
  const own = new Set(rows.map(({ workflow_id }) => workflow_id));
  return new Set(workflowIds.filter((id) => !own.has(id)));
}

/** True for a set that the flow of its corporate action follows. */
export async function isFollowedAsAWhole(
  database: Kysely<Tables>,
  { partner, id }: CorporateActionKey,
  userId: string,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM transaction_sets WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}
      AND followed_by = 'action'`.execute(database);
  return rows.length > 0;
}

/** The passing of a leased set, whose holder's flow is at rest, to the flow of its corporate action, which judges it anew. */
export async function followAsAWhole(database: Kysely<Tables>, set: UnnotifiedSet, workflowId: string): Promise<void> {
  const action: CorporateActionKey = { partner: set.partner, id: set.id };
  await database.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      UPDATE transaction_sets SET followed_by = 'action', told_version = version, look_at = now(), notify_token = NULL,
        notify_after = NULL, notify_failures = 0
      WHERE partner = ${set.partner} AND corporate_action_id = ${set.id} AND user_id = ${set.userId}
        AND notify_token = ${set.leaseToken}::uuid RETURNING user_id`.execute(transaction);
    if (rows.length === 0) return;
    await sql`
      UPDATE subjects SET followed_in = ${actionWorkflowIdOf(action)} WHERE workflow_id = ${workflowId}`.execute(
      transaction,
    );
    await noteNews(transaction, [action], { ...ONLY_LOOK, isUrgent: true });
  });
}
