import { type Kysely, sql, type Transaction } from 'kysely';

import { awaitQuiet } from '../../domain/lifecycles/corporate-actions/fold-set';
import { extendSubject, refetchSubject, resolveSubject } from '../../domain/operator';
import type { Rules } from '../../domain/lifecycles/rules';
import type { Subject } from '../../domain/subject';
import type { FlowAction } from '../../domain/subject-write';
import { recordFlowActions } from '../flows/subjects';
import { databaseTime } from '../database-time';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { loadSetFlows, type SetFlow, setKeys, writeSetFlows } from './set-flows';

/** Act of an operator on one set. */
export interface SetAct {
  readonly rules: Rules;
  readonly userId: string;
  readonly act: FlowAction;
}

/** Result of an act on a set; an ended one is not acted on. */
export type SetActResult = 'done' | 'ended';

/** Act of an operator on one set, checked against its row, done and recorded once in one transaction. */
export async function actOnSet(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  act: SetAct,
): Promise<SetActResult> {
  return database.transaction().execute((transaction) => actWithin(transaction, action, act));
}

/** The same within a transaction. */
export async function actWithin(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  { rules, userId, act }: SetAct,
): Promise<SetActResult> {
  if (!(await lockSet(transaction, action, userId))) return 'ended';
  const keys = await setKeys(transaction, action, [userId]);
  const flow = (await loadSetFlows(transaction, rules, keys)).get(userId);
  if (flow === undefined) return 'ended';
  const known = sinceMovement(rules, flow);
  if (known.end !== null) return 'ended';
  const subject = acted(rules, known, act, await databaseTime(transaction));
  await writeSetFlows(transaction, action, [{ workflowId: flow.workflowId, subject }]);
  await writeSet(transaction, action, userId, { subject, asksAgain: act.action === 'refetch' });
  await recordFlowActions(transaction, flow.workflowId, [act]);
  return 'done';
}

/** The subject with what was booked since it was last judged. */
function sinceMovement(rules: Rules, { subject, moved }: SetFlow): Subject {
  return moved === null ? subject : awaitQuiet(rules, subject, moved.type, moved.at);
}

/** True where the set exists and the flow of its corporate action follows it; its row is locked then. */
async function lockSet(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  userId: string,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM transaction_sets WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}
      AND followed_by = 'action' FOR UPDATE`.execute(transaction);
  return rows.length > 0;
}

/** The subject after an act. Throws on one that no operator can ask for. */
function acted(rules: Rules, subject: Subject, { action, by, reason, details }: FlowAction, now: string): Subject {
  switch (action) {
    case 'refetch':
      return refetchSubject(subject, now);
    case 'extend':
      return extendSubject(subject, Number(details.seconds), now);
    case 'resolve':
      return resolveSubject(rules, subject, { by, reason, result: details.result === 'done' ? 'done' : 'failed' }, now);
    default:
      throw new Error(`no act on a set is called ${action}`);
  }
}

/** The set is looked at when its flow plans it; a resolution stands beside the verdict as long as the breaks are the same. */
async function writeSet(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  userId: string,
  { subject, asksAgain }: { readonly subject: Subject; readonly asksAgain: boolean },
): Promise<void> {
  const { resolution, end, read } = subject;
  const lookAt = end === null ? (read?.at ?? null) : null;
  await sql`
    UPDATE transaction_sets SET look_at = ${lookAt}::timestamptz,
      judged_version = CASE WHEN ${end !== null} THEN version ELSE judged_version END,
      ask_after = CASE WHEN ${asksAgain} THEN clock_timestamp() ELSE ask_after END,
      resolution = coalesce(${resolution === undefined ? null : JSON.stringify(resolution)}::jsonb, resolution)
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}`.execute(transaction);
}
