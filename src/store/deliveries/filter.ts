import { type Kysely, type RawBuilder, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import { type Outcome, OUTCOMES } from '../../domain/subject';
import { subjectsOfUser } from '../flows/of-user';
import { storedIdOf } from '../flows/stored-ids';
import { behind, newestMerged } from '../newest-merged';
import type { PageRequest } from '../pagination';
import { DECIDED, STATUS_OR_OUTCOME } from '../schema/indexes';
import { DELIVERY_STATUSES, type DeliveryStatus, type Tables } from '../schema/tables';
import { isWithin, type TimeWindow } from '../time-window';
import type { WindowRequest } from './window';

/** Filter of deliveries; an absent field admits all. The window is that of their reception. */
export interface DeliveryFilter extends TimeWindow {
  readonly status?: DeliveryStatus | undefined;
  /** Outcome, or `open` for what is delivered and has no outcome yet. */
  readonly outcome?: Outcome | 'open' | undefined;
  readonly partner?: Partner | undefined;
  readonly workflowId?: string | undefined;
  /** User of whose subjects they are. */
  readonly user?: string | undefined;
  readonly route?: string | undefined;
  readonly event?: string | undefined;
  /** True: those with side fields that could not be read; false: the others. */
  readonly unread?: boolean | undefined;
}

/** True for a filter that no index serves as a whole: what fits is sought in a window of time. */
export function isOfWindow({ since, until, route, event, workflowId, user }: DeliveryFilter): boolean {
  const isNamed = workflowId !== undefined || user !== undefined;
  return !isNamed && [since, until, route, event].some((value) => value !== undefined);
}

/** Request for the deliveries of a window; those of a rare kind are found by it rather than by their time. */
export function windowRequestOf(filter: DeliveryFilter): WindowRequest {
  const { since, until, status, outcome, partner, route, event, unread } = filter;
  const isAnything = [status, outcome, partner, route, event, unread].every((value) => value === undefined);
  const isRare = kindsOf(filter).every((kind) => kind !== 'applied');
  const within = unread === undefined ? sql`true` : withUnread(filter, null);
  return {
    window: { since, until },
    fits: isAnything ? null : sql`${matches({ status, outcome, partner, route, event })} AND ${within}`,
    among: isRare ? (page) => newestPositions({ status, outcome, partner }, page) : null,
  };
}

/** Condition on `kept_deliveries`, here `k`. */
export function matches({ status, outcome, partner, route, event, since, until }: DeliveryFilter): RawBuilder<boolean> {
  const equal = Object.entries({ status, partner, route, event }).flatMap(([name, value]) =>
    value === undefined ? [] : [sql`${sql.ref(`k.${name}`)} = ${value}`],
  );
  const ofOutcome = outcome === 'open' ? OPEN : sql`k.outcome = ${outcome}`;
  const all = [...equal, ...(outcome === undefined ? [] : [ofOutcome]), isWithin({ since, until }, sql`k.received_at`)];
  return sql<boolean>`(${sql.join(all, sql` AND `)})`;
}

const OPEN = sql`k.status = 'delivered' AND k.outcome IS NULL`;

/** Condition for deliveries with side fields that could not be read. Where nothing else is asked, only the newest of them. */
export function withUnread({ unread, ...others }: DeliveryFilter, page: PageRequest | null): RawBuilder<boolean> {
  if (unread !== true) return sql<boolean>`NOT EXISTS (SELECT FROM unread_fields u WHERE u.position = k.position)`;
  const isAlone = page !== null && Object.values(others).every((value) => value === undefined);
  const newest = isAlone ? sql`WHERE true${behind(page)} ORDER BY position DESC LIMIT ${page.limit + 1}` : sql``;
  return sql<boolean>`k.position IN (SELECT position FROM unread_fields ${newest})`;
}

/**
 * Positions of the deliveries on the page of one subject, or of all of a user's. The queue knows the subject of those that
 * wait, the rows of facts that of all others.
 */
export async function positionsOfSubjects(
  database: Kysely<Tables>,
  filter: DeliveryFilter,
  page: PageRequest,
): Promise<RawBuilder<unknown>> {
  const { workflowId, user } = filter;
  const ofOne = workflowId === undefined ? null : sql`${await storedIdOf(database, workflowId)}`;
  const ofUser = user === undefined ? null : sql`(${subjectsOfUser(user)})`;
  const of = (column: RawBuilder<unknown>) =>
    sql`${ofOne === null ? sql`true` : sql`${column} = ${ofOne}`} AND ${ofUser === null ? sql`true` : sql`${column} IN ${ofUser}`}`;
  const newest = sql` AND ${matches(filter)}${behind(page, sql`k.position`)} ORDER BY k.position DESC LIMIT ${page.limit + 1}`;
  // By the column of each table: of the view no index knows the workflow id.
  return sql`
    (SELECT k.position FROM deliveries k WHERE ${of(sql`k.workflow_id`)}${newest})
    UNION ALL
    (SELECT k.position FROM delivery_queue q JOIN kept_deliveries k ON k.position = q.position
     WHERE ${of(sql`q.workflow_id COLLATE "C"`)}${newest})`;
}

/**
 * Positions of the deliveries on the page. Few that fit may lie among millions that do not, so they are sought by
 * indexes: decided ones by partner and status or outcome, the others among those that wait.
 */
export function newestPositions(filter: DeliveryFilter, page: PageRequest): RawBuilder<unknown> {
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
