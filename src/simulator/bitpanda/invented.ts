import { v5 as uuidFrom } from 'uuid';

import type { Saying, SimulatedObject } from '../kind';

const OURS = '7c1f0d2e-94b6-5b7a-8a53-3d7f1c0b6a44';

/** An id that follows from words alone, so that a run can be read. */
export function inventedId(...words: readonly (string | number)[]): string {
  return uuidFrom(words.join(' '), OURS);
}

/** The user an object belongs to; several objects belong to one, as in life. */
export function userIdOf({ number }: SimulatedObject): string {
  return inventedId('user', number % 7);
}

/** Assets and fiats have two ids: integers in the oldest webhooks, UUIDs in the others (vendors.md §3.1). */
export const EUR = { int: 1, uuid: inventedId('fiat EUR'), symbol: 'EUR' };
export const SHARE = { int: 5, uuid: inventedId('asset SHARE'), symbol: 'SHR' };
/** What holders of SHARE receive when it is spun off. */
export const SPIN_OFF = { int: 6, uuid: inventedId('asset SPIN-OFF'), symbol: 'SPN' };

/** When the object took the status that is named; ISO 8601 UTC. */
export function since(object: SimulatedObject, saying: Saying): string {
  return object.history.findLast(({ state }) => state === saying.status)?.at ?? saying.at;
}

/** The same in unix seconds. */
export function secondsSince(object: SimulatedObject, saying: Saying): number {
  return Math.floor(Date.parse(since(object, saying)) / 1000);
}

/** What all bodies are wrapped in. */
export function params(content: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { params: content };
}
