import { type RawBuilder, sql, type Transaction } from 'kysely';

import type { Tables } from '../schema/tables';
import type { Person } from './person';

/** Numbers of what was erased of a subject. */
export interface ErasedOfSubject {
  readonly references: number;
  readonly objects: number;
  readonly facts: number;
  readonly messages: number;
}

/**
 * Erasure of what is kept of a subject beside its state: our own reference, the answer of the last read, facts and reasons,
 * the data of its messages. Its id, its states, amounts and the user's id stay. The row of an open flow is its flow's to
 * write, and stays as it is.
 */
export async function eraseSubject(transaction: Transaction<Tables>, workflowId: string): Promise<ErasedOfSubject> {
  const { rows } = await sql<{ references: number; objects: number }>`
    WITH before AS (
      SELECT workflow_id, reference IS NOT NULL AS had_reference, object IS NOT NULL AS had_object FROM subject_details
      WHERE workflow_id = ${workflowId} FOR UPDATE
    )
    UPDATE subject_details d SET reference = NULL, reference_key = NULL, reference_hash = NULL, reason = NULL, facts = '{}',
      object = NULL, object_key = NULL, object_asked_at = NULL, object_read_at = NULL
    FROM before WHERE d.workflow_id = before.workflow_id
    RETURNING had_reference::int AS references, had_object::int AS objects`.execute(transaction);
  const row = await sql`
    UPDATE subjects SET version = version + 1, as_of = now(),
      subject = CASE WHEN subject IS NULL THEN NULL ELSE ${withoutFacts} END, last_reading = NULL
    WHERE workflow_id = ${workflowId} AND (NOT open OR lifecycle = 'recorded') AND lifecycle <> 'corporateAction'
      AND (last_reading IS NOT NULL OR (subject IS NOT NULL AND subject <> ${withoutFacts}))`.execute(transaction);
  const messages = await sql`
    UPDATE messages SET data = NULL WHERE subject = ${workflowId} AND data IS NOT NULL`.execute(transaction);
  // That and when it was sent is evidence, and stays.
  const sent = await sql`
    UPDATE outbox SET body = '{}' WHERE subject = ${workflowId} AND state = 'sent' AND body <> '{}'`.execute(
    transaction,
  );
  return {
    references: rows[0]?.references ?? 0,
    objects: rows[0]?.objects ?? 0,
    facts: Number(row.numAffectedRows ?? 0),
    messages: Number(messages.numAffectedRows ?? 0) + Number(sent.numAffectedRows ?? 0),
  };
}

/** Facts on which money and contradictions rest: amounts, and the partner's own ids. */
const KEPT_FACTS = ['amount', 'currency', 'id', 'pid', 'further id', 'further pid', 'cancellation', 'change'];

/** Subject of a row with neither reason nor facts, but for those that are kept; `facts` stays absent where it was. */
const withoutFacts: RawBuilder<unknown> = sql`jsonb_set(
  CASE WHEN subject ? 'facts' THEN jsonb_set(subject, '{facts}', coalesce((
    SELECT jsonb_object_agg(key, value) FROM jsonb_each(subject -> 'facts')
    WHERE key = ANY (${KEPT_FACTS}::text[])), '{}')) ELSE subject END, '{reason}', 'null')`;

/** Text in the place of an erased reference of a payment. */
const ERASED = 'erased';

/** Erasure of the references under which money was passed on to a person, in obligations and in the audit; their number. */
export async function erasePaidReferences(transaction: Transaction<Tables>, person: Person): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    UPDATE obligations o SET paid_reference = ${ERASED} FROM movements m
    WHERE m.position = o.movement AND m.partner = ANY (${[...person.partners]}::text[]) AND m.user_id = ANY (${[...person.userIds]}::text[])
      AND o.paid_reference <> ${ERASED}
    RETURNING o.id`.execute(transaction);
  await sql`
    UPDATE operator_actions SET details = details - 'reference'
    WHERE action = 'paid' AND target = ANY (${rows.map(({ id }) => id)}::text[])`.execute(transaction);
  return rows.length;
}
