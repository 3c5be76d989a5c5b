import { type Kysely, type RawBuilder, sql } from 'kysely';

import { isUuid } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import { type Outcome, OUTCOMES } from '../../domain/subject';
import { storedIdOf } from '../flows/stored-ids';
import { behind, newestMerged } from '../newest-merged';
import { newestFirst, type Page, type PageRequest } from '../pagination';
import { decryptHeaders } from '../schema/encrypted-json';
import { DECIDED, STATUS_OR_OUTCOME } from '../schema/indexes';
import { bodyBinding, type Encryption } from '../encryption';
import { loadUnread } from './unread';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type HeaderPairs,
  type KeptDeliveriesView,
  type Tables,
} from '../schema/tables';

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

/** Filter of deliveries; an absent field admits all. */
export interface DeliveryFilter {
  readonly status?: DeliveryStatus | undefined;
  /** Outcome, or `open` for what is delivered and has no outcome yet. */
  readonly outcome?: Outcome | 'open' | undefined;
  readonly partner?: Partner | undefined;
  readonly workflowId?: string | undefined;
  /** True: those with side fields that could not be read; false: the others. */
  readonly unread?: boolean | undefined;
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

/** Page of deliveries, newest first. */
export async function listDeliveries(
  database: Kysely<Tables>,
  filter: DeliveryFilter,
  page: PageRequest,
): Promise<Page<DeliveryItem>> {
  let query = database.selectFrom('kept_deliveries').select(ITEM_COLUMNS);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.outcome === 'open') query = query.where('status', '=', 'delivered').where('outcome', 'is', null);
  else if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome);
  if (filter.partner !== undefined) query = query.where('partner', '=', filter.partner);
  if (filter.unread !== undefined) query = query.where(withUnread(filter, page));
  if (filter.workflowId !== undefined) {
    const storedId = await storedIdOf(database, filter.workflowId);
    query = query.where(sql<boolean>`position IN (${positionsOfSubject(storedId, filter, page)})`);
  } else if (filter.status !== undefined || filter.outcome !== undefined || filter.partner !== undefined)
    query = query.where(sql<boolean>`position IN (${newestPositions(filter, page)})`);
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

/** Condition for deliveries with side fields that could not be read. Where nothing else is asked, only the newest of them. */
function withUnread({ unread, ...others }: DeliveryFilter, page: PageRequest): RawBuilder<boolean> {
  if (unread !== true)
    return sql<boolean>`NOT EXISTS (SELECT FROM unread_fields u WHERE u.position = kept_deliveries.position)`;
  const isAlone = Object.values(others).every((value) => value === undefined);
  const newest = isAlone ? sql`WHERE true${behind(page)} ORDER BY position DESC LIMIT ${page.limit + 1}` : sql``;
  return sql<boolean>`position IN (SELECT position FROM unread_fields ${newest})`;
}

/**
 * Positions of the deliveries of a subject on the page. The queue knows the subject of those that wait, the rows of facts
 * that of all others.
 */
function positionsOfSubject(
  workflowId: string,
  { status, outcome, partner }: DeliveryFilter,
  page: PageRequest,
): RawBuilder<unknown> {
  const ofPartner = partner === undefined ? sql`` : sql` AND partner = ${partner}`;
  const ofStatus = status === undefined ? sql`` : sql` AND status = ${status}`;
  const wanted =
    outcome === 'open' ? sql` AND status = 'delivered' AND outcome IS NULL` : sql` AND outcome = ${outcome}`;
  const ofOutcome = outcome === undefined ? sql`` : wanted;
  const newest = sql`${behind(page)} ORDER BY position DESC LIMIT ${page.limit + 1}`;
  return sql`
    (SELECT position FROM deliveries WHERE workflow_id = ${workflowId}${ofPartner}${ofStatus}${ofOutcome}${newest})
    UNION ALL
    (SELECT position FROM delivery_queue WHERE workflow_id COLLATE "C" = ${workflowId}${ofPartner}${newest})`;
}

/**
 * Positions of the deliveries on the page. Few that fit may lie among millions that do not, so they are sought by
 * indexes: decided ones by partner and status or outcome, the others among those that wait.
 */
function newestPositions(filter: DeliveryFilter, page: PageRequest): RawBuilder<unknown> {
  const { partner } = filter;
  const kinds = kindsOf(filter);
  const decided = kinds.filter((kind) => kind !== 'pending' && kind !== 'delivered');
  const waiting = [
    ...(kinds.includes('pending') ? [sql`status = 'pending'`] : []),
    ...(kinds.includes('delivered') ? [sql`status = 'delivered' AND outcome IS NULL`] : []),
  ];
  const ofPartner = partner === undefined ? sql`` : sql` AND partner = ${partner}`;
  const parts = waiting.map(
    (condition) => sql`(SELECT position FROM deliveries WHERE ${condition}${ofPartner}${behind(page)}
      ORDER BY position DESC LIMIT ${page.limit + 1})`,
  );
  const keys = [{ of: STATUS_OR_OUTCOME, values: decided }];
  if (decided.length > 0)
    parts.push(sql`(${newestMerged({ table: 'deliveries', condition: DECIDED, keys, partner }, page)})`);
  if (parts.length === 0) return sql`SELECT position FROM deliveries WHERE false`;
  return sql`SELECT position FROM (${sql.join(parts, sql` UNION ALL `)}) AS newest
    ORDER BY position DESC LIMIT ${page.limit + 1}`;
}

/** Statuses and outcomes that the filter admits; `delivered` stands for those without an outcome. */
function kindsOf({ status, outcome }: DeliveryFilter): readonly (DeliveryStatus | Outcome)[] {
  const ofStatus = KINDS.filter(([, of]) => status === undefined || of === status).map(([kind]) => kind);
  const wanted = outcome === 'open' ? 'delivered' : outcome;
  return wanted === undefined ? ofStatus : ofStatus.filter((kind) => kind === wanted);
}

/** Statuses and outcomes of deliveries, each with its status. */
const KINDS: readonly (readonly [DeliveryStatus | Outcome, DeliveryStatus])[] = [
  ...DELIVERY_STATUSES.map((status) => [status, status] as const),
  ...OUTCOMES.map((outcome) => [outcome, 'delivered'] as const),
];

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
