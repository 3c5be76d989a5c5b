import type { Authenticate } from '../authentication';

/** Observing of signatures on the first day with a partner, which ends by itself. */
export interface Observing {
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

/** Requests that a process keeps: whoever finds the address may send some. */
const MOST_OBSERVED = 1_000;
const LARGEST_BODY_BYTES = 65_536;

/** True while what fails is kept. */
export function isObserving({ untilMs }: Observing, nowMs: number): boolean {
  return nowMs < untilMs;
}

/**
 * The same authentication, whose failures are kept as observed, with the reason. Nothing acts on them. Past its end, for
 * long bodies and beyond a bound failures are failures again.
 */
export function observe(authenticate: Authenticate, observing: Observing): Authenticate {
  let kept = 0;
  return async (request) => {
    const judged = await authenticate(request);
    if (judged.ok || !isObserving(observing, request.receivedAtMs)) return judged;
    if (kept >= MOST_OBSERVED || request.body.length > LARGEST_BODY_BYTES) return judged;
    kept += 1;
    return { ok: true, verdict: `signature-observed: ${judged.reason}`, fingerprint: null };
  };
}

/** Sentence for everybody who looks while signatures are only observed. */
export function observingNotice({ untilMs }: Observing): string {
  const until = new Date(untilMs).toISOString();
  return `BITPANDA_SIGNATURES is observe until ${until}: what fails verification is answered 200 and parked as signature-observed, up to ${MOST_OBSERVED} requests of each receiver`;
}
