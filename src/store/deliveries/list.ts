import { type Kysely, sql } from 'kysely';

import { isUuid } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import type { Outcome } from '../../domain/subject';
import { storedIdOf } from '../flows/stored-ids';
import { type Page, pageOf, type PageRequest, positionOf } from '../pagination';
import { decryptHeaders } from '../schema/encrypted-json';
import { bodyBinding, type Encryption } from '../encryption';
import type { DeliveryStatus, HeaderPairs, KeptDeliveriesView, Tables } from '../schema/tables';

/** Delivery as an operator sees it. */
export interface DeliveryItem {
  readonly id: string;
  readonly partner: Partner;
  readonly route: string;
  readonly receivedAt: string;
  readonly source: 'webhook' | 'sweep';
  readonly status: DeliveryStatus;
  readonly outcome: Outcome | null;
  readonly event: string | null;
  readonly workflowId: string | null;
  readonly problem: Problem | null;
  readonly attempts: number;
}

/** Delivery with its content: the body's bytes, null after their retention, and the headers without credentials. */
export interface DeliveryDetail extends DeliveryItem {
  readonly bodyBase64: string | null;
  readonly bodySha256: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Filter of deliveries; an absent field admits all. */
export interface DeliveryFilter {
  readonly status?: DeliveryStatus | undefined;
  /** Outcome, or `open` for what is delivered and has no outcome yet. */
  readonly outcome?: Outcome | 'open' | undefined;
  readonly partner?: Partner | undefined;
  readonly workflowId?: string | undefined;
}

const ITEM_COLUMNS = [
  'position',
  'id',
  'partner',
  'route',
  'received_at',
  'source',
  'status',
  'outcome',
  'event',
  'workflow_id',
  'problem',
  'attempts',
] as const;

/**
 * Page of deliveries, newest first. The queue knows the subject of those that wait, the rows of facts that of all others:
 * each is asked by an index of its own.
 */
export async function listDeliveries(
  database: Kysely<Tables>,
  { workflowId, ...filter }: DeliveryFilter,
  page: PageRequest,
): Promise<Page<DeliveryItem>> {
  const storedId = workflowId === undefined ? undefined : await storedIdOf(database, workflowId);
  const wanted = { ...filter, workflowId: storedId };
  const isWaiting = filter.status === 'pending' && filter.outcome === undefined;
  const mayWait = isWaiting || (storedId !== undefined && filter.status === undefined && filter.outcome === undefined);
  const positions = [
    ...(isWaiting ? [] : await factPositions(database, wanted, page)),
    ...(mayWait ? await queuePositions(database, wanted, page) : []),
  ];
  if (positions.length === 0) return { items: [], next: null };
  const rows = await database
    .selectFrom('kept_deliveries')
    .select(ITEM_COLUMNS)
    .where('position', 'in', positions)
    .orderBy('position', 'desc')
    .limit(page.limit + 1)
    .execute();
  return pageOf(rows, page.limit, itemOf);
}

async function factPositions(
  database: Kysely<Tables>,
  { status, outcome, partner, workflowId }: DeliveryFilter,
  { limit, after }: PageRequest,
): Promise<readonly string[]> {
  let query = database.selectFrom('deliveries').select('position');
  if (status !== undefined) query = query.where('status', '=', status);
  if (outcome === 'open') query = query.where('status', '=', 'delivered').where('outcome', 'is', null);
  else if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (partner !== undefined) query = query.where('partner', '=', partner);
  if (workflowId !== undefined) query = query.where('workflow_id', '=', workflowId);
  const before = after === null ? null : positionOf(after);
  if (before !== null) query = query.where(sql<boolean>`position < ${before}`);
  const rows = await query
    .orderBy('position', 'desc')
    .limit(limit + 1)
    .execute();
  return rows.map(({ position }) => position);
}

async function queuePositions(
  database: Kysely<Tables>,
  { partner, workflowId }: DeliveryFilter,
  { limit, after }: PageRequest,
): Promise<readonly string[]> {
  let query = database.selectFrom('delivery_queue').select('position');
  if (partner !== undefined) query = query.where('partner', '=', partner);
  if (workflowId !== undefined) query = query.where(sql<boolean>`workflow_id COLLATE "C" = ${workflowId}`);
  const before = after === null ? null : positionOf(after);
  if (before !== null) query = query.where('position', '<', before);
  const rows = await query
    .orderBy('position', 'desc')
    .limit(limit + 1)
    .execute();
  return rows.map(({ position }) => position);
}

type ItemRow = Pick<KeptDeliveriesView, (typeof ITEM_COLUMNS)[number]>;

function itemOf(row: ItemRow): DeliveryItem {
  const { id, partner, route, source, status, outcome, event, problem, attempts } = row;
  return {
    id,
    partner,
    route,
    receivedAt: row.received_at.toISOString(),
    source,
    status,
    outcome,
    event,
    workflowId: row.workflow_id,
    problem,
    attempts,
  };
}

/** Delivery with body and headers; null for an id that is not known. Throws `DecryptionError`. */
export async function loadDelivery(
  database: Kysely<Tables>,
  encryption: Encryption,
  id: string,
): Promise<DeliveryDetail | null> {
  // The database refuses anything else as no UUID.
  if (!isUuid(id)) return null;
  const row = await database
    .selectFrom('kept_deliveries')
    .select([...ITEM_COLUMNS, 'headers', 'body', 'body_key', 'body_sha256'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const body =
    row.body === null ? null : encryption.decrypt({ bytes: row.body, keyName: row.body_key }, bodyBinding(row.id));
  return {
    ...itemOf(row),
    bodyBase64: body === null ? null : body.toString('base64'),
    bodySha256: row.body_sha256.toString('hex'),
    headers: headersOf(decryptHeaders(encryption, row.headers, row.id)),
  };
}

/** Values by lower-case name; those of a repeated header are joined as HTTP joins them. */
function headersOf(pairs: HeaderPairs): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [written, value] of pairs) {
    const name = written.toLowerCase();
    // Derived components of a signature; no header can have such a name.
    if (name.startsWith('@')) continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}
