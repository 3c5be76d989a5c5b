import { type Kysely, sql, type Transaction } from 'kysely';

import { bodyOf, type FeedMessage } from '../../domain/messages/event';
import { isPushed } from '../../domain/messages/wanted-types';
import { recordAction } from '../audit';
import type { Encryption } from '../encryption';
import { keptBody } from '../outbox/kept-body';
import type { Tables } from '../schema/tables';
import { messageOf, type MessageRow } from './feed';

/** Messages that are to be sent again: those that were numbered in a window of time. */
export interface ReplayRequest {
  /** ISO 8601 UTC. */
  readonly from: string;
  /** Just after the last; ISO 8601 UTC. */
  readonly to: string;
  /** Pattern of the types: a type, `<object>.*` or `*`. */
  readonly type: string;
}

/** Number of messages, by type. */
export type ReplayCounts = Readonly<Record<string, number>>;

const PAGE_ROWS = 1_000;

/**
 * Messages of a window sent again, or only counted: each under the id that it had, in the order of the feed. One that still
 * waits is left as it is; one that was erased is not sent. Each page is committed with its record.
 */
export async function replayMessages(
  database: Kysely<Tables>,
  encryption: Encryption,
  request: ReplayRequest & { readonly dryRun: boolean },
  by: string,
): Promise<ReplayCounts> {
  const counts: Record<string, number> = {};
  const end = await firstNumberedAt(database, request.to);
  for (let next = await firstNumberedAt(database, request.from); next < end; next += BigInt(PAGE_ROWS)) {
    const last = next + BigInt(PAGE_ROWS) < end ? next + BigInt(PAGE_ROWS) : end;
    const messages = await loadWanted(database, encryption, { first: next, last, type: request.type });
    for (const { type } of messages) counts[type] = (counts[type] ?? 0) + 1;
    if (request.dryRun || messages.length === 0) continue;
    await database.transaction().execute((transaction) => sendAgain(transaction, encryption, messages, request, by));
  }
  return counts;
}

/** First number that was given at or after a time. Numbers have no gaps and follow time: it is found by halving. */
async function firstNumberedAt(database: Kysely<Tables>, time: string): Promise<bigint> {
  const numbers = await database.selectFrom('message_numbers').selectAll().executeTakeFirstOrThrow();
  let [low, high] = [BigInt(numbers.removed_through) + 1n, BigInt(numbers.last) + 1n];
  while (low < high) {
    const middle = (low + high) / 2n;
    const { rows } = await sql<{ earlier: boolean }>`
      SELECT numbered_at < ${time}::timestamptz AS earlier FROM messages WHERE sequence = ${String(middle)}`.execute(
      database,
    );
    if (rows[0]?.earlier === true) low = middle + 1n;
    else high = middle;
  }
  return low;
}

async function loadWanted(
  database: Kysely<Tables>,
  encryption: Encryption,
  { first, last, type }: { readonly first: bigint; readonly last: bigint; readonly type: string },
): Promise<readonly FeedMessage[]> {
  const { rows } = await sql<MessageRow>`
    SELECT sequence, id, type, subject, at, data FROM messages
    WHERE sequence >= ${String(first)} AND sequence < ${String(last)} AND data IS NOT NULL
    ORDER BY sequence`.execute(database);
  return rows.filter((row) => isPushed([type], row.type)).map((row) => messageOf(encryption, row));
}

/** Rows of the outbox anew, behind all that is there, so that their order is that of the feed. */
async function sendAgain(
  transaction: Transaction<Tables>,
  encryption: Encryption,
  messages: readonly FeedMessage[],
  { from, to, type }: ReplayRequest,
  by: string,
): Promise<void> {
  const ids = messages.map(({ id }) => id);
  await sql`DELETE FROM outbox WHERE id = ANY (${ids}::text[]) AND state <> 'waiting'`.execute(transaction);
  await sql`
    INSERT INTO outbox (id, target, subject, type, body)
    SELECT id, 'messages', subject, type, body
    FROM unnest(${ids}::text[], ${messages.map(({ subject }) => subject)}::text[], ${messages.map((one) => one.type)}::text[],
      ${messages.map((one) => keptBody(encryption, bodyOf(one), one.id))}::text[])
      WITH ORDINALITY AS input (id, subject, type, body, place)
    ORDER BY place ON CONFLICT (id) DO NOTHING`.execute(transaction);
  const details = { from, to, type, messages: ids.length };
  await recordAction(transaction, { by, action: 'replay-messages', target: 'messages', reason: null, details });
}
