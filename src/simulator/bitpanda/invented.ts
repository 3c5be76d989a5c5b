import { v5 as uuidFrom } from 'uuid';

import type { WebhookContent, SimulatedObject } from '../kind';

const NAMESPACE = '7c1f0d2e-94b6-5b7a-8a53-3d7f1c0b6a44';

/** Id derived from words alone, so that a run is reproducible. */
export function inventedId(...words: readonly (string | number)[]): string {
  return uuidFrom(words.join(' '), NAMESPACE);
}

/** User that an object belongs to; several objects belong to one, as in reality. */
export function userIdOf({ number }: SimulatedObject): string {
  return inventedId('user', number % 7);
}

/** Euro. Assets and fiats have two ids: integers in the oldest webhooks, UUIDs in the others (vendors.md §3.1). */
export const EUR = { int: 1, uuid: inventedId('fiat EUR'), symbol: 'EUR' };
/** Share that is spun off, split or sold. */
export const SHARE = { int: 5, uuid: inventedId('asset SHARE'), symbol: 'SHR' };
/** Share that holders of SHARE receive when it is spun off. */
export const SPIN_OFF = { int: 6, uuid: inventedId('asset SPIN-OFF'), symbol: 'SPN' };

/** Time at which the object took the named status; ISO 8601 UTC. */
export function since(object: SimulatedObject, content: WebhookContent): string {
  return object.history.findLast(({ state }) => state === content.status)?.at ?? content.at;
}

/** Time at which the object took the named status; unix seconds. */
export function secondsSince(object: SimulatedObject, content: WebhookContent): number {
  return Math.floor(Date.parse(since(object, content)) / 1000);
}
