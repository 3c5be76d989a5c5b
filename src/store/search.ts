import { type Kysely, type RawBuilder, sql } from 'kysely';

import { canonicalId, canonicalParts, isUuid } from '../domain/canonical-id';
import type { Partner } from '../domain/partner';
import { type DeliveryItem, deliveriesAt } from './deliveries/list';
import { type FlowItem, type FlowLink, flowsOf } from './flows/list';
import { storedIdOf } from './flows/stored-ids';
import { type ObligationItem, obligationsById } from './ledger/obligations';
import { type BookedMovement, movementsAt } from './ledger/flow-movements';
import { referenceHash } from './reference-hash';
import type { Tables } from './schema/tables';

/** Kinds of things that are found. */
export const FOUND_KINDS = ['subjects', 'deliveries', 'movements', 'obligations'] as const;
/** Kind of what is found. */
export type FoundKind = (typeof FOUND_KINDS)[number];

/** Things found by one text: whole ids before longer ones that begin with it, and the newest of each first. */
export interface Found {
  readonly subjects: readonly FlowItem[];
  readonly deliveries: readonly DeliveryItem[];
  readonly movements: readonly BookedMovement[];
  readonly obligations: readonly ObligationItem[];
  /** Kinds of which more were found than are shown. */
  readonly more: readonly FoundKind[];
}

/** Text that is searched for. */
export interface SearchRequest {
  /** A user's id, our reference or a delivery's id as a whole, or the beginning of a partner's id. */
  readonly text: string;
  /** Number of things that are shown of each kind. */
  readonly limit: number;
}

/** Parts of a search that its caller knows. */
export interface SearchContext {
  readonly database: Kysely<Tables>;
  readonly partners: readonly Partner[];
  readonly flowLink: FlowLink;
  /** Key by which our own references are found; null: they are not. */
  readonly referenceHashKey: Buffer | null;
}

/**
 * Subjects, deliveries, movements and obligations by a user's id, our reference, a partner's id or its beginning, or a
 * transaction's id. Each step reads a few entries of an index, whatever was ever kept.
 */
export async function search(context: SearchContext, { text: given, limit }: SearchRequest): Promise<Found> {
  const text = given.trim();
  const { database } = context;
  const wanted = { text, limit: limit + 1 };
  const [direct, deliveries, movements] = await Promise.all([
    subjectIds(context, wanted),
    deliveryPositions(context, wanted),
    movementPositions(context, wanted),
  ]);
  const [foundMovements, deliveriesById, obligations] = await Promise.all([
    movementsAt(database, movements),
    deliveriesAt(database, deliveries),
    obligationIds(database, wanted, movements).then((ids) => obligationsById(database, ids)),
  ]);
  const workflowIds = unique([
    ...direct,
    ...foundMovements.map(({ workflowId }) => workflowId),
    ...deliveriesById.flatMap(({ workflowId }) => workflowId ?? []),
  ]).slice(0, limit + 1);
  const [subjects, ofSubjects] = await Promise.all([
    flowsOf(database, workflowIds, context.flowLink),
    newestOf(database, workflowIds, limit + 1),
  ]);
  const found = {
    subjects,
    deliveries: await deliveriesAt(database, unique([...deliveries, ...ofSubjects]).slice(0, limit + 1)),
    movements: foundMovements,
    obligations,
  };
  return {
    subjects: found.subjects.slice(0, limit),
    deliveries: found.deliveries.slice(0, limit),
    movements: found.movements.slice(0, limit),
    obligations: found.obligations.slice(0, limit),
    more: FOUND_KINDS.filter((kind) => found[kind].length > limit),
  };
}

/** Text with the number of things that are read of each kind, one more than is shown. */
type Wanted = SearchRequest;

/** Workflow ids of what is found by its own id, by its user or by our reference. */
async function subjectIds(
  { database, referenceHashKey }: SearchContext,
  { text, limit }: Wanted,
): Promise<readonly string[]> {
  const whole = await storedIdOf(database, text);
  const { partner, object, id } = partsOf(text);
  const hash = referenceHashKey === null ? null : referenceHash(referenceHashKey, text);
  const ofAddress = partner === null ? sql`` : sql` AND partner = ${partner} AND object = ${object}`;
  const { rows } = await sql<{ id: string }>`
    (SELECT workflow_id AS id FROM subjects WHERE workflow_id = ${whole})
    UNION ALL
    (SELECT found.workflow_id FROM unnest(${spellingsOf(id)}::text[]) AS wanted (id) CROSS JOIN LATERAL (
       SELECT workflow_id FROM subjects WHERE ${beginsWith(sql`object_id`)}${ofAddress}
       ORDER BY object_id COLLATE "C", position DESC LIMIT ${limit}) AS found)
    UNION ALL
    (SELECT s.workflow_id FROM subject_details d JOIN subjects s ON s.workflow_id = d.workflow_id
     WHERE d.user_id = ${canonicalId(text)} OR d.reference_hash = ${hash} ORDER BY s.position DESC LIMIT ${limit})`.execute(
    database,
  );
  return unique(rows.map((row) => row.id));
}

/** Parts of a workflow id, or of its beginning; a text that is none stands for an id. */
function partsOf(text: string): { readonly partner: string | null; readonly object: string; readonly id: string } {
  const [, partner = null, object = '', id = text] = /^([a-z]+):([a-z][a-z-]*):(.+)$/s.exec(text) ?? [];
  return { partner, object, id: partner === null ? text : decoded(id) };
}

/** Text of an id as it is written in a workflow id. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** Spellings under which an id may be stored: UUIDs are in lower case there, also where only their beginning is known. */
function spellingsOf(text: string): readonly string[] {
  return unique([text, canonicalParts(text), ...(/^[0-9a-f-]+$/i.test(text) ? [text.toLowerCase()] : [])]);
}

/** Condition for what begins with `wanted.id`: a range of an index in the order of bytes. */
function beginsWith(column: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${column} COLLATE "C" >= wanted.id AND ${column} COLLATE "C" < wanted.id || chr(1114111)`;
}

/**
 * Positions of a delivery by its own id, and of those that brought the partner's id of an event. Savings plans announce a
 * transaction under its id with a word before it.
 */
async function deliveryPositions(
  { database, partners }: SearchContext,
  { text, limit }: Wanted,
): Promise<readonly string[]> {
  const keys = spellingsOf(text).flatMap((id) => [id, `upcoming:${id}`]);
  const own = isUuid(text) ? sql`SELECT position FROM deliveries WHERE id = ${text}::uuid UNION ALL` : sql``;
  const { rows } = await sql<{ position: string }>`
    ${own} SELECT position FROM deliveries WHERE id IN (
      SELECT delivery_id FROM event_keys
      WHERE partner = ANY (${[...partners]}::text[]) AND event_key = ANY (${keys}::text[]) LIMIT ${limit})`.execute(
    database,
  );
  return unique(rows.map(({ position }) => position));
}

/** Positions of movements by the id of their transaction or its beginning, and of those of a user. */
async function movementPositions({ database }: SearchContext, { text, limit }: Wanted): Promise<readonly string[]> {
  const { rows } = await sql<{ position: string }>`
    (SELECT found.position FROM unnest(${spellingsOf(text)}::text[]) AS wanted (id) CROSS JOIN LATERAL (
       SELECT position FROM movements WHERE ${beginsWith(sql`transaction_id`)}
       ORDER BY transaction_id COLLATE "C", position DESC LIMIT ${limit}) AS found)
    UNION ALL
    (SELECT position FROM movements WHERE user_id = ${canonicalId(text)}
     ORDER BY position DESC LIMIT ${limit})`.execute(database);
  return unique(rows.map(({ position }) => position)).slice(0, limit);
}

/** Ids of the obligations of found movements, of the one with this id, and of those paid under this reference. */
async function obligationIds(
  database: Kysely<Tables>,
  { text, limit }: Wanted,
  movements: readonly string[],
): Promise<readonly string[]> {
  const own = isUuid(text) ? sql`SELECT id FROM obligations WHERE id = ${text}::uuid UNION ALL` : sql``;
  const { rows } = await sql<{ id: string }>`
    ${own} (SELECT id FROM obligations WHERE paid_reference = ${text} ORDER BY position DESC LIMIT ${limit})
    UNION ALL (SELECT id FROM obligations WHERE movement = ANY (${[...movements]}::bigint[]))`.execute(database);
  return unique(rows.map(({ id }) => id)).slice(0, limit);
}

/** Positions of the newest deliveries of subjects. */
async function newestOf(
  database: Kysely<Tables>,
  workflowIds: readonly string[],
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ position: string }>`
    SELECT newest.position FROM unnest(${[...workflowIds]}::text[]) AS subject (id) CROSS JOIN LATERAL (
      (SELECT position FROM deliveries WHERE workflow_id = subject.id ORDER BY position DESC LIMIT ${limit})
      UNION ALL
      (SELECT position FROM delivery_queue WHERE workflow_id COLLATE "C" = subject.id ORDER BY position DESC LIMIT ${limit})
    ) AS newest ORDER BY newest.position DESC LIMIT ${limit}`.execute(database);
  return rows.map(({ position }) => position);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
