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
}

/** List of a partner's events. */
export interface Listing {
  readonly events: readonly SweptEvent[];
  /** Why there is more that was not read; absent where this is all of it. */
  readonly cutOff?: string;
}

/** Lists what a partner says it has sent. Throws `ReadFailure`. */
export type PartnerSweep = (window: SweepWindow) => Promise<Listing>;
