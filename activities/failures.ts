import { ApplicationFailure } from '@temporalio/common';

import { CUT_OFF } from '../src/domain/sweep';
import { ReadFailure, type ReadFailureCause } from '../src/partners/reading';

/** Number of attempts to read one thing before a partner is called unreachable. */
export const MOST_TRIES = 3;

interface Meaning {
  readonly retry: boolean;
  readonly meaning: string;
}

/** The one table that says what each cause of a failed read means. */
export const CAUSES: Readonly<Record<ReadFailureCause, Meaning>> = {
  timeout: { retry: true, meaning: 'the partner did not answer in time' },
  'refused connection': { retry: true, meaning: 'no connection to the partner' },
  'rate-limited': { retry: true, meaning: 'the partner asks us to slow down (429)' },
  'server-error': { retry: true, meaning: 'the partner failed (5xx)' },
  unauthorised: { retry: true, meaning: 'the partner refused our credentials, or a token it had just issued (401)' },
  forbidden: { retry: false, meaning: 'the partner refuses us this object (403): our rights there are wrong' },
  'owner unknown': { retry: false, meaning: 'the object can only be read as its owner, who is not known yet' },
  undecodable: { retry: false, meaning: 'the answer could not be understood: it will not read better the next time' },
  'unexpected-status': { retry: false, meaning: 'an answer that none of our rules expects' },
};

const LONGEST_WAIT_MS = 60_000;

/**
 * Failure of a read activity: the cause as type, non-retryable where a retry is pointless or the attempts are used
 * up.
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
    ...wait,
  });
}

/** Failure of a sweep whose list was cut off: never tried again, since it would be cut at the same place. */
export function cutOffFailure(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, CUT_OFF);
}

/** Our own database failing: always tried again, and never blamed on a partner. */
export function storeFailure(error: unknown): ApplicationFailure {
  const name = error instanceof Error ? error.name : 'unknown';
  return ApplicationFailure.retryable(`the database did not take it (${name})`, 'store');
}
