import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import { partsOfSetId } from '../../domain/lifecycles/corporate-actions/set-id';
import type { Subject } from '../../domain/subject';
import {
  type FlowAction,
  isPlain,
  type StoredSubject,
  type SubjectWrite,
  type WriteResult,
} from '../../domain/subject-write';
import { raiseAlerts } from '../outbox/alerts';
import { addRecovered } from '../stats/counters';
import { recordAction } from '../audit';
import type { Tables } from '../schema/tables';

type Database = Kysely<Tables> | Transaction<Tables>;

/** Record of operators' actions on a flow, each request once. */
export async function recordFlowActions(
  database: Database,
  workflowId: string,
  actions: readonly FlowAction[] = [],
): Promise<void> {
  for (const action of actions) await recordAction(database, { ...action, target: workflowId });
}

/**
 * Write of a subject, done once: a repeated write is recognised by its id, another run's is a conflict with the stored
 * subject. A plain write is one statement.
 */
export async function writeSubject(
  database: Kysely<Tables>,
  write: SubjectWrite,
  alertWindowMs: number,
): Promise<WriteResult> {
  const { partner } = write.subject;
  // Only who follows a set writes its row: a holder's flow that is signalled all the same ends as if it had.
  if (await isFollowedElsewhere(database, write)) return { kind: 'written', version: write.expectedVersion + 1 };
  const version = isPlain(write)
    ? await writeRow(database, write)
    : await database.transaction().execute(async (transaction) => {
        const written = await writeRow(transaction, write);
        if (written === null) return null;
        await noteResolution(transaction, write.subject);
        await recordFlowActions(transaction, write.workflowId, write.deeds);
        await addRecovered(transaction, partner, write.recovered);
        const causes = write.alerts.map((finding) => ({ partner, finding, example: write.workflowId }));
        await raiseAlerts(transaction, causes, alertWindowMs);
        return written;
      });
  return version === null ? unwritten(database, write) : { kind: 'written', version };
}

async function isFollowedElsewhere(database: Database, { subject, workflowId }: SubjectWrite): Promise<boolean> {
  if (subject.lifecycle !== 'corporateAction') return false;
  const { rows } = await sql`
    SELECT FROM subjects WHERE workflow_id = ${workflowId} AND followed_in IS NOT NULL`.execute(database);
  return rows.length > 0;
}

/**
 * Version of the written row, or null where another version was found. Row, outcomes and abandoned
 * deliveries are one statement: one transaction and one round trip; a trigger queues what is to be told of it. The row is written only if its version is
 * the one the writer loaded, or if this run wrote it and had heard less then; without the row nothing else is.
 */
async function writeRow(database: Database, write: SubjectWrite): Promise<number | null> {
  const { subject } = write;
  const ids = write.outcomes.map(({ deliveryId }) => deliveryId);
  const result = await sql<{ version: number }>`
    WITH written AS (
      INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, state, waiting_for, since, due_at, overdue,
                            finding, open, closed_for_good, version, write_id, subject, as_of)
      VALUES (${write.workflowId}, ${subject.lifecycle}, ${subject.partner}, ${subject.object}, ${subject.id},
              ${subject.state}, ${subject.waitingFor}::text[], ${subject.since}, ${subject.dueAt}, ${subject.overdue},
              ${subject.finding}, ${subject.end === null}, ${subject.closedForGood}, ${write.expectedVersion + 1}::int,
              ${write.writeId}, ${JSON.stringify(subject)}::jsonb, now())
      ON CONFLICT (workflow_id) DO UPDATE SET
        state = excluded.state, waiting_for = excluded.waiting_for, since = excluded.since, due_at = excluded.due_at,
        overdue = excluded.overdue, finding = excluded.finding, open = excluded.open,
        closed_for_good = excluded.closed_for_good, write_id = excluded.write_id, subject = excluded.subject,
        version = greatest(subjects.version + 1, excluded.version), as_of = excluded.as_of
        WHERE subjects.version = ${write.expectedVersion} OR ${isOvertaken(write)}
      RETURNING version
    ), outcomes AS (${outcomesPart(write)} AND EXISTS (SELECT FROM written)), abandoned AS (
      UPDATE deliveries SET outcome = 'abandoned', outcome_at = now() FROM written
      WHERE ${write.firstOfRun} AND deliveries.workflow_id = ${write.workflowId} AND deliveries.status = 'delivered'
        AND deliveries.outcome IS NULL AND deliveries.run_id <> ${write.runId} AND deliveries.id <> ALL (${ids}::uuid[])
    )
    SELECT version FROM written`.execute(database);
  return result.rows[0]?.version ?? null;
}

/**
 * Copy of an operator's resolution beside the verdict of the set: judging keeps it as long as the breaks are the
 * same.
 */
async function noteResolution(database: Database, { partner, id, resolution }: Subject): Promise<void> {
  if (resolution === undefined) return;
  const { corporateActionId, userId } = partsOfSetId(id);
  await database
    .updateTable('transaction_sets')
    .set({ resolution: JSON.stringify(resolution) })
    .where('partner', '=', partner)
    .where('corporate_action_id', '=', corporateActionId)
    .where('user_id', '=', userId)
    .execute();
}

/** True for a row that an earlier write of the same run has written, which held less. Its id ends with what it had heard. */
function isOvertaken({ runId, writeId, heard }: SubjectWrite): RawBuilder<boolean> {
  if (heard === undefined) return sql`false`;
  const number = Number(writeId.split(':')[1]);
  return sql`CASE WHEN split_part(subjects.write_id, ':', 1) = ${runId}
    THEN (split_part(subjects.write_id, ':', 3)::int, split_part(subjects.write_id, ':', 2)::int) < (${heard}::int, ${number}::int)
    ELSE false END`;
}

/**
 * Outcomes of deliveries that have none yet. A flow may be faster than the dispatcher that signalled it: the delivery is
 * then settled here, with the tries that the queue holds, since dispatch writes nothing over it.
 */
function outcomesPart({ workflowId, outcomes }: SubjectWrite): RawBuilder<unknown> {
  return sql`
    UPDATE deliveries SET status = 'delivered', outcome = input.outcome, event = input.event, outcome_at = now(),
                          workflow_id = ${workflowId}, settled_at = coalesce(settled_at, now()),
                          attempts = coalesce((SELECT queued.attempts FROM delivery_queue queued
                                               WHERE queued.position = deliveries.position), attempts)
    FROM unnest(${outcomes.map(({ deliveryId }) => deliveryId)}::uuid[], ${outcomes.map(({ outcome }) => outcome)}::text[],
                ${outcomes.map(({ event }) => event)}::text[]) AS input (id, outcome, event)
    WHERE deliveries.id = input.id AND deliveries.outcome IS NULL AND deliveries.status IN ('pending', 'delivered')`;
}

/**
 * Result of a write whose row was not written. Where the same run has written it, the row holds as much already; the
 * outcomes may not, since the run may have heard the same number of things in another order.
 */
async function unwritten(database: Kysely<Tables>, write: SubjectWrite): Promise<WriteResult> {
  const row = await database
    .selectFrom('subjects')
    .select(['version', 'subject', 'write_id'])
    .where('workflow_id', '=', write.workflowId)
    .executeTakeFirst();
  if (row?.write_id === write.writeId && write.heard === undefined) return { kind: 'written', version: row.version };
  if (write.heard !== undefined && row?.write_id?.startsWith(`${write.runId}:`) === true) {
    await outcomesPart(write).execute(database);
    return { kind: 'written', version: row.version };
  }
  const stored = row === undefined || row.subject === null ? null : { subject: row.subject, version: row.version };
  return { kind: 'conflict', stored, writeId: row?.write_id ?? null };
}

/** Stored subjects among the given workflow ids; a row without a subject is left out. */
export async function loadSubjects(
  database: Kysely<Tables>,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, StoredSubject>> {
  if (workflowIds.length === 0) return new Map();
  const rows = await database
    .selectFrom('subjects')
    .select(['workflow_id', 'version', 'subject'])
    .where('workflow_id', '=', sql<string>`ANY (${[...workflowIds]}::text[])`)
    .execute();
  return new Map(
    rows.flatMap(({ workflow_id, version, subject }) =>
      subject === null ? [] : [[workflow_id, { subject, version }]],
    ),
  );
}

/** Change of a subject that no flow owns any more (it is closed for good), under the lock of its row. */
export async function updateClosedSubject(
  transaction: Transaction<Tables>,
  workflowId: string,
  change: (subject: Subject) => Subject,
): Promise<void> {
  const row = await transaction
    .selectFrom('subjects')
    .select(['subject', 'version'])
    .where('workflow_id', '=', workflowId)
    .where('closed_for_good', '=', true)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined || row.subject === null) return;
  const changed = change(row.subject);
  if (changed === row.subject) return;
  await transaction
    .updateTable('subjects')
    .set({ subject: JSON.stringify(changed), finding: changed.finding, version: row.version + 1, as_of: sql`now()` })
    .where('workflow_id', '=', workflowId)
    .execute();
}
