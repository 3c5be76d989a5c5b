import { ConstantBackoff, handleWhen, retry } from 'cockatiel';

import { errorCode } from '../domain/error-code';

/**
 * Rows in the order of their names, for a statement that locks several until its transaction ends. Two transactions
 * that lock the same rows, each in its order of arrival, would wait for each other, and PostgreSQL would end one of
 * them. Rows of one name keep their order.
 */
export function inLockOrder<T>(rows: readonly T[], nameOf: (row: T) => string): readonly T[] {
  const named = rows.map((row) => ({ row, name: nameOf(row) }));
  named.sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
  return named.map(({ row }) => row);
}

/** SQLSTATEs of a lock that was not to be had in time, and of transactions that wait for each other. */
const LOCKED: readonly string[] = ['55P03', '40P01'];

/**
 * Repetition, for half a minute and more, of a change of the tables that did not get its locks. Each try waits so short for
 * them that what comes behind it, appends before all, is not held up for long.
 */
export const patiently = retry(
  handleWhen((error) => LOCKED.includes(errorCode(error))),
  { maxAttempts: 60, backoff: new ConstantBackoff(500) },
);
