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
