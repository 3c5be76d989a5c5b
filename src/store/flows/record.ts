import { type Kysely, sql } from 'kysely';

import { kindOf } from '../../domain/lifecycles/kinds';
import type { SubjectDetails } from '../../domain/details';
import { partsOfSetId } from '../../domain/lifecycles/corporate-actions/set-id';
import { decryptJson, type EncryptedJson, type Encryption, messageBinding, objectBinding } from '../encryption';
import { type BookedMovement, movementsWhere } from '../ledger/flow-movements';
import { type ObligationItem, obligationsById } from '../ledger/obligations';
import { clearBody } from '../outbox/kept-body';
import type { Tables } from '../schema/tables';
import { loadDetails } from './details';
import { type FlowDetail, type FlowLink, loadFlow } from './list';

/** Message about a subject, and what became of sending it. Times are ISO 8601 UTC. */
export interface SubjectMessage {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  /** State of sending it, with the tries; null where it stands in the feed alone, or its sending is long done. */
  readonly sending: {
    readonly state: string;
    readonly attempts: number;
    readonly endedAt: string | null;
    readonly lastFailure: string | null;
  } | null;
  /** JSON that is told; null where it was erased. */
  readonly told: unknown;
}

/** The partner's answer to the last read of the object. */
export interface ReadObject {
  readonly readAt: string | null;
  /** Null where nothing is opened. */
  readonly bytes: Buffer | null;
}

/** Everything that is kept of a subject beside its deliveries. */
export interface SubjectRecord {
  readonly flow: FlowDetail;
  readonly details: SubjectDetails;
  readonly object: ReadObject | null;
  readonly movements: readonly BookedMovement[];
  readonly obligations: readonly ObligationItem[];
  readonly messages: readonly SubjectMessage[];
}

/** Resources for loading the record of a subject. */
export interface RecordContext {
  readonly database: Kysely<Tables>;
  /** Opens what is encrypted; null: it is left out. */
  readonly encryption: Encryption | null;
  readonly flowLink: FlowLink;
}

/** Number of movements and messages that are loaded: a subject with more of them is not told of in one page. */
const MOST_ROWS = 2_000;

/** Record of a subject; null for an id that is not known. Throws `DecryptionError`. */
export async function loadRecord(context: RecordContext, requestedId: string): Promise<SubjectRecord | null> {
  const { database, encryption, flowLink } = context;
  const flow = await loadFlow(database, requestedId, flowLink);
  if (flow === null) return null;
  const details = encryption === null ? null : await loadDetails(database, encryption, [flow.workflowId]);
  const movements = await movementsOf(database, flow);
  return {
    flow,
    details: details?.get(flow.workflowId) ?? {},
    object: await loadReadObject(context, flow.workflowId),
    movements,
    obligations: await obligationsOf(database, movements),
    messages: await messagesOf(context, flow.workflowId),
  };
}

/** Movements of a recorded transaction, or of a user's set of a corporate action, in the order of booking. */
async function movementsOf(
  database: Kysely<Tables>,
  { lifecycle, partner, objectId }: FlowDetail,
): Promise<readonly BookedMovement[]> {
  const newest = sql`amount <> 0 ORDER BY position LIMIT ${MOST_ROWS}`;
  if (lifecycle === 'recorded')
    return movementsWhere(database, sql`m.partner = ${partner} AND transaction_id = ${objectId} AND ${newest}`);
  if (kindOf(lifecycle).corporateActionIdOf(objectId) === null) return [];
  const { corporateActionId, userId } = partsOfSetId(objectId);
  return movementsWhere(
    database,
    sql`m.partner = ${partner} AND corporate_action_id = ${corporateActionId} AND user_id = ${userId} AND ${newest}`,
  );
}

async function obligationsOf(
  database: Kysely<Tables>,
  movements: readonly BookedMovement[],
): Promise<readonly ObligationItem[]> {
  const transactions = [...new Set(movements.map(({ transactionId }) => transactionId))];
  const partner = movements[0]?.partner;
  if (partner === undefined) return [];
  const { rows } = await sql<{ id: string }>`
    SELECT o.id FROM movements m JOIN obligations o ON o.movement = m.position
    WHERE m.partner = ${partner} AND m.transaction_id = ANY (${transactions}::text[])`.execute(database);
  return obligationsById(
    database,
    rows.map(({ id }) => id),
  );
}

async function loadReadObject({ database, encryption }: RecordContext, workflowId: string): Promise<ReadObject | null> {
  const row = await database
    .selectFrom('subject_details')
    .select(['object', 'object_key', 'object_read_at'])
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  if (row === undefined || row.object === null) return null;
  const stored = { bytes: row.object, keyName: row.object_key };
  const readAt = row.object_read_at?.toISOString() ?? null;
  const binding = objectBinding(workflowId);
  return { readAt, bytes: encryption === null ? null : encryption.decrypt(stored, binding) };
}

interface MessageRow {
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  readonly state: string | null;
  readonly attempts: number | null;
  readonly endedAt: Date | null;
  readonly lastFailure: string | null;
  readonly body: string | null;
  readonly data: object | EncryptedJson | null;
}

/** Messages of the feed and of the outbox, in the order of their time; one that is in both is one. */
async function messagesOf(
  { database, encryption }: RecordContext,
  workflowId: string,
): Promise<readonly SubjectMessage[]> {
  const { rows } = await sql<MessageRow>`
    SELECT coalesce(m.id, o.id) AS id, coalesce(m.type, o.type) AS type, coalesce(m.at, o.created_at) AS at, o.state,
      o.attempts, o.ended_at AS "endedAt", o.last_failure AS "lastFailure", o.body, m.data
    FROM (SELECT * FROM messages WHERE subject = ${workflowId} ORDER BY sequence DESC LIMIT ${MOST_ROWS}) AS m
    FULL JOIN (SELECT * FROM outbox WHERE subject = ${workflowId} AND target <> 'alerts'
               ORDER BY position DESC LIMIT ${MOST_ROWS}) AS o ON o.id = m.id
    ORDER BY 3, 1`.execute(database);
  return rows.map(({ id, type, at, state, attempts, endedAt, lastFailure, body, data }) => ({
    id,
    type,
    at: at.toISOString(),
    sending:
      state === null ? null : { state, attempts: attempts ?? 0, endedAt: endedAt?.toISOString() ?? null, lastFailure },
    told: encryption === null ? null : toldOf(encryption, { id, data, body }),
  }));
}

function toldOf(encryption: Encryption, { id, data, body }: Pick<MessageRow, 'id' | 'data' | 'body'>): unknown {
  if (data !== null) return clearData(encryption, data, id);
  return parsed(body === null ? null : clearBody(encryption, body, id));
}

function clearData(encryption: Encryption, data: object | EncryptedJson, id: string): unknown {
  return decryptJson(encryption, data, messageBinding(id), isObject);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function parsed(body: string | null): unknown {
  if (body === null) return null;
  const value: unknown = JSON.parse(body);
  return value;
}
