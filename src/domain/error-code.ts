/**
 * The word for an error in a log: the code of the system, of PostgreSQL or of a library, else the kind of error. Never
 * its text, which may quote an address with a token in it, or what was read.
 */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
}
