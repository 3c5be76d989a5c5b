import * as t from 'io-ts';

import type { Json } from '../kind';
import type { Announcement } from '../world';
import { EUR, SHARE } from './invented';

const PAGE_SIZE = 25;

/** Page of the events of a time window, oldest first; pages count from 1. */
export function listEvents(
  announcements: readonly Announcement[],
  query: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const [fromMs, toMs] = [timeOf(query.from, 0), timeOf(query.to, Infinity)];
  const page = Math.max(1, Number(query.page ?? 1) || 1);
  const within = announcements.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).flatMap(listed);
  const data = within.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  return { data, meta: { page, total: within.length }, next: within.length > page * PAGE_SIZE ? page + 1 : null };
}

function timeOf(text: unknown, otherwise: number): number {
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? otherwise : ms;
}

/**
 * Names of events by route, as the partner prints them (vendors.md §3.1); those of our deposits are assumed from their
 * place. The others have none: the list does not show them.
 */
const NAMES: Readonly<Record<string, string>> = {
  'user-updates': 'user.update',
  'corporate-actions': 'user.corporate-action',
  'non-user-initiated-transactions': 'user.non-user-initiated-tx',
  'non-user-initiated-transactions-v2': 'user.non-user-initiated-tx-v2',
  'send-money': 'account.send-money',
  'send-money-success': 'account.send-money-success',
  'top-up-request': 'account.top-up',
  'top-up-success': 'account.top-up-success',
  'savings-plan-upcoming-trade': 'user.savings-plan-notification',
  'savings-plan-upcoming-trade-v2': 'user.savings-plan-notification',
};

const Wrapped = t.type({ params: t.record(t.string, t.unknown) });

/** Content of a webhook within its wrapper. */
export function contentOf({ body }: Announcement): Json {
  return Wrapped.is(body) ? body.params : body;
}

/** Event as the partner lists it: without `params`, with `user_id` where the webhook has `user_pid`; plans with integers. */
function listed(announcement: Announcement): readonly Json[] {
  const { eventId, route, atMs } = announcement;
  const name = NAMES[route.replace('bitpanda/', '')];
  if (name === undefined) return [];
  const { user_pid: userPid, ...rest } = contentOf(announcement);
  const ids = name === 'user.savings-plan-notification' ? { fiat_id: EUR.int, asset_id: SHARE.int } : {};
  const payload = { ...rest, ...(userPid === undefined ? {} : { user_id: userPid }), ...ids };
  return [{ id: eventId, name, created_at: new Date(atMs).toISOString(), payload }];
}
