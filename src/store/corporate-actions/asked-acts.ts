import { type Kysely, sql } from 'kysely';

import { partsOfSetId } from '../../domain/lifecycles/corporate-actions/set-id';
import type { FlowAction } from '../../domain/subject-write';
import type { StoredActResult } from '../schema/ledger-tables';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';

/** Set that the flow of its corporate action follows, as the subject that operators name. */
export interface FollowedSet {
  readonly workflowId: string;
  readonly action: CorporateActionKey;
  readonly userId: string;
  /** Workflow id of the flow that follows it. */
  readonly followedIn: string;
  readonly open: boolean;
}

/** Sets among the named subjects that flows of corporate actions follow, by workflow id. */
export async function followedSets(
  database: Kysely<Tables>,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, FollowedSet>> {
  if (workflowIds.length === 0) return new Map();
  const rows = await database
    .selectFrom('subjects')
    .select(['workflow_id', 'partner', 'object_id', 'open', 'followed_in'])
    .where('workflow_id', 'in', [...workflowIds])
    .where('followed_in', 'is not', null)
    .execute();
  return new Map(
    rows.flatMap(({ workflow_id: workflowId, partner, object_id, open, followed_in: followedIn }) => {
      const { corporateActionId, userId } = partsOfSetId(object_id);
      const action = { partner, id: corporateActionId };
      return followedIn === null ? [] : [[workflowId, { workflowId, action, userId, followedIn, open }]];
    }),
  );
}

/** Storing of one act on many sets of a corporate action, under the id of a request; the same request again stores nothing. */
export async function storeActs(
  database: Kysely<Tables>,
  request: string,
  sets: readonly FollowedSet[],
  actOf: (set: FollowedSet) => FlowAction,
): Promise<void> {
  await sql`
    INSERT INTO set_acts (request, partner, corporate_action_id, user_id, act)
    SELECT ${request}::uuid, partner, corporate_action_id, user_id, act::jsonb
    FROM unnest(${sets.map(({ action }) => action.partner)}::text[], ${sets.map(({ action }) => action.id)}::text[],
      ${sets.map(({ userId }) => userId)}::text[], ${sets.map((set) => JSON.stringify(actOf(set)))}::text[])
      AS input (partner, corporate_action_id, user_id, act)
    ON CONFLICT DO NOTHING`.execute(database);
}

/** Results of the acts of a request, by user; those that were not done yet are left out. */
export async function actResults(
  database: Kysely<Tables>,
  request: string,
): Promise<ReadonlyMap<string, StoredActResult>> {
  const rows = await database
    .selectFrom('set_acts')
    .select(['user_id', 'result'])
    .where('request', '=', request)
    .execute();
  return new Map(rows.flatMap(({ user_id, result }) => (result === null ? [] : [[user_id, result]])));
}
