import { isGrpcServiceError } from '@temporalio/client';

import { backOffMs } from '../domain/back-off';
import { errorCode } from '../domain/error-code';

/** Meaning of a failed call to Temporal for a delivery. */
export type CallFailure = 'away' | 'refused';

/** gRPC codes by which Temporal speaks of the request itself; every other one speaks of the server, the network or our set-up. */
const REFUSING_CODES: ReadonlySet<number> = new Set([
  3, // INVALID_ARGUMENT: e.g. a payload above the limit
  9, // FAILED_PRECONDITION: e.g. too many signals in one history
  11, // OUT_OF_RANGE
]);

/** A missing search attribute is our set-up (`partnerflow setup` has not run): parking every delivery for it would be wrong. */
const SET_UP = /search attribute/i;

/** Only what Temporal says of the request itself can become final; an absence of Temporal, or of our rights there, never does. */
export function failureOf(error: unknown): CallFailure {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  if (!isGrpcServiceError(cause)) return 'away';
  if (SET_UP.test(cause.details)) return 'away';
  return REFUSING_CODES.has(cause.code) ? 'refused' : 'away';
}

/** The name of what went wrong, for logs and problems: never the server's text, which may quote the request. */
export function failureCode(error: unknown): string {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  if (isGrpcServiceError(cause)) return `gRPC code ${String(cause.code)}`;
  return errorCode(error);
}

/** True where Temporal, or the way to it, failed: not our store, and not a mistake of ours. */
export function isTemporalFailure(error: unknown): boolean {
  return isGrpcServiceError(error) || (error instanceof Error && isGrpcServiceError(error.cause));
}

const REFUSAL_WAIT = { firstMs: 1_000, longestMs: 60_000 };

/** Wait before the next attempt, ms, after so many refusals of Temporal's: ever longer, with jitter. */
export function refusalWaitMs(refusals: number): number {
  return backOffMs(REFUSAL_WAIT, refusals, Math.random());
}
