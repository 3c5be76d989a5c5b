import { DatabaseError } from 'pg';

/**
 * SQLSTATE classes and codes that speak of the server or our set-up rather than of a statement: connection, resources,
 * shutdown, system, rights, and a database or table that does not exist yet because `partnerflow setup` has not run.
 */
const ABSENCE = /^(08|28|53|57|58|3D000|42P01|25006)/;

/** True when an error of the store means that the database is away, false when it means that a statement of ours is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return ABSENCE.test(error.code ?? '');
  // Whatever pg raises without the server's answer (a socket's error, a time-out) is away; these would be mistakes of our own.
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}
