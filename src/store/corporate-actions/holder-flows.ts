import type { Kysely } from 'kysely';

import { canonicalId } from '../../domain/canonical-id';
import type { ActionOverview } from '../../domain/lifecycles/corporate-actions/action-overview';
import { workflowIdOf } from '../../domain/subject-key';
import type { Tables } from '../schema/tables';
import { loadOverview } from './overview';
import { setKeys } from './set-flows';

/** Flow of a holder's set, as a subject that operators act on. */
export interface HolderFlow {
  readonly workflowId: string;
  readonly open: boolean;
}

/** Corporate action for people who act on it: how all its sets stand, and the flows of some holders, and of the worst, by user. */
export interface HolderFlows {
  readonly overview: ActionOverview;
  /** One of whom nothing came has none. */
  readonly flows: ReadonlyMap<string, HolderFlow>;
}

/** Flows of some holders' sets, and how all sets stand; null for an id that is not known. */
export async function loadHolderFlows(
  database: Kysely<Tables>,
  caId: string,
  userIds: readonly string[],
): Promise<HolderFlows | null> {
  const action = await database
    .selectFrom('corporate_actions')
    .select(['partner', 'id'])
    .where('id', '=', canonicalId(caId))
    .orderBy('partner')
    .limit(1)
    .executeTakeFirst();
  if (action === undefined) return null;
  const overview = await loadOverview(database, action);
  const worst = overview.worst.map(({ userId }) => userId);
  const keys = await setKeys(database, action, [...new Set([...userIds, ...worst])]);
  const ids = [...keys].map(([userId, key]) => ({ userId, workflowId: workflowIdOf(key) }));
  const rows =
    ids.length === 0
      ? []
      : await database
          .selectFrom('subjects')
          .select(['workflow_id', 'open'])
          .where(
            'workflow_id',
            'in',
            ids.map(({ workflowId }) => workflowId),
          )
          .execute();
  const openOf = new Map(rows.map(({ workflow_id, open }) => [workflow_id, open]));
  return {
    overview,
    flows: new Map(
      ids.flatMap(({ userId, workflowId }) => {
        const open = openOf.get(workflowId);
        return open === undefined ? [] : [[userId, { workflowId, open }]];
      }),
    ),
  };
}
