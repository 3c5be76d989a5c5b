import * as t from 'io-ts';

import type { Announcement } from '../world';

const PAGE_SIZE = 25;

/** Page of the events of a time window, oldest first; pages count from 1. */
export function listEvents(
  announcements: readonly Announcement[],
  query: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const [fromMs, toMs] = [timeOf(query.from, 0), timeOf(query.to, Infinity)];
  const page = Math.max(1, Number(query.page ?? 1) || 1);
  const within = announcements.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const data = within.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(listed);
  return { data, meta: { page, total: within.length }, next: within.length > page * PAGE_SIZE ? page + 1 : null };
}

function timeOf(text: unknown, otherwise: number): number {
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? otherwise : ms;
}

const Wrapped = t.type({ params: t.record(t.string, t.unknown) });

/**
 * Names of events by route. Three are documented (vendors.md §3.1); that the others are those of the routes is
 * assumed.
 */
const NAMES: Readonly<Record<string, string>> = {
  'user-updates': 'user.update',
  'corporate-actions': 'user.corporate-action',
  'non-user-initiated-transactions': 'user.non-user-initiated-tx',
  'non-user-initiated-transactions-v2': 'user.non-user-initiated-tx-v2',
};

/**
 * Event as the partner lists it: without `params`, and with `user_id` where the webhook has `user_pid` (vendors.md
 * §3.1).
 */
function listed({ eventId, route, body, atMs }: Announcement): Readonly<Record<string, unknown>> {
  const notification = route.replace('bitpanda/', '');
  const content = Wrapped.is(body) ? body.params : body;
  const renamed = Object.entries(content).map(([name, value]) => [name === 'user_pid' ? 'user_id' : name, value]);
  return {
    id: eventId,
    name: NAMES[notification] ?? notification,
    created_at: new Date(atMs).toISOString(),
    payload: Object.fromEntries(renamed),
  };
}
