import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';

import type { Execution } from '../../domain/notification';
import { FOLLOWED_LIFECYCLES, type Lifecycle } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import type { Recurrence } from '../../domain/lifecycles/savings-plan/recurrence';
import type { End, Finding, FindingKind, Outcome } from '../../domain/subject';
import { actionsOf, type ShownAction } from '../audit';
import { type FlowMovement, movementsOfTransaction } from '../ledger/flow-movements';
import { type Encryption, IN_CLEAR } from '../encryption';
import { newestMerged } from '../newest-merged';
import { newestFirst, type Page, type PageRequest } from '../pagination';
import { ENDED_FLOWS } from '../schema/indexes';
import type { SubjectsTable, Tables } from '../schema/tables';
import { isWithin, type TimeWindow } from '../time-window';
import { loadReadableDetails } from './details';
import { subjectsOfUser } from './of-user';
import { type ShownDetails, shownDetails } from './shown-details';
import { storedIdOf } from './stored-ids';
import { flowsInWindow } from './window';

/** Flow as an operator sees it, from the store alone: correct also with every worker down. */
export interface FlowItem {
  readonly workflowId: string;
  /** Workflow type, or `recorded` where nothing is owed. */
  readonly lifecycle: Lifecycle;
  readonly partner: Partner;
  readonly objectId: string;
  /** Partner's own word; null while nothing has come. */
  readonly state: string | null;
  readonly waitingFor: readonly string[];
  readonly since: string | null;
  readonly dueAt: string | null;
  readonly overdue: boolean;
  readonly finding: FindingKind | null;
  readonly open: boolean;
  readonly asOf: string;
  /** Address in the Temporal Web UI; null where no UI is configured. */
  readonly url: string | null;
}

/** Effect of one delivery on a flow; the deliveries of all runs are listed. */
export interface FlowNotification {
  readonly deliveryId: string;
  readonly event: string | null;
  readonly outcome: Outcome | null;
  readonly at: string;
}

/** Flow with its notifications, findings and end. */
export interface FlowDetail extends FlowItem, ShownDetails {
  readonly notifications: readonly FlowNotification[];
  readonly findings: readonly Finding[];
  readonly end: End | null;
  /** Actions of operators on it, oldest first: who, when, why. */
  readonly operatorActions: readonly ShownAction[];
  readonly executions: readonly Execution[];
  /** Recurrences of a savings plan; empty for everything else. */
  readonly recurrences: readonly RecurrenceItem[];
  /** Movements booked by a transaction that is only recorded, with fees; a corporate action shows its own. */
  readonly movements: readonly FlowMovement[];
  /** Result of the last read of the object; null while it has not been read. */
  readonly lastReading: Selectable<SubjectsTable>['last_reading'];
}

/** Recurrence of a savings plan as it is shown. */
export type RecurrenceItem = Pick<Recurrence, 'transactionId' | 'state' | 'deadline' | 'decision' | 'confirmedAt'>;

/** Filter of flows; an absent field admits all. The window is that of the time since which they are in their state. */
export interface FlowFilter extends TimeWindow {
  /** State of the flow; absent: open ones. */
  readonly open?: boolean | undefined;
  readonly overdue?: boolean | undefined;
  readonly partner?: Partner | undefined;
  readonly lifecycle?: Lifecycle | undefined;
  /** User whom they concern. */
  readonly user?: string | undefined;
  /** Route of one of their deliveries. */
  readonly route?: string | undefined;
  /** Event of one of their deliveries. */
  readonly event?: string | undefined;
}

/** Address of a workflow in the Temporal Web UI; null where there is no UI. */
export type FlowLink = (workflowId: string) => string | null;

/** Links into the Temporal Web UI at the given address; null for every flow where there is none. */
export function createFlowLink(uiUrl: string | null, namespace: string): FlowLink {
  if (uiUrl === null) return () => null;
  const workflows = `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return (workflowId) => `${workflows}/${encodeURIComponent(workflowId)}`;
}

/** Columns that a flow is shown from. */
export const FLOW_COLUMNS = [
  'position',
  'workflow_id',
  'lifecycle',
  'partner',
  'object_id',
  'state',
  'waiting_for',
  'since',
  'due_at',
  'overdue',
  'finding',
  'open',
  'version',
  'as_of',
  'followed_in',
] as const;

/** Row that a flow is shown from. */
export type FlowRow = Pick<Selectable<SubjectsTable>, (typeof FLOW_COLUMNS)[number]>;

/** Flow of a row, as it is shown. */
export function flowItemOf(row: FlowRow, link: FlowLink): FlowItem {
  const { lifecycle, partner, state, overdue, finding, open } = row;
  return {
    workflowId: row.workflow_id,
    lifecycle,
    partner,
    objectId: row.object_id,
    state,
    waitingFor: isUnwritten(row) ? ['notification'] : row.waiting_for,
    since: row.since?.toISOString() ?? null,
    dueAt: row.due_at?.toISOString() ?? null,
    overdue,
    finding,
    open,
    asOf: row.as_of.toISOString(),
    url: lifecycle === 'recorded' ? null : link(row.followed_in ?? row.workflow_id),
  };
}

/** True when dispatch has signalled the flow, and no flow has written yet: it is busy with its first notification. */
function isUnwritten({ version, open, lifecycle, waiting_for }: FlowRow): boolean {
  return version === 0 && open && lifecycle !== 'recorded' && waiting_for.length === 0;
}

/**
 * Page of flows, the newest first; a recorded subject waits for nothing and is not listed. One of a window, a route or an
 * event begins with the newest state, may hold fewer than its limit, and goes on by cursors of its own.
 */
export async function listFlows(
  database: Kysely<Tables>,
  filter: FlowFilter,
  page: PageRequest,
  link: FlowLink,
): Promise<Page<FlowItem>> {
  if (isOfWindow(filter)) {
    const { items, next } = await flowsInWindow(database, filter, matches(filter), page);
    const rows = await database
      .selectFrom('subjects')
      .select(FLOW_COLUMNS)
      .where('position', '=', sql<string>`ANY (${[...items]}::bigint[])`)
      .orderBy(sql`array_position(${[...items]}::bigint[], position)`)
      .execute();
    return { items: rows.map((row) => flowItemOf(row, link)), next };
  }
  const { user } = filter;
  let query = database.selectFrom('subjects as s').select(FLOW_COLUMNS).where(matches(filter));
  if (user !== undefined) query = query.where(sql<boolean>`s.workflow_id IN (${subjectsOfUser(user)})`);
  else if (filter.open === false) query = query.where(sql<boolean>`s.position IN (${newestEnded(filter, page)})`);
  return newestFirst(query, page, (row) => flowItemOf(row, link));
}

/** True for a filter by which flows are sought in a window of time, with cursors of its own. */
export function isOfWindow({ since, until, route, event, user }: FlowFilter): boolean {
  return user === undefined && [since, until, route, event].some((value) => value !== undefined);
}

/** Condition on `subjects`, here `s`. */
function matches({
  open = true,
  overdue,
  partner,
  lifecycle,
  route,
  event,
  ...window
}: FlowFilter): RawBuilder<boolean> {
  const equal = Object.entries({ open, overdue, partner, lifecycle }).flatMap(([name, value]) =>
    value === undefined ? [] : [sql`${sql.ref(`s.${name}`)} = ${value}`],
  );
  const ofRoute = route === undefined ? sql`` : sql` AND d.route = ${route}`;
  const ofEvent = event === undefined ? sql`` : sql` AND d.event = ${event}`;
  // A scalar, which the database looks up for each flow: as EXISTS it may be joined with all that was ever kept.
  const told = sql`(SELECT true FROM deliveries d WHERE d.workflow_id = s.workflow_id${ofRoute}${ofEvent} LIMIT 1)`;
  const ofDelivery = route === undefined && event === undefined ? [] : [told];
  const within = isWithin(window, sql`coalesce(s.since, s.as_of)`);
  return sql<boolean>`(${sql.join([...equal, sql`s.lifecycle <> 'recorded'`, ...ofDelivery, within], sql` AND `)})`;
}

/** Flows of workflow ids as they are stored, recorded ones too, in that order; unknown ones are left out. */
export async function flowsOf(
  database: Kysely<Tables>,
  workflowIds: readonly string[],
  link: FlowLink,
): Promise<readonly FlowItem[]> {
  if (workflowIds.length === 0) return [];
  const wanted = sql<string>`${[...workflowIds]}::text[]`;
  const rows = await database
    .selectFrom('subjects')
    .select(FLOW_COLUMNS)
    .where('workflow_id', '=', sql<string>`ANY (${wanted})`)
    .orderBy(sql`array_position(${wanted}, workflow_id)`)
    .execute();
  return rows.map((row) => flowItemOf(row, link));
}

/** Positions of the ended flows on the page: few that fit may lie among millions that do not. */
function newestEnded({ partner, lifecycle, overdue }: FlowFilter, page: PageRequest): RawBuilder<unknown> {
  const keys = [
    { of: 'lifecycle', values: lifecycle === undefined ? FOLLOWED_LIFECYCLES : [lifecycle] },
    { of: 'overdue', values: overdue === undefined ? [false, true] : [overdue] },
  ];
  return newestMerged({ table: 'subjects', condition: ENDED_FLOWS, keys, partner }, page);
}

/** Flow, open, ended or recorded, with its notifications, findings and end; null for an id that is not known. */
export async function loadFlow(
  database: Kysely<Tables>,
  requestedId: string,
  link: FlowLink,
  encryption: Encryption = IN_CLEAR,
): Promise<FlowDetail | null> {
  const workflowId = await storedIdOf(database, requestedId);
  // PostgreSQL refuses a text with a NUL; no workflow id holds one.
  if (workflowId.includes('\0')) return null;
  const row = await database
    .selectFrom('subjects')
    .select([...FLOW_COLUMNS, 'subject', 'last_reading'])
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const notifications = await notificationsOf(database, workflowId);
  const item = flowItemOf(row, link);
  const details = (await loadReadableDetails(database, encryption, [workflowId])).get(workflowId) ?? {};
  return {
    ...item,
    ...shownDetails(details, row.subject),
    notifications,
    findings: row.subject?.findings ?? [],
    end: row.subject?.end ?? null,
    operatorActions: await actionsOf(database, workflowId),
    executions: row.subject?.executions ?? [],
    recurrences: (row.subject?.recurrences ?? []).map(recurrenceItem),
    movements: item.lifecycle === 'recorded' ? await movementsOfTransaction(database, item.partner, item.objectId) : [],
    lastReading: row.last_reading,
  };
}

/**
 * Number of notifications shown: a partner that sends very many must not make an answer endless, and the newest are
 * the ones an operator looks for.
 */
const MOST_NOTIFICATIONS = 1_000;

async function notificationsOf(database: Kysely<Tables>, workflowId: string): Promise<readonly FlowNotification[]> {
  const rows = await database
    .selectFrom('deliveries')
    .select(['id', 'event', 'outcome', 'received_at'])
    .where('workflow_id', '=', workflowId)
    .where('status', '=', 'delivered')
    .orderBy('position', 'desc')
    .limit(MOST_NOTIFICATIONS)
    .execute();
  return rows
    .reverse()
    .map(({ id, event, outcome, received_at }) => ({ deliveryId: id, event, outcome, at: received_at.toISOString() }));
}

function recurrenceItem({ transactionId, state, deadline, decision, confirmedAt }: Recurrence): RecurrenceItem {
  return { transactionId, state, deadline, decision, confirmedAt };
}
