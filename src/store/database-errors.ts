import { DatabaseError } from 'pg';

/**
 * SQLSTATE classes and codes that concern the server or its set-up rather than a statement: connection, resources,
 * shutdown, system, rights, and a database or table that does not exist because `partnerflow setup` has not run.
 */
const DATABASE_AWAY = /^(08|28|53|57|58|3D000|42P01|25006)/;

/** True when an error of the store means that the database is away, false when it means that a statement is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return DATABASE_AWAY.test(error.code ?? '');
  // Errors that pg raises without the server's answer (of a socket, a time-out) mean "away"; these three are programming errors.
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}

/** SQLSTATE classes by which the server refuses a statement for the values it holds. */
const REFUSED_VALUE = /^(21|22|23|44|54)/;

/**
 * Code of an error that concerns the values of a statement alone: SQLSTATE, or the name of the error by which they
 * could not even be sent; null for every other error. The same again is refused again.
 */
export function refusalCode(error: unknown): string | null {
  if (error instanceof DatabaseError) return REFUSED_VALUE.test(error.code ?? '') ? (error.code ?? null) : null;
  return error instanceof TypeError || error instanceof RangeError ? error.name : null;
}

const SOCKET = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)/;

/**
 * Sentence for the command line about a store that could not be used: the server concerned and, where it is known,
 * the remedy. For errors of which `isDatabaseAway` is true.
 */
export function sentenceOfDatabaseError(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (error instanceof DatabaseError) {
    const remedy =
      error.code === '42P01' || error.code === '3D000' ? '. Has partnerflow setup run on DATABASE_URL?' : '';
    return `PostgreSQL cannot be used: ${message}${remedy}`;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!SOCKET.test(code)) return `Could not be done: ${message}`;
  // A name of several addresses, such as localhost, fails with an error for each of them and an empty message.
  const tried = error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : message;
  return `PostgreSQL is away: ${tried}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
