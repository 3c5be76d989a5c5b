import type Router from '@koa/router';
import * as t from 'io-ts';
import type { Context } from 'koa';

import type { Json } from '../kind';
import type { Announcement } from '../world';
import { contentOf } from './events';

/** List of objects, which shows what was told by webhook or should have been. */
interface ObjectList {
  readonly path: string;
  /** Routes of the webhooks of its objects. */
  readonly routes: readonly string[];
  readonly entry: (announcement: Announcement) => Json;
  readonly by: 'page' | 'cursor';
  /** Longest period that may be asked for, days; absent: any. */
  readonly mostDays?: number;
}

/** The lists of objects that the partner offers (vendors.md §3.1). */
const LISTS: readonly ObjectList[] = [
  {
    path: '/v1/trades/corporate-actions/search',
    routes: ['corporate-actions'],
    entry: corporateAction,
    by: 'page',
    mostDays: 31,
  },
  {
    path: '/v2/non-user-initiated-transactions',
    routes: ['', '-v2', '-v3'].map((version) => `non-user-initiated-transactions${version}`),
    entry: contentOf,
    by: 'page',
  },
  { path: '/v1/orders', routes: ['automated-orders'], entry: automatedOrder, by: 'cursor' },
];

/** Routes of the lists; `mayCall` answers what is not authorized. */
export function addListRoutes(
  router: Router,
  announcements: () => readonly Announcement[],
  mayCall: (context: Context) => boolean,
): void {
  for (const list of LISTS) {
    router.get(list.path, (context) => {
      if (mayCall(context)) answer(context, list, announcements());
    });
  }
}

const Details = t.partial({ type: t.unknown, type_defined_for: t.unknown, credited_at: t.unknown });

/** The webhook's type is called `action` here, and `type` is what the webhook holds in its details. */
function corporateAction(announcement: Announcement): Json {
  const { user_pid, type, time, additional_details: given, ...rest } = contentOf(announcement);
  const details = Details.is(given) ? given : {};
  return {
    ...rest,
    user_id: user_pid,
    action: type,
    type: details.type ?? 'payout',
    defined_for: details.type_defined_for ?? 'asset',
    credited_at: details.credited_at ?? time,
  };
}

function automatedOrder(announcement: Announcement): Json {
  const content = contentOf(announcement);
  return { id: content.trade_id, ...content };
}

const DAY_MS = 86_400_000;
const PAGE_SIZE = 25;

function answer(context: Context, list: ObjectList, announcements: readonly Announcement[]): void {
  const { query } = context;
  const [fromMs, toMs] = [Date.parse(String(query.date_start)), Date.parse(String(query.date_end))];
  const isTooLong = toMs - fromMs > (list.mostDays ?? Infinity) * DAY_MS;
  if (Number.isNaN(fromMs) || Number.isNaN(toMs) || isTooLong) {
    context.status = 400;
    context.body = { message: 'date_start and date_end are needed, in a period that is allowed' };
    return;
  }
  const within = announcements
    .filter(({ route, atMs }) => list.routes.includes(route.replace('bitpanda/', '')) && atMs >= fromMs && atMs <= toMs)
    .map(list.entry);
  const entries = [...new Map(within.map((entry) => [entry.id, entry])).values()];
  const start = list.by === 'page' ? (Number(query.page) - 1) * PAGE_SIZE : afterCursor(entries, query.cursor);
  context.body = { data: entries.slice(start, start + PAGE_SIZE) };
}

function afterCursor(entries: readonly Json[], cursor: unknown): number {
  return cursor === undefined ? 0 : entries.findIndex(({ id }) => id === cursor) + 1 || entries.length;
}
