import { type Kysely, sql, type Transaction } from 'kysely';

import type { OutgoingMessage } from '../../domain/outgoing';
import type { Subject } from '../../domain/subject';
import { workflowIdOf } from '../../domain/subject-key';
import type { Tables } from '../schema/tables';

type Database = Kysely<Tables> | Transaction<Tables>;

/** Messages that are told as they are, their texts queued in the transaction of their cause. */
export async function queueMessages(database: Database, messages: readonly OutgoingMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    INSERT INTO message_changes (kind, subject, after)
    SELECT 'message', subject, to_jsonb(text)
    FROM unnest(${messages.map(({ subject }) => subject)}::text[],
      ${messages.map((message) => JSON.stringify(message))}::text[]) WITH ORDINALITY AS given (subject, text, place)
    ORDER BY place`.execute(database);
}

/** Obligations whose movements were taken back as a whole: queued by the positions of the movements. */
export async function queueCancelled(database: Database, movements: readonly string[]): Promise<void> {
  await sql`
    INSERT INTO message_changes (kind, subject, after)
    SELECT 'obligation', id::text, jsonb_build_object('id', id) FROM obligations
    WHERE movement = ANY (${[...movements]}::bigint[]) AND paid_at IS NULL ORDER BY position`.execute(database);
}

/** Delivery of a subject that is only recorded: told also where a later one stands in the row. */
export async function queueRecorded(database: Database, subject: Subject): Promise<void> {
  await sql`
    INSERT INTO message_changes (kind, subject, after)
    VALUES ('recorded', ${workflowIdOf(subject)}, ${JSON.stringify(subject)}::jsonb)`.execute(database);
}
