import * as t from 'io-ts';

import { parseJson, writeJson } from '../../codecs/json';
import { EventName, ObjectId } from '../../codecs/primitives';
import { decodeAnswer, type PartnerAnswer } from '../http-client';
import { type Listing, type PartnerSweep, routeNamed, shownName } from '../sweep';

/** An event as the partner lists it: without the wrapper of its webhook, and with another word for the user. */
export interface ListedEvent {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Events as they are listed, and why there are more that were not read. */
export interface ListedEvents extends Pick<Listing, 'cutOff'> {
  readonly events: readonly ListedEvent[];
}

const Page = t.type({ data: t.array(t.type({ id: ObjectId, name: EventName, payload: t.UnknownRecord })) });

/** A list that never ends must not keep a sweep for ever; the next would be cut off at the same place, so it is said. */
const MOST_PAGES = 200;

/** A page of the list, from the first of the paths that is there. */
async function pageAt(
  get: (path: string) => Promise<PartnerAnswer>,
  paths: readonly string[],
  query: string,
): Promise<PartnerAnswer> {
  const [path = '', ...others] = paths;
  const answer = await get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
  return answer.statusCode === 404 && others.length > 0 ? pageAt(get, others, query) : answer;
}

/** All events of a stretch of time. The names of the parameters are assumed (MAPPING.md); a page that brings nothing new is the last. */
export async function eventsOf(
  get: (path: string) => Promise<PartnerAnswer>,
  paths: readonly string[],
  from: string,
  to: string,
): Promise<ListedEvents> {
  const events = new Map<string, ListedEvent>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ from, to, page: String(page) }).toString();
    const { data } = decodeAnswer(Page, await pageAt(get, paths, query), 'the events', parseJson);
    // A server that knows no pages gives the same one again and again.
    const fresh = data.filter(({ id }) => !events.has(id));
    if (fresh.length === 0) return { events: [...events.values()] };
    for (const one of fresh) events.set(one.id, one);
  }
  return { events: [...events.values()], cutOff: `after ${MOST_PAGES} pages the list had not ended` };
}

/** Webhooks of the listed events; three names are documented (vendors.md §3.1), the others follow the routes. */
const ROUTES: Readonly<Record<string, string>> = {
  'user.update': 'user-updates',
  'user.corporate-action': 'corporate-actions',
  'user.non-user-initiated-tx': 'non-user-initiated-transactions',
  'user.non-user-initiated-tx-v2': 'non-user-initiated-transactions-v2',
  'user.non-user-initiated-tx-v3': 'non-user-initiated-transactions-v3',
};

/** These webhooks say `user_pid` where the list says `user_id`. */
const SAYS_USER_PID = ['user-updates', 'corporate-actions'];

function routeOf(name: string): string {
  return ROUTES[name] ?? routeNamed(shownName(name).replace(/^user\./, ''));
}

function bodyOf(route: string, payload: ListedEvent['payload']): Buffer {
  const { user_id: userId, ...rest } = payload;
  const renamed = SAYS_USER_PID.includes(route) && userId !== undefined ? { user_pid: userId, ...rest } : payload;
  return Buffer.from(writeJson({ params: renamed }));
}

/** Sweep over the events that Bitpanda has sent within a period, in the shape of its webhooks. */
export function createBitpandaSweep(readEvents: (from: string, to: string) => Promise<ListedEvents>): PartnerSweep {
  return async ({ from, to }) => {
    const listed = await readEvents(from, to);
    const events = listed.events.map(({ name, payload }) => {
      const route = routeOf(name);
      return { route, body: bodyOf(route, payload) };
    });
    return { ...listed, events };
  };
}
