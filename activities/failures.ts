import { ApplicationFailure } from '@temporalio/common';

import { REFUSED_WRITE } from '../src/domain/subject-write';
import { CUT_OFF } from '../src/domain/sweep';
import { isOutage, ReadFailure, type ReadFailureCause } from '../src/partners/reading';
import { refusalCode } from '../src/store/database-errors';

/** The number of times that a partner is asked one thing before it is called unreachable. */
export const MOST_TRIES = 3;

interface Meaning {
  readonly retry: boolean;
  readonly meaning: string;
}

/** The one table of what each cause of a failed read means, and whether trying again helps. */
export const CAUSES: Readonly<Record<ReadFailureCause, Meaning>> = {
  timeout: { retry: true, meaning: 'the partner did not answer in time' },
  'refused connection': { retry: true, meaning: 'no connection to the partner' },
  'rate-limited': { retry: true, meaning: 'the partner asks us to slow down (429)' },
  'server-error': { retry: true, meaning: 'the partner failed (5xx)' },
  'circuit open': { retry: false, meaning: 'the partner is away, and was not asked; probes find out when it is back' },
  unauthorised: { retry: true, meaning: 'the partner refused our credentials, or a token it had just issued (401)' },
  forbidden: { retry: false, meaning: 'the partner refuses us this object (403): our rights there are wrong' },
  'owner unknown': { retry: false, meaning: 'the object can only be read as its owner, who is not known yet' },
  undecodable: { retry: false, meaning: 'the answer could not be understood: it will not read better the next time' },
  'unexpected-status': { retry: false, meaning: 'an answer that none of our rules expects' },
};

const LONGEST_WAIT_MS = 60_000;

/**
 * The failure that leaves a read activity: the cause as its type, no retry where it is pointless or the tries are used up.
 * While a partner is away its details spread what flows read next: what failed together must not come back together.
 */
export function readFailure(error: unknown, lastTry: boolean): ApplicationFailure {
  if (!(error instanceof ReadFailure))
    return ApplicationFailure.create({ type: 'unknown', message: 'the read failed', nonRetryable: lastTry });
  const { retry, meaning } = CAUSES[error.failureCause];
  const wait = error.retryAfterMs === null ? {} : { nextRetryDelay: Math.min(LONGEST_WAIT_MS, error.retryAfterMs) };
  return ApplicationFailure.create({
    type: error.failureCause,
    message: `${meaning}: ${error.message}`,
    nonRetryable: lastTry || !retry,
    details: isOutage(error) ? [{ spread: Math.random() }] : [],
    ...wait,
  });
}

/** The failure of a sweep whose list was cut off: never tried again, since it would be cut at the same place. */
export function cutOffFailure(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, CUT_OFF);
}

/**
 * The failure of our own database, never blamed on a partner. It is tried again without end, since a database comes
 * back; only what it refuses for the values it holds is not: its flow has to do without them.
 */
export function storeFailure(error: unknown): ApplicationFailure {
  const code = refusalCode(error);
  if (code !== null)
    return ApplicationFailure.nonRetryable(`the database refused what was to be written (${code})`, REFUSED_WRITE);
  const name = error instanceof Error ? error.name : 'unknown';
  return ApplicationFailure.retryable(`the database did not take it (${name})`, 'store');
}

/** The result of work in our own store. Throws what `storeFailure` makes of any error, so that no partner is blamed for it. */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(error);
  }
}
