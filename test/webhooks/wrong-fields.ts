import type { BodyField } from '../../src/codecs/body-fields';
import type { PartnerEvent } from '../../src/partners/event';
import { MODULES } from '../support/partners';
import type { ExpectedFixture } from './fixture-table';

/** The event of a printed webhook, as the registry holds it. */
export function eventOf({ partner, event }: Pick<ExpectedFixture, 'partner' | 'event'>): PartnerEvent {
  const found = MODULES[partner].events.find((one) => one.event === event);
  if (found === undefined) throw new Error(`${partner} has no ${event}`);
  return found;
}

/** A place in a body, and the field that it is. */
export interface Place {
  readonly path: string;
  readonly field: BodyField;
}

/** A value that no codec of the field takes. */
function wrongFor({ holds, expected }: BodyField): unknown {
  return holds === 'fields' || expected === 'an object' ? 'wrong' : { wrong: true };
}

/** The body with a wrong value in each of the places; those that are inside another one are gone with it. */
export function withWrong(body: unknown, places: readonly Place[]): unknown {
  return places.reduce((changed, { path, field }) => put(changed, path.split('.'), wrongFor(field)), body);
}

function put(at: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(at)) return at.map((one, index): unknown => (String(index) === key ? put(one, rest, value) : one));
  if (typeof at !== 'object' || at === null) return at;
  const inner: unknown = Object.entries(at).find(([name]) => name === key)?.[1];
  return { ...at, [key]: put(inner, rest, value) };
}

/**
 * All places of a field in a body: one for each entry of the lists that it is in. A place that the body does not have is
 * one too, where the object that would hold it is there.
 */
export function placesOf(body: unknown, field: BodyField): readonly Place[] {
  const keys = field.path.split('.').flatMap((key) => (key.endsWith('[]') ? [key.slice(0, -2), '[]'] : [key]));
  return placesAt(body, keys, []).map((path) => ({ path: path.join('.'), field }));
}

function placesAt(at: unknown, [key, ...rest]: readonly string[], before: readonly string[]): readonly string[][] {
  if (key === undefined) return [[...before]];
  if (key === '[]') {
    const entries: readonly unknown[] = Array.isArray(at) ? at : [];
    return entries.flatMap((one, index) => placesAt(one, rest, [...before, String(index)]));
  }
  if (typeof at !== 'object' || at === null || Array.isArray(at)) return [];
  const inner: unknown = Object.entries(at).find(([name]) => name === key)?.[1];
  return placesAt(inner, rest, [...before, key]);
}

/** Places of all fields of a weight that are not inside another of the same weight. */
export function placesOfWeight(body: unknown, event: PartnerEvent, weight: BodyField['weight']): readonly Place[] {
  return event.fields.filter((field) => field.weight === weight).flatMap((field) => placesOf(body, field));
}
