import { DatabaseError } from 'pg';

/**
 * SQLSTATE classes and codes that speak of the server or our set-up rather than of a statement: connection, resources,
 * shutdown, system, rights, and a database or table that does not exist yet because `partnerflow setup` has not run.
 */
const DATABASE_AWAY = /^(08|28|53|57|58|3D000|42P01|25006)/;

/** True when an error of the store means that the database is away, false when it means that a statement of ours is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return DATABASE_AWAY.test(error.code ?? '');
  // Whatever pg raises without the server's answer (a socket's error, a time-out) is away; these would be mistakes of our own.
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}

const SOCKET = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)/;

/**
 * What an operator is told at the command line of a store that could not be used: which server, and what mends it
 * where we know. For errors of which `isDatabaseAway` is true.
 */
export function sentenceOfDatabaseError(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (error instanceof DatabaseError) {
    const mending =
      error.code === '42P01' || error.code === '3D000' ? '. Has partnerflow setup run on DATABASE_URL?' : '';
    return `PostgreSQL cannot be used: ${message}${mending}`;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!SOCKET.test(code)) return `Could not be done: ${message}`;
  // A name of several addresses, such as localhost, fails with an error for each of them and no words of its own.
  const tried = error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : message;
  return `PostgreSQL is away: ${tried}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
