import * as t from 'io-ts';

import { writeJson } from '../../codecs/json';
import { EventName, ObjectId } from '../../codecs/primitives';
import { type Listing, type PartnerSweep, routeNamed, shownName, type SweepWindow, type SweptEvent } from '../sweep';
import { bitpandaEvents } from './events';

/** An event as the partner lists it: without the wrapper of its webhook, and with another word for the user. */
export const ListedEvent = t.type({ id: ObjectId, name: EventName, payload: t.UnknownRecord });
/** An event as the partner lists it. */
export type ListedEvent = t.TypeOf<typeof ListedEvent>;

/**
 * Webhooks of the listed events. The names are the partner's own (vendors.md §3.1); that the two of our deposits, which
 * stand in the list before the plans, are called so is assumed from their place, and so is the third version.
 */
const ROUTES: Readonly<Record<string, string>> = {
  'user.update': 'user-updates',
  'user.corporate-action': 'corporate-actions',
  'user.non-user-initiated-tx': 'non-user-initiated-transactions',
  'user.non-user-initiated-tx-v2': 'non-user-initiated-transactions-v2',
  'user.non-user-initiated-tx-v3': 'non-user-initiated-transactions-v3',
  'account.send-money': 'send-money',
  'account.send-money-success': 'send-money-success',
  'account.top-up': 'top-up-request',
  'account.top-up-request': 'top-up-request',
  'account.top-up-success': 'top-up-success',
  // It begins with an integer `fiat_id`: the first version.
  'user.savings-plan-notification': 'savings-plan-upcoming-trade',
};

/** These webhooks say `user_pid` where the list says `user_id`. */
const SAYS_USER_PID = ['user-updates', 'corporate-actions'];

const KNOWN_ROUTES: ReadonlySet<string> = new Set(bitpandaEvents.map(({ route }) => route));

/** Events as they are listed, and why there are more that were not read. */
export interface ListedEvents extends Pick<Listing, 'cutOff'> {
  readonly events: readonly ListedEvent[];
}

/** A listed event in the shape of its webhook; null for a name that no webhook has. */
function sweptEventOf({ name, payload }: ListedEvent): SweptEvent | null {
  const route = routeOf(name);
  return route === null ? null : { route, body: bodyOf(route, payload) };
}

/** Beside the partner's names those of the routes are taken, with the first word or without it. */
function routeOf(name: string): string | null {
  if (Object.hasOwn(ROUTES, name)) return ROUTES[name] ?? null;
  const guessed = routeNamed(shownName(name).replace(/^(?:user|account)\./, ''));
  return KNOWN_ROUTES.has(guessed) ? guessed : null;
}

function bodyOf(route: string, payload: ListedEvent['payload']): Buffer {
  const { user_id: userId, ...rest } = payload;
  const renamed = SAYS_USER_PID.includes(route) && userId !== undefined ? { user_pid: userId, ...rest } : payload;
  return Buffer.from(writeJson({ params: renamed }));
}

/**
 * Sweep over the events that Bitpanda has sent within a period, in the shape of its webhooks, and over its lists of
 * objects: not every webhook has a name in the list of events.
 */
export function createBitpandaSweep(
  readEvents: (from: string, to: string) => Promise<ListedEvents>,
  readObjects: (window: SweepWindow) => Promise<Listing> = () => Promise.resolve({ events: [] }),
): PartnerSweep {
  return async (window) => {
    const listed = await readEvents(window.from, window.to);
    const objects = await readObjects(window);
    const cutOff = listed.cutOff ?? objects.cutOff;
    const swept = listed.events.map((event) => ({ name: shownName(event.name), event: sweptEventOf(event) }));
    const unrouted = swept.flatMap(({ name, event }) => (event === null ? [name] : []));
    return {
      events: [...swept.flatMap(({ event }) => event ?? []), ...objects.events],
      ...(cutOff === undefined ? {} : { cutOff }),
      ...(unrouted.length === 0 ? {} : { unrouted }),
      ...(objects.lacking === undefined ? {} : { lacking: objects.lacking }),
    };
  };
}
