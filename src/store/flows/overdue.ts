import { type Kysely, sql } from 'kysely';

import type { Lifecycle } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import { keyOf, keyPageOf } from '../key-pagination';
import type { Page, PageRequest } from '../pagination';
import { FLOW_COLUMNS, type FlowItem, flowItemOf, type FlowLink } from './list';
import type { Tables } from '../schema/tables';

/** Number of values in a cursor: due time and workflow id of a flow. */
const OVERDUE_KEY_WORDS = 2;

/** Due time and workflow id of a cursor; null for what is no cursor of this listing. */
export function overdueKeyOf(cursor: string): { readonly dueAt: string; readonly workflowId: string } | null {
  const [dueAt = '', workflowId = ''] = keyOf(cursor, OVERDUE_KEY_WORDS) ?? [];
  return /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(dueAt) && !Number.isNaN(Date.parse(dueAt))
    ? { dueAt, workflowId }
    : null;
}

/** Time a flow is sorted by. A flow without a due time is not hidden: its place is that of its last change. */
const dueAtOrAsOf = sql<Date>`date_trunc('milliseconds', coalesce(due_at, as_of))`;

/** Page of open flows that are overdue, the oldest first: whatever has waited longest is looked at before the rest. */
export async function listOverdueFlows(
  database: Kysely<Tables>,
  filter: { readonly partner?: Partner | undefined; readonly lifecycle?: Lifecycle | undefined },
  page: PageRequest,
  link: FlowLink,
): Promise<Page<FlowItem>> {
  let query = database
    .selectFrom('subjects')
    .select([...FLOW_COLUMNS, dueAtOrAsOf.as('place')])
    .where('open', '=', true)
    .where('overdue', '=', true);
  if (filter.partner !== undefined) query = query.where('partner', '=', filter.partner);
  if (filter.lifecycle !== undefined) query = query.where('lifecycle', '=', filter.lifecycle);
  const behind = page.after === null ? null : overdueKeyOf(page.after);
  if (behind !== null)
    query = query.where(
      sql<boolean>`(${dueAtOrAsOf}, workflow_id) > (${behind.dueAt}::timestamptz, ${behind.workflowId})`,
    );
  const rows = await query
    .orderBy(dueAtOrAsOf)
    .orderBy('workflow_id')
    .limit(page.limit + 1)
    .execute();
  return keyPageOf(
    rows,
    page.limit,
    ({ place, workflow_id }) => [place.toISOString(), workflow_id],
    (row) => flowItemOf(row, link),
  );
}
