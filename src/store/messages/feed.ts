import { type Kysely, type RawBuilder, sql } from 'kysely';

import type { FeedMessage } from '../../domain/messages/event';
import type { MessageData } from '../../domain/messages/message';
import { decryptJson, type EncryptedJson, type Encryption, messageBinding } from '../encryption';
import type { Tables } from '../schema/tables';

/** Wanted part of the feed. */
export interface FeedRequest {
  /** Cursor after which it begins; null: the oldest message that is kept. */
  readonly after: string | null;
  /** Types; null: all. */
  readonly types: readonly string[] | null;
  readonly subject: string | null;
  readonly limit: number;
}

/** Messages in their order, and the cursor from which a reader goes on; or the cursor is of no place in the feed. */
export type FeedPage =
  | {
      readonly kind: 'page';
      readonly items: readonly FeedMessage[];
      readonly next: string | null;
      readonly cursor: string;
    }
  | { readonly kind: 'gone'; readonly because: 'removed' | 'ahead' };

/** Page of the feed, the oldest message first. What gets a number later stands behind everything that was read. */
export async function readFeed(
  database: Kysely<Tables>,
  encryption: Encryption,
  request: FeedRequest,
): Promise<FeedPage> {
  // In one snapshot: a message that is numbered in between would otherwise be passed over by the cursor.
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      const { last, removedThrough } = await readNumbers(snapshot);
      const after = request.after === null ? removedThrough : BigInt(request.after);
      if (after < removedThrough) return { kind: 'gone', because: 'removed' };
      if (after > last) return { kind: 'gone', because: 'ahead' };
      const rows = await select(snapshot, { ...request, after: String(after) });
      return pageOf(encryption, rows, request.limit, last);
    });
}

async function readNumbers(
  database: Kysely<Tables>,
): Promise<{ readonly last: bigint; readonly removedThrough: bigint }> {
  const { last, removed_through } = await database
    .selectFrom('message_numbers')
    .select(['last', 'removed_through'])
    .executeTakeFirstOrThrow();
  return { last: BigInt(last), removedThrough: BigInt(removed_through) };
}

/** Row of a message as it is kept. */
export interface MessageRow {
  readonly sequence: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly at: Date;
  readonly data: MessageData | EncryptedJson | null;
}

/** Rows of a page and one more. Each type is looked for by its own index, and what is found is merged by number. */
async function select(
  database: Kysely<Tables>,
  { after, types, subject, limit }: FeedRequest & { readonly after: string },
): Promise<readonly MessageRow[]> {
  const most = limit + 1;
  const found = (condition: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    SELECT sequence FROM messages WHERE sequence > ${after}::bigint AND ${condition} ORDER BY sequence LIMIT ${most}`;
  const wanted =
    subject !== null
      ? found(sql`subject = ${subject} AND (${types}::text[] IS NULL OR type = ANY (${types}::text[]))`)
      : types === null
        ? found(sql`true`)
        : sql`SELECT merged.sequence FROM unnest(${[...types]}::text[]) AS wanted (type)
            CROSS JOIN LATERAL (${found(sql`messages.type = wanted.type`)}) AS merged ORDER BY merged.sequence LIMIT ${most}`;
  const { rows } = await sql<MessageRow>`
    SELECT sequence, id, type, subject, at, data FROM messages WHERE sequence = ANY (ARRAY (${wanted}))
    ORDER BY sequence`.execute(database);
  return rows;
}

/** Cursor of the last number where nothing is left: what does not match need not be looked through again. */
function pageOf(encryption: Encryption, rows: readonly MessageRow[], limit: number, last: bigint): FeedPage {
  const items = rows.slice(0, limit).map((row) => messageOf(encryption, row));
  const next = rows.length > limit ? (items.at(-1)?.sequence ?? null) : null;
  return { kind: 'page', items, next, cursor: next ?? String(last) };
}

/** Message of a row. Throws `DecryptionError`. */
export function messageOf(encryption: Encryption, { data, at, ...row }: MessageRow): FeedMessage {
  return { ...row, at: at.toISOString(), data: data === null ? null : clearData(encryption, data, row.id) };
}

function clearData(encryption: Encryption, data: MessageData | EncryptedJson, id: string): MessageData {
  return decryptJson(encryption, data, messageBinding(id), isData);
}

function isData(value: unknown): value is MessageData {
  return typeof value === 'object' && value !== null;
}

/** Cursor behind which the newest messages stand, so many of them. */
export async function latestCursor(database: Kysely<Tables>, limit: number): Promise<string> {
  const { last, removedThrough } = await readNumbers(database);
  const cursor = last - BigInt(limit);
  return String(cursor > removedThrough ? cursor : removedThrough);
}
