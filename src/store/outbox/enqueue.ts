import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { v5 as uuidv5 } from 'uuid';

import { messageOf, type OutgoingMessage, type OutgoingTarget } from '../../domain/outgoing';
import type { SubjectWrite } from '../../domain/subject-write';
import type { Tables } from '../schema/tables';

/** Text that is signed and sent, by the Standard Webhooks specification. */
export function bodyOf({ type, at, data }: Pick<OutgoingMessage, 'type' | 'at' | 'data'>): string {
  return JSON.stringify({ type, timestamp: at, data });
}

/**
 * Part of a subject's write that writes the messages of its outcomes; empty where there are none, so that such a
 * write costs nothing more. `written` names the part that wrote the row: without the row there is no message.
 */
export function messagesPart({ workflowId, subject, tells = [] }: SubjectWrite): RawBuilder<unknown> {
  if (tells.length === 0) return sql``;
  const messages = tells.map((outcome) => messageOf(workflowId, subject, outcome));
  return sql`, outgoing AS (${insertion(messages, sql`EXISTS (SELECT FROM written)`)})`;
}

/** Part of a statement that writes messages in their order, each once, while they are wanted. */
function insertion(messages: readonly OutgoingMessage[], only: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    INSERT INTO outbox (id, target, subject, type, body)
    SELECT input.id, 'outcomes', input.subject, input.type, input.body
    FROM unnest(${messages.map(idOf)}::text[], ${messages.map(({ subject }) => subject)}::text[],
      ${messages.map(({ type }) => type)}::text[], ${messages.map(bodyOf)}::text[])
      WITH ORDINALITY AS input (id, subject, type, body, place)
    WHERE ${only} AND EXISTS (SELECT FROM outbox_targets WHERE target = 'outcomes' AND wanted_until > now())
    ORDER BY input.place
    ON CONFLICT (id) DO NOTHING`;
}

/**
 * Namespace of message ids. Any UUID will do, but it must never change: receivers recognise repeated messages by
 * these ids.
 */
const NAMESPACE = '5f0c7c0e-6b53-4c2b-9d0e-2f6d3d1c8a47';

/** Id of a message by its subject and key, so that a repetition is recognised here and by the receiver. */
function idOf({ subject, key }: OutgoingMessage): string {
  return uuidv5(`${subject}\n${key}`, NAMESPACE);
}

type Database = Kysely<Tables> | Transaction<Tables>;

/** Insertion of messages in the transaction of their cause; none while nobody wants them. */
export async function enqueueOutcomes(database: Database, messages: readonly OutgoingMessage[]): Promise<void> {
  if (messages.length > 0) await insertion(messages, sql`true`).execute(database);
}

/** Renewal of the time until which a target's messages are wanted. */
export async function wantMessages(database: Database, target: OutgoingTarget, forMs: number): Promise<void> {
  await sql`
    INSERT INTO outbox_targets (target, wanted_until) VALUES (${target}, now() + ${forMs} * interval '1 millisecond')
    ON CONFLICT (target) DO UPDATE SET wanted_until = greatest(outbox_targets.wanted_until, excluded.wanted_until)`.execute(
    database,
  );
}
