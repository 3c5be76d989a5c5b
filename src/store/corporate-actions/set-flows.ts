import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import { setIdOf } from '../../domain/lifecycles/corporate-actions/set-id';
import { newSubject, type Rules } from '../../domain/lifecycles/rules';
import type { Subject } from '../../domain/subject';
import { type SubjectKey, workflowIdOf } from '../../domain/subject-key';
import { storedKeys } from '../flows/stored-ids';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';

/** Flow of one set as its row shows it; the flow of its corporate action writes it. */
export interface SetFlow {
  readonly workflowId: string;
  readonly subject: Subject;
  /** The movement since it was last judged, by the corporate action's type, and when it was booked; null where none was. */
  readonly moved: { readonly type: string; readonly at: string } | null;
}

/** Id of the workflow that follows a whole corporate action. */
export function actionWorkflowIdOf({ partner, id }: CorporateActionKey): string {
  return workflowIdOf({ partner, object: OBJECT, id });
}

/** Middle word of the workflow ids of corporate actions and of their sets. */
export const OBJECT = 'corporate-action';

/** Keys of sets as subjects, by user. */
export async function setKeys(
  transaction: Kysely<Tables> | Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, SubjectKey>> {
  const named = userIds.map((userId) => {
    const key: SubjectKey = { partner, object: OBJECT, id: setIdOf({ corporateActionId: id, userId }) };
    return { userId, key };
  });
  const storedKeyOf = await storedKeys(
    transaction,
    named.map(({ key }) => key),
  );
  return new Map(named.map(({ userId, key }) => [userId, storedKeyOf(key)]));
}

/** Flows of sets by user; one of whom nothing came has none. The rows of their sets must be locked. */
export async function loadSetFlows(
  transaction: Transaction<Tables>,
  rules: Rules,
  keys: ReadonlyMap<string, SubjectKey>,
): Promise<ReadonlyMap<string, SetFlow>> {
  const ids = [...keys.values()].map(workflowIdOf);
  if (ids.length === 0) return new Map();
  const rows = await transaction
    .selectFrom('subjects')
    .select(['workflow_id', 'state', 'since', 'due_at', 'waiting_for', 'subject', 'as_of'])
    .where('workflow_id', 'in', ids)
    .execute();
  const byId = new Map(rows.map((row) => [row.workflow_id, row]));
  return new Map(
    [...keys].flatMap(([userId, key]): [string, SetFlow][] => {
      const workflowId = workflowIdOf(key);
      const row = byId.get(workflowId);
      if (row === undefined) return [];
      const since = (row.since ?? row.as_of).toISOString();
      const subject = row.subject ?? {
        ...newSubject(rules, key.id, since, row.due_at?.toISOString() ?? null),
        ...(key.keepsWholeId === undefined ? {} : { keepsWholeId: key.keepsWholeId }),
      };
      const isSettling = row.waiting_for.includes('settle');
      const moved = isSettling && row.state !== null ? { type: row.state, at: since } : null;
      return [[userId, { workflowId, subject, moved }]];
    }),
  );
}

/** Flow of one set as it is to be written. */
export type SetFlowWrite = Pick<SetFlow, 'workflowId' | 'subject'>;

/** Write of the rows of sets' flows, in one statement. The rows of their sets must be locked. */
export async function writeSetFlows(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  flows: readonly SetFlowWrite[],
): Promise<void> {
  if (flows.length === 0) return;
  await sql`
    UPDATE subjects SET state = input.state, waiting_for = input.waiting_for, since = input.since, due_at = input.due_at,
      overdue = input.overdue, finding = input.finding, open = input.open, closed_for_good = input.closed_for_good,
      version = subjects.version + 1, subject = input.subject, as_of = now(),
      followed_in = ${actionWorkflowIdOf(action)}
    FROM jsonb_to_recordset(${rowsOf(flows)}::jsonb) AS input (workflow_id text, state text, waiting_for text[],
      since timestamptz, due_at timestamptz, overdue boolean, finding text, open boolean, closed_for_good boolean,
      subject jsonb)
    WHERE subjects.workflow_id = input.workflow_id`.execute(transaction);
}

function rowsOf(flows: readonly SetFlowWrite[]): RawBuilder<string> {
  const rows = flows.map(({ workflowId, subject }) => ({
    workflow_id: workflowId,
    state: subject.state,
    waiting_for: subject.waitingFor,
    since: subject.since,
    due_at: subject.dueAt,
    overdue: subject.overdue,
    finding: subject.finding,
    open: subject.end === null,
    closed_for_good: subject.closedForGood,
    subject,
  }));
  return sql.val(JSON.stringify(rows));
}
