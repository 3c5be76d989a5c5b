import type { Client } from '@temporalio/client';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

import { grpcErrorOf } from './errors';

/** Below the 10 s that are promised: looking the flow up and showing it take their part of it. */
const UPDATE_TIMEOUT_MS = 9_000;
/** Leaves the last try the time to be answered. */
const LAST_TRY_MS = 8_000;

/** gRPC code RESOURCE_EXHAUSTED. */
const CROWDED_CODES: ReadonlySet<number | undefined> = new Set([8]);

/**
 * True for an Update that was not taken because as many are under way as Temporal admits to one run of a workflow: ten,
 * and two thousand in all its life.
 */
export function isCrowded(error: unknown): boolean {
  return CROWDED_CODES.has(grpcErrorOf(error)?.code);
}

/** True for an Update that was given back untouched: its run took another step, or ended, in the same moment. */
function isGivenBack(error: unknown): boolean {
  return grpcErrorOf(error)?.details.includes('update was aborted') === true;
}

const untilAdmitted = retry(
  handleWhen((error) => isCrowded(error) || isGivenBack(error)),
  {
    maxAttempts: Number.MAX_SAFE_INTEGER,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000 }),
  },
);

/**
 * Result of an Update that is answered within 10 s, also without a worker; one that is crowded out waits for a place. It
 * must have an id of its own, so that a try whose answer was lost is not done twice. Rejects with the last failure.
 */
export function updateInTime<Result>(client: Client, send: () => Promise<Result>): Promise<Result> {
  return client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () =>
    untilAdmitted.execute(send, AbortSignal.timeout(LAST_TRY_MS)),
  );
}
