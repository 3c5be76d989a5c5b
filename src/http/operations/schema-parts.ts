import type { Schema } from './fields';

/** Any text. */
export const text: Schema = { type: 'string' };
/** A text or null. */
export const maybeText: Schema = { type: ['string', 'null'] };
/** A time, ISO 8601 UTC. */
export const time: Schema = { type: 'string', format: 'date-time' };
/** A time, ISO 8601 UTC, or null. */
export const maybeTime: Schema = { type: ['string', 'null'], format: 'date-time' };
/** A truth value. */
export const truth: Schema = { type: 'boolean' };
/** A number of things. */
export const count: Schema = { type: 'integer', minimum: 0 };
/** One of the words. */
export const word = (words: readonly string[]): Schema => ({ type: 'string', enum: words });
/** One of the words, or null. */
export const maybeWord = (words: readonly string[]): Schema => ({ type: ['string', 'null'], enum: [...words, null] });
/** A list of values of a schema. */
export const list = (items: Schema): Schema => ({ type: 'array', items });

/** An object of which every property is always present. */
export function whole(properties: Readonly<Record<string, Schema>>) {
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** A page of a listing. */
export function page(items: Schema): Schema {
  return whole({ items: list(items), next: { ...maybeText, description: 'Give it as `after` for the next page.' } });
}

/** A value of a schema, or null. */
export function maybe(one: Schema): Schema {
  return { oneOf: [one, { type: 'null' }] };
}
