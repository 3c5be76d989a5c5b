import { type Kysely, sql } from 'kysely';

import type { Break } from '../../domain/lifecycles/corporate-actions/corporate-action';
import { setIdOf } from '../../domain/lifecycles/corporate-actions/set-id';
import type { Resolution } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import { type SubjectKey, workflowIdOf } from '../../domain/subject-key';
import { storedKeys } from '../flows/stored-ids';
import { keyOf, keyPageOf } from '../key-pagination';
import type { Page, PageRequest } from '../pagination';
import type { Tables } from '../schema/tables';

/** Transaction set whose verdict is `break`. */
export interface BreakItem {
  readonly partner: Partner;
  readonly caId: string;
  /** Partner's word for the kind of corporate action. */
  readonly type: string;
  readonly userId: string;
  readonly breaks: readonly Break[];
  /** ISO 8601 UTC; null while it was never judged. */
  readonly judgedAt: string | null;
  readonly resolution: Resolution | null;
  /** Workflow id of the flow that waits for a resolution. */
  readonly workflowId: string;
}

/** Number of values in a cursor: resolved or not, partner, corporate action, user. */
export const BREAK_KEY_WORDS = 4;

interface Row extends Omit<BreakItem, 'judgedAt' | 'workflowId'> {
  readonly judgedAt: Date | null;
}

const isResolved = sql<string>`CASE WHEN s.resolution IS NULL THEN '0' ELSE '1' END`;

/** Page of sets in break, of all corporate actions, unresolved ones first; by partner, corporate action, user. */
export async function listBreaks(database: Kysely<Tables>, page: PageRequest): Promise<Page<BreakItem>> {
  const behind = page.after === null ? null : keyOf(page.after, BREAK_KEY_WORDS);
  const after = sql`(${isResolved}, s.partner, s.corporate_action_id, s.user_id) >
    (${behind?.[0] ?? ''}, ${behind?.[1] ?? ''}, ${behind?.[2] ?? ''}, ${behind?.[3] ?? ''})`;
  const { rows } = await sql<Row>`
    SELECT s.partner, s.corporate_action_id AS "caId", coalesce(a.type, 'unknown') AS type, s.user_id AS "userId",
      s.breaks, s.judged_at AS "judgedAt", s.resolution
    FROM transaction_sets s LEFT JOIN corporate_actions a ON a.partner = s.partner AND a.id = s.corporate_action_id
    WHERE s.verdict = 'break' AND (${behind === null} OR ${after})
    ORDER BY ${isResolved}, s.partner, s.corporate_action_id, s.user_id LIMIT ${page.limit + 1}`.execute(database);
  const storedKeyOf = await storedKeys(database, rows.map(subjectOf));
  return keyPageOf(
    rows,
    page.limit,
    (row) => [row.resolution === null ? '0' : '1', row.partner, row.caId, row.userId],
    ({ judgedAt, ...row }) => ({
      ...row,
      judgedAt: judgedAt?.toISOString() ?? null,
      workflowId: workflowIdOf(storedKeyOf(subjectOf(row))),
    }),
  );
}

function subjectOf({ partner, caId, userId }: Pick<Row, 'partner' | 'caId' | 'userId'>): SubjectKey {
  return { partner, object: 'corporate-action', id: setIdOf({ corporateActionId: caId, userId }) };
}
