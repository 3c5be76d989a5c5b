import { type Kysely, sql } from 'kysely';

import type { Lifecycle } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import type { FindingKind } from '../../domain/subject';
import type { Tables } from '../schema/tables';

/** Filter of open flows; an absent field admits all. */
export interface OpenFlowFilter {
  readonly partner?: Partner;
  readonly lifecycle?: Lifecycle;
  readonly finding?: FindingKind;
  readonly overdue?: boolean;
  /** Word among those that the flow waits for. */
  readonly waitingFor?: string;
}

/** Row of an open flow. */
export interface OpenRow {
  readonly workflowId: string;
  readonly position: string;
}

const PAGE_ROWS = 1_000;

/** Next page of open flows, by the position of their rows. */
export async function openRowsAfter(
  database: Kysely<Tables>,
  filter: OpenFlowFilter,
  position: string,
  limit: number = PAGE_ROWS,
): Promise<readonly OpenRow[]> {
  let query = database
    .selectFrom('subjects')
    .select(['workflow_id', 'position'])
    .where('open', '=', true)
    .where('lifecycle', '<>', 'recorded')
    .where('position', '>', position);
  if (filter.partner !== undefined) query = query.where('partner', '=', filter.partner);
  if (filter.lifecycle !== undefined) query = query.where('lifecycle', '=', filter.lifecycle);
  if (filter.finding !== undefined) query = query.where('finding', '=', filter.finding);
  if (filter.overdue !== undefined) query = query.where('overdue', '=', filter.overdue);
  if (filter.waitingFor !== undefined) query = query.where(sql<boolean>`${filter.waitingFor} = ANY (waiting_for)`);
  const rows = await query.orderBy('position').limit(limit).execute();
  return rows.map(({ workflow_id: workflowId, position: at }) => ({ workflowId, position: at }));
}

/** Ids of all open flows that the filter admits. */
export async function openFlowIds(database: Kysely<Tables>, filter: OpenFlowFilter): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let at = '0'; ;) {
    const rows = await openRowsAfter(database, filter, at);
    ids.push(...rows.map(({ workflowId }) => workflowId));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return ids;
    at = last.position;
  }
}
