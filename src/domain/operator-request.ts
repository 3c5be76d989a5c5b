import { charactersIn, firstCharacters, isPlainText } from './plain-text';
import type { Problem } from './problem';

/** The name of what an operator may ask of a flow by an Update; `rewrite` is what `reconcile` asks. */
export type OperatorKind = 'refetch' | 'extend' | 'resolve' | 'rewrite';

/** The most time a partner is given at once, in seconds: more is a mistyped number. */
export const LONGEST_EXTENSION_SECONDS = 366 * 86_400;
/** The most characters of an operator's reason. */
export const LONGEST_REASON = 500;
/** The most characters of an operator's name. */
export const LONGEST_NAME = 200;
/** The results as which an operator may end a flow. */
export const RESULTS = ['done', 'failed'] as const;

/** The check of a field's value: what was expected of a wrong one, null for a right one. */
type Check = (value: unknown) => string | null;

/** The check of a text: line breaks belong into a reason, not into a name. */
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

/** The kind of a value, without quoting it: a reason may hold anything. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `a text of ${charactersIn(value)} characters`;
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}

/**
 * The problem of an operator's request; null where there is none. Everything reaches a flow, also what somebody typed
 * into the Temporal Web UI: a field of the wrong kind would otherwise be found out after it stands in the history. Who
 * asks must be named: an action of nobody is no operator's.
 */
export function problemOfRequest(kind: OperatorKind, request: unknown): Problem | null {
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return { path: 'request', expected: 'an object', found: kindOf(request) };
  const checks = CHECKS[kind];
  const fields = new Map<string, unknown>(Object.entries(request));
  const unknown = [...fields.keys()].find((name) => checks[name] === undefined);
  if (unknown !== undefined) {
    const expected = `only ${Object.keys(checks).join(', ')}`;
    return { path: firstCharacters(unknown, 100), expected, found: 'an unknown name' };
  }
  for (const [path, check] of Object.entries(checks)) {
    const expected = check(fields.get(path));
    if (expected !== null) return { path, expected, found: kindOf(fields.get(path)) };
  }
  return null;
}
