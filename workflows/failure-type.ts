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
