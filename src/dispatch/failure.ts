import type { Problem } from '../domain/problem';
import type { Claim } from '../store/deliveries/due';
import type { DecryptionError } from '../store/encryption';
import type { Decision } from './decision';

/** Path of the problem of a body whose key is not configured. A process that has the key brings such deliveries in again. */
export const BODY_KEY = 'body-key';

/** Least time in milliseconds for which a missing key is waited for: it may be missing by mistake. */
const LEAST_WAIT_FOR_KEY_MS = 3_600_000;

/**
 * The decision about a delivery after a try that failed for it alone: it goes back, or is parked with the cause after
 * the tries of the policy. Nothing stays pending for what it is.
 */
export function afterFailure(
  { claim, event }: { readonly claim: Claim; readonly event: string | null },
  problem: Problem,
  mostTries: number,
): Decision {
  const base = { claim, event, signal: null } as const;
  const isWaitedFor = problem.path === BODY_KEY && claim.failingForMs < LEAST_WAIT_FOR_KEY_MS;
  if (isWaitedFor || claim.refusals + 1 < mostTries) {
    return { ...base, kind: 'returned', cause: { reason: 'failed', problem } };
  }
  return { ...base, kind: 'parked', workflowId: null, problem };
}

/** The problem of a signal that Temporal did not take; `failure` is its code. */
export function signalProblem(failure: string): Problem {
  return { path: 'temporal', expected: 'a signal that Temporal accepts', found: failure };
}

/** The problem of a delivery about which the store refuses to read or to write; `failure` is the SQLSTATE. */
export function storeProblem(failure: string): Problem {
  return { path: 'store', expected: 'a delivery that PostgreSQL takes', found: failure };
}

/** The problem of a delivery on which our own code fails; `failure` is the kind of the error. */
export function decoderProblem(failure: string): Problem {
  return { path: 'decoder', expected: 'a delivery that can be decoded', found: failure };
}

/** The problem of a body that cannot be decrypted. Only a missing key may come back. */
export function decryptionProblem({ keyId, reason }: DecryptionError): Problem {
  if (reason === 'altered')
    return { path: 'body-altered', expected: 'the bytes that were written', found: 'altered bytes' };
  return { path: BODY_KEY, expected: `the key "${keyId}" among BODY_ENCRYPTION_KEYS`, found: reason };
}
