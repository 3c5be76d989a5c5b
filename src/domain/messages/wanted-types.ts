import { OUTGOING_TYPES } from '../outgoing';

/** Types that are pushed where no receiver says otherwise. */
export const DEFAULT_TYPES: readonly string[] = OUTGOING_TYPES.filter((type) => type !== 'alert.raised');

/** A type, `<object>.*` for all of an object, or `*` for every one. */
export const TYPE_PATTERN = /^(\*|[a-z0-9-]+\.(\*|[a-z0-9-]+))$/;

/** True for a type that is sent to our own backend. Alerts have a receiver of their own. */
export function isPushed(patterns: readonly string[], type: string): boolean {
  return type !== 'alert.raised' && isWanted(patterns, type);
}

/** True for a type that one of the patterns names. */
export function isWanted(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => pattern === '*' || pattern === type || isOfObject(pattern, type));
}

function isOfObject(pattern: string, type: string): boolean {
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1));
}
