import { sql, type Transaction } from 'kysely';

import type { SubjectDetails } from '../../domain/details';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { recordedMessage, subjectMessages } from '../../domain/messages/subject-messages';
import type { OutgoingMessage } from '../../domain/outgoing';
import type { Subject } from '../../domain/subject';
import type { Encryption } from '../encryption';
import { loadReadableDetails } from '../flows/details';
import type { Tables } from '../schema/tables';

interface Place {
  readonly id: string;
  readonly subject: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly details: SubjectDetails;
}

/** Change that was taken out of the queue. */
export type QueuedChange = Place &
  (
    | { readonly kind: 'subject'; readonly before: Subject | null; readonly after: Subject }
    | { readonly kind: 'recorded'; readonly before: null; readonly after: Subject }
    | { readonly kind: 'message'; readonly before: null; readonly after: string }
  );

type Row = { readonly position: string; readonly changed_at: Date } & Pick<QueuedChange, 'id' | 'subject'> &
  (QueuedChange extends infer One
    ? One extends QueuedChange
      ? Pick<One, 'kind' | 'before' | 'after'>
      : never
    : never);

/** The oldest changes of the queue, taken out of it. */
export async function takeChanges(
  transaction: Transaction<Tables>,
  encryption: Encryption,
  limit: number,
): Promise<readonly QueuedChange[]> {
  const { rows } = await sql<Row>`
    DELETE FROM message_changes WHERE position = ANY (ARRAY (
      SELECT position FROM message_changes ORDER BY position LIMIT ${limit}))
    RETURNING position, id, kind, subject, before, after, changed_at`.execute(transaction);
  const inOrder = [...rows].sort((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
  const details = await loadReadableDetails(transaction, encryption, [...new Set(rows.map(({ subject }) => subject))]);
  return inOrder.map(({ position: _, changed_at, ...row }) => ({
    ...row,
    at: changed_at.toISOString(),
    details: details.get(row.subject) ?? {},
  }));
}

/** Messages of a change, in their order. */
export function messagesOf(
  { lifecycleTableOf }: { readonly lifecycleTableOf: (partner: string, object: string) => LifecycleTable | undefined },
  change: QueuedChange,
): readonly OutgoingMessage[] {
  switch (change.kind) {
    case 'subject': {
      const { partner, object } = change.after;
      return subjectMessages(lifecycleTableOf(partner, object), { ...change, workflowId: change.subject });
    }
    case 'recorded':
      return [recordedMessage({ ...change, workflowId: change.subject })];
    case 'message':
      return [parsed(change.after)];
  }
}

function parsed(text: string): OutgoingMessage {
  const message: unknown = JSON.parse(text);
  if (isMessage(message)) return message;
  throw new Error('the queue of messages holds something else');
}

function isMessage(value: unknown): value is OutgoingMessage {
  return typeof value === 'object' && value !== null && 'type' in value && 'key' in value && 'data' in value;
}
