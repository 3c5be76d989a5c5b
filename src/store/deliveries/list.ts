import { type Kysely, sql } from 'kysely';

import { isUuid } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import type { Outcome } from '../../domain/subject';
import { newestFirst, type Page, type PageRequest } from '../pagination';
import { decryptHeaders } from '../schema/encrypted-json';
import { bodyBinding, type Encryption } from '../encryption';
import {
  type DeliveryFilter,
  isOfWindow,
  matches,
  newestPositions,
  positionsOfSubjects,
  windowRequestOf,
  withUnread,
} from './filter';
import { loadUnread } from './unread';
import { positionsInWindow } from './window';
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
  /** Fields of its body that decide nothing and could not be read; absent where there are none. */
  readonly unread?: readonly Problem[];
}

/** Delivery with its content: the body's bytes, null after their retention, and the headers without credentials. */
export interface DeliveryDetail extends DeliveryItem {
  readonly unread: readonly Problem[];
  readonly bodyBase64: string | null;
  readonly bodySha256: string;
  readonly headers: Readonly<Record<string, string>>;
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
 * Page of deliveries, newest first. One of a window, a route or an event may hold fewer than its limit and still have a
 * next one.
 */
export async function listDeliveries(
  database: Kysely<Tables>,
  filter: DeliveryFilter,
  page: PageRequest,
): Promise<Page<DeliveryItem>> {
  if (isOfWindow(filter)) {
    const { positions, next } = await positionsInWindow(database, windowRequestOf(filter), page);
    return { items: await deliveriesAt(database, positions), next };
  }
  const { unread: _, ...known } = filter;
  let query = database.selectFrom('kept_deliveries as k').select(ITEM_COLUMNS).where(matches(filter));
  if (filter.unread !== undefined) query = query.where(withUnread(filter, page));
  if (filter.workflowId !== undefined || filter.user !== undefined)
    query = query.where(sql<boolean>`k.position IN (${await positionsOfSubjects(database, known, page)})`);
  else if (filter.status !== undefined || filter.outcome !== undefined || filter.partner !== undefined)
    query = query.where(sql<boolean>`k.position IN (${newestPositions(filter, page)})`);
  const { items, next } = await newestFirst(query, page, (row) => ({ ...row }));
  return { items: await itemsOf(database, items), next };
}

/** Deliveries at positions, in that order. */
export async function deliveriesAt(
  database: Kysely<Tables>,
  positions: readonly string[],
): Promise<readonly DeliveryItem[]> {
  if (positions.length === 0) return [];
  const wanted = sql<string>`${[...positions]}::bigint[]`;
  const rows = await database
    .selectFrom('kept_deliveries')
    .select(ITEM_COLUMNS)
    .where('position', '=', sql<string>`ANY (${wanted})`)
    .orderBy(sql`array_position(${wanted}, position)`)
    .execute();
  return itemsOf(database, rows);
}

async function itemsOf(database: Kysely<Tables>, rows: readonly ItemRow[]): Promise<readonly DeliveryItem[]> {
  const unread = await loadUnread(
    database,
    rows.map(({ position }) => position),
  );
  return rows.map((row) => itemOf(row, unread));
}

type ItemRow = Pick<KeptDeliveriesView, (typeof ITEM_COLUMNS)[number]>;

function itemOf(row: ItemRow, unread: ReadonlyMap<string, readonly Problem[]>): DeliveryItem {
  const { id, partner, route, source, status, outcome, event, problem, attempts } = row;
  const fields = unread.get(row.position);
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
    ...(fields === undefined ? {} : { unread: fields }),
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
    unread: [],
    ...itemOf(row, await loadUnread(database, [row.position])),
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
