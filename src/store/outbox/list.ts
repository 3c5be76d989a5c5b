import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';

import { lanesOf, OUTBOX_STATES, type OutboxState, type OutgoingTarget, targetOf } from '../../domain/outgoing';
import { recordAction } from '../audit';
import { DecryptionError, type Encryption } from '../encryption';
import { areThere, inPages } from '../pages-of-changes';
import type { OutboxTable } from '../schema/outbox-tables';
import { clearBody } from './kept-body';
import { behind } from '../newest-merged';
import { newestFirst, type Page, type PageRequest } from '../pagination';
import type { Tables } from '../schema/tables';

/** Message as an operator sees it; times are ISO 8601 UTC. */
export interface OutboxItem {
  readonly id: string;
  readonly target: OutgoingTarget;
  readonly subject: string;
  readonly type: string;
  readonly state: OutboxState;
  /** Attempts since it was written, or since it was last given up and retried. */
  readonly attempts: number;
  readonly createdAt: string;
  /** Time of the next attempt; null where it is not to be sent any more. */
  readonly nextAttemptAt: string | null;
  readonly sentAt: string | null;
  readonly deadAt: string | null;
  readonly lastFailure: string | null;
  /** JSON that is sent; null where its key is not configured. */
  readonly body: unknown;
}

/** Filter of messages; an absent field admits all. */
export interface OutboxFilter {
  readonly state?: OutboxState | undefined;
  readonly target?: OutgoingTarget | undefined;
}

/** Page of messages, newest first. */
export async function listOutbox(
  database: Kysely<Tables>,
  encryption: Encryption,
  { state, target }: OutboxFilter,
  page: PageRequest,
): Promise<Page<OutboxItem>> {
  let query = database.selectFrom('outbox').selectAll();
  if (state !== undefined) query = query.where('state', '=', state);
  if (target !== undefined) {
    query = query.where('target', 'in', lanesOf(target));
    if (state === undefined) query = query.where(sql<boolean>`position IN (${newestOfTarget(target, page)})`);
  }
  return newestFirst(query, page, (row) => itemOf(encryption, row));
}

/** Positions of a target's newest messages: of each state a few entries of the index are read. */
function newestOfTarget(target: OutgoingTarget, page: PageRequest): RawBuilder<unknown> {
  return sql`
    SELECT newest.position FROM unnest(${[...OUTBOX_STATES]}::text[]) AS wanted (state)
      CROSS JOIN unnest(${[...lanesOf(target)]}::text[]) AS lanes (lane) CROSS JOIN LATERAL (
      SELECT position FROM outbox WHERE target = lanes.lane AND state = wanted.state${behind(page)}
      ORDER BY position DESC LIMIT ${page.limit + 1}
    ) AS newest ORDER BY newest.position DESC LIMIT ${page.limit + 1}`;
}

function itemOf(encryption: Encryption, row: Selectable<OutboxTable>): OutboxItem {
  const { id, target: lane, subject, type, state, attempts, body } = row;
  const endedAt = row.ended_at?.toISOString() ?? null;
  return {
    id,
    target: targetOf(lane),
    subject,
    type,
    state,
    attempts,
    createdAt: row.created_at.toISOString(),
    nextAttemptAt: state === 'waiting' ? row.next_attempt_at.toISOString() : null,
    sentAt: state === 'sent' ? endedAt : null,
    deadAt: state === 'dead' ? endedAt : null,
    lastFailure: row.last_failure,
    body: shown(encryption, body, id),
  };
}

function shown(encryption: Encryption, body: string, id: string): unknown {
  try {
    const value: unknown = JSON.parse(clearBody(encryption, body, id));
    return value;
  } catch (error) {
    if (error instanceof DecryptionError) return null;
    throw error;
  }
}

/** Result of retrying one message. */
export type OutboxRetryResult = 'retried' | 'not-dead' | 'unknown';

/** Columns of a retried message: due at once, with as many attempts as a new one. */
const WAITING_AGAIN = { state: 'waiting', attempts: 0, next_attempt_at: sql<Date>`now()`, ended_at: null } as const;

/** Retry of a message that was given up. */
export async function retryMessage(database: Kysely<Tables>, id: string, by: string): Promise<OutboxRetryResult> {
  // PostgreSQL refuses a text with a NUL; no id has one.
  if (id.includes('\0')) return 'unknown';
  const retried = await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('outbox')
      .set(WAITING_AGAIN)
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .returning('id')
      .executeTakeFirst();
    const action = { by, action: 'retry-message', target: id, reason: null, details: {} };
    if (row !== undefined) await recordAction(transaction, action);
    return row;
  });
  if (retried !== undefined) return 'retried';
  const row = await database.selectFrom('outbox').select('id').where('id', '=', id).executeTakeFirst();
  return row === undefined ? 'unknown' : 'not-dead';
}

/** Number of messages of a page. */
const PAGE_ROWS = 2_000;

/** Retry of every message that is given up now; the number of them. Each page is committed with its record. */
export async function retryAllDead(
  database: Kysely<Tables>,
  by: string,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  return inPages(database, onProgress, async (transaction, began) => {
    const isDead = sql<boolean>`state = 'dead' AND coalesce(ended_at, '-infinity') <= ${began}::timestamptz`;
    const page = sql<string[]>`ARRAY (
      SELECT position FROM outbox WHERE ${isDead} ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED)`;
    const result = await transaction
      .updateTable('outbox')
      .set(WAITING_AGAIN)
      .where(sql<boolean>`position = ANY (${page})`)
      .executeTakeFirst();
    const messages = Number(result.numUpdatedRows);
    const isLeft = messages === 0 && (await areThere(transaction, sql`outbox WHERE ${isDead}`));
    const action = { by, action: 'retry-message', target: 'all dead messages', reason: null, details: { messages } };
    return { changed: messages, isLeft, action };
  });
}
