import { isPlainText } from './plain-text';
import type { Problem } from './problem';

/** Request of an operator to a flow by an Update; `rewrite` is that of `reconcile`. */
export type OperatorKind = 'refetch' | 'extend' | 'resolve' | 'rewrite';

/** The most more time a partner is given at once: longer is a slip of the hand. */
export const LONGEST_EXTENSION_SECONDS = 366 * 86_400;
/** Largest number of characters of a reason. */
export const LONGEST_REASON = 500;
/** Largest number of characters of a name. */
export const LONGEST_NAME = 200;
/** Results that a resolution may name. */
export const RESULTS = ['done', 'failed'] as const;

/** Problem with the value of one field; null where there is none. */
type Check = (value: unknown) => string | null;

/** Rule for the text of a field: line breaks belong into a reason, not into a name. */
function text(longest: number, breaks: 'one line' | 'lines'): Check {
  const expected = `a text of 1 to ${longest} characters without control characters`;
  return (value) =>
    typeof value === 'string' && value.trim() !== '' && isPlainText(value, longest, breaks) ? null : expected;
}

const seconds: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= LONGEST_EXTENSION_SECONDS
    ? null
    : `a number above 0, at most ${LONGEST_EXTENSION_SECONDS}`;

const result: Check = (value) => (RESULTS.some((word) => word === value) ? null : `one of ${RESULTS.join(', ')}`);

const COMMON: Readonly<Record<string, Check>> = {
  by: text(LONGEST_NAME, 'one line'),
  reason: text(LONGEST_REASON, 'lines'),
};

const CHECKS: Readonly<Record<OperatorKind, Readonly<Record<string, Check>>>> = {
  refetch: COMMON,
  extend: { ...COMMON, seconds },
  resolve: { ...COMMON, result },
  rewrite: COMMON,
};

/** Kind of a value, without quoting it: a reason may hold anything. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}

/**
 * Problem with an operator's request; null where there is none. Any value reaches a flow, also one typed into the
 * Temporal Web UI: a field of the wrong kind would otherwise be found only after it is in the history. The operator
 * must be named: an anonymous request is no operator's action.
 */
export function problemOfRequest(kind: OperatorKind, request: unknown): Problem | null {
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return { path: 'request', expected: 'an object', found: kindOf(request) };
  const checks = CHECKS[kind];
  const fields = new Map<string, unknown>(Object.entries(request));
  const unknown = [...fields.keys()].find((name) => checks[name] === undefined);
  if (unknown !== undefined) {
    const expected = `only ${Object.keys(checks).join(', ')}`;
    return { path: unknown.slice(0, 100), expected, found: 'an unknown name' };
  }
  for (const [path, check] of Object.entries(checks)) {
    const expected = check(fields.get(path));
    if (expected !== null) return { path, expected, found: kindOf(fields.get(path)) };
  }
  return null;
}
