import { ApplicationFailure } from '@temporalio/workflow';

/** The word of the table of failures by which an activity's failure is called. */
export function failureTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const inner = error.cause;
  return inner !== undefined &&
    inner !== null &&
    typeof inner === 'object' &&
    'type' in inner &&
    typeof inner.type === 'string'
    ? inner.type
    : 'no answer from the activity';
}

/** The sentence of an activity's failure. */
export function failureMessageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** The share by which what follows a failed read is to be put off, 0 to 1; 0 where the failure names none. */
export function spreadOf(error: unknown): number {
  const inner = error instanceof Error ? error.cause : undefined;
  const [details]: readonly unknown[] = inner instanceof ApplicationFailure ? (inner.details ?? []) : [];
  return typeof details === 'object' && details !== null && 'spread' in details && typeof details.spread === 'number'
    ? details.spread
    : 0;
}
