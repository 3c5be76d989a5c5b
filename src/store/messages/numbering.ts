import { type Kysely, sql, type Transaction } from 'kysely';
import { v5 as uuidv5 } from 'uuid';

import { bodyOf } from '../../domain/messages/event';
import { isMoment } from '../../domain/moments';
import { DEFAULT_TYPES, isPushed } from '../../domain/messages/wanted-types';
import type { OutgoingMessage } from '../../domain/outgoing';
import { type Encryption } from '../encryption';
import { keptBody } from '../outbox/kept-body';
import type { Tables } from '../schema/tables';
import { refusalCode } from '../database-errors';
import { type Manner, takeMessages, type TellingParts } from './changes';

/** Number of changes that are numbered in one transaction. */
const MOST_CHANGES = 500;

/** Lock of the one process that numbers. It ends with the transaction, also where the process is killed. */
const LOCK = 7_310_021;

/**
 * Messages of the next committed changes, numbered in the order of the changes, put into the feed, and into the outbox
 * where somebody wants them sent; the number of changes. One process does it at a time: who finds another at it leaves
 * it to that one. Changes that are not committed are not seen, and waited for by nobody: they get a later number.
 */
export async function numberMessages(database: Kysely<Tables>, parts: TellingParts): Promise<number> {
  if (!(await isAnyQueued(database))) return 0;
  try {
    return await numberNext(database, parts, { limit: MOST_CHANGES, manner: 'whole' });
  } catch (error) {
    if (refusalCode(error) === null) throw error;
    return numberUpToRefused(database, parts);
  }
}

/** One change after the other, until the one that is refused: that it was made is told, and nothing behind it waits for it. */
async function numberUpToRefused(database: Kysely<Tables>, parts: TellingParts): Promise<number> {
  for (let changes = 0; changes < MOST_CHANGES; changes += 1) {
    try {
      if ((await numberNext(database, parts, { limit: 1, manner: 'whole' })) === 0) return changes;
    } catch (error) {
      const code = refusalCode(error);
      if (code === null) throw error;
      parts.onUnreadable?.(code);
      return changes + (await numberNext(database, parts, { limit: 1, manner: 'bare' }));
    }
  }
  return MOST_CHANGES;
}

function numberNext(
  database: Kysely<Tables>,
  parts: TellingParts,
  wanted: { readonly limit: number; readonly manner: Manner },
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ got: boolean }>`SELECT pg_try_advisory_xact_lock(${LOCK}) AS got`.execute(transaction);
    if (rows[0]?.got !== true) return 0;
    const { changes, messages } = await takeMessages(transaction, parts, wanted);
    const fresh = await withoutKnown(transaction, messages);
    await writeMessages(transaction, parts.encryption, await numbered(transaction, fresh));
    return changes;
  });
}

async function isAnyQueued(database: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ queued: boolean }>`
    SELECT EXISTS (SELECT FROM message_changes) AS queued`.execute(database);
  return rows[0]?.queued === true;
}

interface NumberedMessage extends OutgoingMessage {
  readonly id: string;
  readonly sequence: string;
}

/**
 * Namespace of message ids. Any UUID will do, but it must never change: receivers recognise repeated messages by
 * these ids.
 */
const NAMESPACE = '5f0c7c0e-6b53-4c2b-9d0e-2f6d3d1c8a47';

/** Id of a message by its subject and key, so that a repetition is recognised here and by the receiver. */
function idOf({ id, subject, key }: OutgoingMessage): string {
  return id ?? uuidv5(`${subject}\n${key}`, NAMESPACE);
}

type WithId = OutgoingMessage & { readonly id: string };

/** Messages that were not told yet, each once. */
async function withoutKnown(
  transaction: Transaction<Tables>,
  messages: readonly OutgoingMessage[],
): Promise<readonly WithId[]> {
  const byId = new Map<string, WithId>();
  for (const message of messages) {
    const id = idOf(message);
    if (!byId.has(id)) byId.set(id, { ...message, id });
  }
  if (byId.size === 0) return [];
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM messages WHERE id = ANY (${[...byId.keys()]}::text[])`.execute(transaction);
  const known = new Set(rows.map(({ id }) => id));
  return [...byId.values()].filter(({ id }) => !known.has(id));
}

async function numbered(
  transaction: Transaction<Tables>,
  messages: readonly WithId[],
): Promise<readonly NumberedMessage[]> {
  if (messages.length === 0) return [];
  const { rows } = await sql<{ last: string }>`
    UPDATE message_numbers SET last = last + ${messages.length}::int RETURNING last`.execute(transaction);
  const first = BigInt(rows[0]?.last ?? 0) - BigInt(messages.length) + 1n;
  return messages.map((message, index) => ({
    ...message,
    at: timeOf(message),
    sequence: String(first + BigInt(index)),
  }));
}

/** Time of a message. One that PostgreSQL refuses would keep everything behind it from being told. */
function timeOf({ at }: OutgoingMessage): string {
  return isMoment(at) ? at : new Date().toISOString();
}

async function writeMessages(
  transaction: Transaction<Tables>,
  encryption: Encryption,
  messages: readonly NumberedMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const patterns = await wantedTypes(transaction);
  await sql`
    WITH input AS (
      SELECT * FROM unnest(${messages.map(({ sequence }) => sequence)}::bigint[], ${messages.map(({ id }) => id)}::text[],
        ${messages.map(({ type }) => type)}::text[], ${messages.map(({ subject }) => subject)}::text[],
        ${messages.map(({ at }) => at)}::timestamptz[],
        ${messages.map(({ id, data }) => keptBody(encryption, JSON.stringify(data), id))}::text[],
        ${messages.map((one) => (isPushed(patterns, one.type) ? keptBody(encryption, bodyOf(one), one.id) : null))}::text[])
        AS input (sequence, id, type, subject, at, data, body)
    ), kept AS (
      INSERT INTO messages (sequence, id, type, subject, at, data)
      SELECT sequence, id, type, subject, at, data::json FROM input
    )
    INSERT INTO outbox (id, target, subject, type, body)
    SELECT id, 'messages', subject, type, body FROM input WHERE body IS NOT NULL ORDER BY sequence
    ON CONFLICT (id) DO NOTHING`.execute(transaction);
}

/** Patterns of the types that a receiver sends now; none where no receiver sends any. */
async function wantedTypes(transaction: Transaction<Tables>): Promise<readonly string[]> {
  const row = await transaction
    .selectFrom('outbox_targets')
    .select('types')
    .where('target', '=', 'outcomes')
    .where('wanted_until', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row === undefined ? [] : (row.types ?? DEFAULT_TYPES);
}
