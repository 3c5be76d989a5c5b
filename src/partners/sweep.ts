import { isProse } from '../codecs/decode';

/** Stands for the name of an event that has none a machine would use. */
export const UNNAMED = 'unnamed';

/** A listed event's name where it may be shown: its route stands in every list, and a sentence may name a person. */
export function shownName(name: string): string {
  return isProse(name) ? UNNAMED : name;
}

/** The last segment of the path that a webhook of this name would have, where none is documented. */
export function routeNamed(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9.~-]/g, '-')
    .slice(0, 100);
}

/** One event that a partner lists as having been sent, in the shape of its webhook. */
export interface SweptEvent {
  /** The last segment of the webhook's path. */
  readonly route: string;
  readonly body: Buffer;
}

/** The stretch of time a sweep looks at, ISO 8601 UTC; a partner that lists only what was missed ignores it. */
export interface SweepWindow {
  readonly from: string;
  readonly to: string;
  /** Nothing but movements is asked for. */
  readonly movementsOnly?: boolean;
}

/** List beside that of the events which cannot be had: what only it shows is not recovered. */
export interface LackingList {
  /** The partner's word for it, as in the variable of paths. */
  readonly list: string;
  readonly why: string;
  /** True where the partner has no such path: not every partner offers all of its lists to everybody. */
  readonly isAbsent: boolean;
}

/** List of a partner's events. */
export interface Listing {
  readonly events: readonly SweptEvent[];
  /** Why there is more that was not read; absent where this is all of it. */
  readonly cutOff?: string;
  /** Names of listed events that belong to no webhook, as often as they are listed: counted and told, never kept. */
  readonly unrouted?: readonly string[];
  readonly lacking?: readonly LackingList[];
}

/** Lists what a partner says it has sent. Throws `ReadFailure`. */
export type PartnerSweep = (window: SweepWindow) => Promise<Listing>;
