import type { Kysely } from 'kysely';

import type { OperatorDeed } from './audit';
import { type Page, pageOf, type PageRequest, positionOf } from './pages';
import type { Tables } from './tables';

/** What an operator did, to what, and why; `at` is ISO 8601 UTC. */
export interface DeedItem extends OperatorDeed {
  readonly at: string;
}

/** What operators did to anything, the newest first. */
export async function listDeeds(database: Kysely<Tables>, page: PageRequest): Promise<Page<DeedItem>> {
  let query = database
    .selectFrom('operator_actions')
    .select(['position', 'at', 'by', 'action', 'target', 'reason', 'details']);
  const position = page.after === null ? null : positionOf(page.after);
  if (position !== null) query = query.where('position', '<', position);
  const rows = await query
    .orderBy('position', 'desc')
    .limit(page.limit + 1)
    .execute();
  return pageOf(rows, page.limit, ({ at, by, action, target, reason, details }) => ({
    at: at.toISOString(),
    by,
    action,
    target,
    reason,
    details,
  }));
}
