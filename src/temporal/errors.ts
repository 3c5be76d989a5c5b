import { isGrpcServiceError } from '@temporalio/client';

import { backOffMs } from '../domain/back-off';
import { errorCode } from '../domain/error-code';

/** The kinds of failed calls to Temporal: `refused` for what the request holds, `away` for any other reason. */
export type CallFailure = 'away' | 'refused';

/**
 * The kind of a failed call. Only what Temporal says of the request itself can become final; an outage of Temporal,
 * or a lack of rights there, never does.
 */
export function failureOf(error: unknown): CallFailure {
  const grpcError = grpcErrorOf(error);
  if (grpcError === null || isSetUpFailure(error)) return 'away';
  return REFUSED_CODES.has(grpcError.code) ? 'refused' : 'away';
}

/** The error of gRPC that a call to Temporal failed with, by itself or as the cause; null for any other error. */
export function grpcErrorOf(error: unknown) {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : null;
}

/** gRPC codes that speak of the request itself; every other one speaks of the server, the network or our set-up. */
const REFUSED_CODES: ReadonlySet<number> = new Set([
  3, // INVALID_ARGUMENT: e.g. a payload above the limit
  9, // FAILED_PRECONDITION: e.g. too many signals in one history
  11, // OUT_OF_RANGE
]);

/** A missing search attribute is our set-up: `partnerflow setup` has not run. */
const SET_UP = /search attribute/i;

/** True for a failure that says of our set-up that it lacks something: no request would be taken. */
export function isSetUpFailure(error: unknown): boolean {
  const grpcError = grpcErrorOf(error);
  return grpcError !== null && SET_UP.test(grpcError.details);
}

/** The code of a failure, for logs and problems: never the server's text, which may quote the request. */
export function failureCode(error: unknown): string {
  const grpcError = grpcErrorOf(error);
  return grpcError === null ? errorCode(error) : `gRPC code ${String(grpcError.code)}`;
}

/** True for an error of Temporal, or of the way to it; false for one of the store, or of this program. */
export function isTemporalFailure(error: unknown): boolean {
  return grpcErrorOf(error) !== null;
}

const REFUSAL_WAIT = { firstMs: 1_000, longestMs: 60_000 };

/**
 * The wait in milliseconds before the next try of a signal that Temporal has refused so often: it grows, with jitter.
 */
export function refusalWaitMs(refusals: number): number {
  return backOffMs(REFUSAL_WAIT, refusals, Math.random());
}
