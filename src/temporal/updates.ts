import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { rootCause } from '@temporalio/common';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

import { FLOW_GOES_ON } from '../../workflows/contract';
import { grpcErrorOf } from './errors';

/** Below the 10 s that are promised: looking the flow up and showing it take their part of it. */
const UPDATE_TIMEOUT_MS = 9_000;
/** Time that is left to the last try. */
const LAST_TRY_MS = 1_000;

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
  if (error instanceof WorkflowUpdateFailedError) return rootCause(error.cause) === FLOW_GOES_ON;
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
 * Result of an Update that is answered within 10 s, or another time, also without a worker; one that is crowded out waits
 * for a place. Where it must not be done twice it needs an id of its own. Rejects with the last failure.
 */
export function updateInTime<Result>(
  client: Client,
  send: () => Promise<Result>,
  timeoutMs = UPDATE_TIMEOUT_MS,
): Promise<Result> {
  return client.withDeadline(Date.now() + timeoutMs, () =>
    untilAdmitted.execute(send, AbortSignal.timeout(timeoutMs - LAST_TRY_MS)),
  );
}
