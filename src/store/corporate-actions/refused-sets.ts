import { type Kysely, sql } from 'kysely';

import { foldRefused } from '../../domain/lifecycles/corporate-actions/fold-set';
import type { Rules } from '../../domain/lifecycles/rules';
import { bareSubject, writable } from '../../domain/writable';
import type { Subject } from '../../domain/subject';
import { workflowIdOf } from '../../domain/subject-key';
import { refusalCode } from '../database-errors';
import { databaseTime } from '../database-time';
import { raiseAlerts } from '../outbox/alerts';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { loadSetFlows, setKeys, writeSetFlows } from './set-flows';

/** Set of which PostgreSQL refuses something. */
export interface RefusedSet {
  readonly userId: string;
  /** Version that was refused: where more was booked since, nobody knows yet whether that is refused, too. */
  readonly version: number;
  /** Refused part, and the code of the refusal. */
  readonly words: string;
}

/** Policy and alert window under which a refusal is recorded. */
export interface RefusalOptions {
  readonly rules: Rules;
  readonly alertWindowMs: number;
}

/**
 * Record that a set cannot be judged, for what it holds: it shows so, people are alerted, and it is tried again on the
 * ladder, so that the rounds of its corporate action go on without it. Where even that is refused, its row shows the
 * least there is. The row of a holder's flow is left to that flow.
 */
export async function noteRefusedSet(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: RefusalOptions,
  set: RefusedSet,
): Promise<void> {
  try {
    await note(database, action, options, set, writable);
  } catch (error) {
    if (refusalCode(error) === null) throw error;
    await note(database, action, options, set, bareSubject);
  }
}

function note(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  { rules, alertWindowMs }: RefusalOptions,
  { userId, version, words }: RefusedSet,
  shownAs: (subject: Subject, now: string) => Subject,
): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    const { partner, id } = action;
    const { rows } = await sql<{ isOurs: boolean }>`
      SELECT followed_by = 'action' AS "isOurs" FROM transaction_sets
      WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId} AND version = ${version}
      FOR UPDATE`.execute(transaction);
    const [set] = rows;
    if (set === undefined) return;
    const keys = await setKeys(transaction, action, [userId]);
    const flow = set.isOurs ? (await loadSetFlows(transaction, rules, keys)).get(userId) : undefined;
    const now = await databaseTime(transaction);
    // Also one that rests is open again: nobody knows what its verdict would have been.
    const known = flow === undefined ? null : { ...flow.subject, end: null, closedForGood: false };
    const subject = known === null ? null : shownAs(foldRefused(rules, known, words, now).subject, now);
    if (flow !== undefined && subject !== null) await writeSetFlows(transaction, action, [{ ...flow, subject }]);
    // By the conclusion it was looked at: only another one, or its time, brings it up again.
    await sql`
      UPDATE transaction_sets AS sets SET look_at = ${subject?.read?.at ?? null}::timestamptz, judged_version = version,
        concluded = (SELECT conclusion FROM corporate_actions c WHERE c.partner = sets.partner
          AND c.id = sets.corporate_action_id)
      WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}`.execute(transaction);
    const key = keys.get(userId);
    const example = key === undefined ? userId : workflowIdOf(key);
    await raiseAlerts(transaction, [{ partner, finding: 'refused-write', example }], alertWindowMs);
  });
}
