import type { IncomingRequest } from './authentication';
import { type KeptWebhook, type PartnerEvidence, requestOf, type Verified } from './evidence';
import { isDigested, REDACTED, redactHeaders, valueOfDigest } from './kept-headers';
import { createStaticHeaderAuthenticate, staticHeaderFingerprints } from './static-headers';

type HeaderPairs = IncomingRequest['rawHeaders'];
type Headers = Readonly<Record<string, readonly string[]>>;

/** Evidence of a partner’s webhooks by the header values that are configured now; null where the partner is off. */
export function staticHeaderEvidence(title: string, configured: Headers | null): PartnerEvidence {
  const headers = configured ?? {};
  return { verify: (kept) => Promise.resolve(verify(title, kept, headers)), judge: judgeOf(headers) };
}

/** Nothing is signed: what is left is which secret was shown, and what was decided then. */
function verify(title: string, kept: KeptWebhook, headersNow: Headers): Verified {
  const fingerprint = kept.credentialFingerprint ?? '-';
  const isConfigured = staticHeaderFingerprints(headersNow).has(fingerprint);
  const rests = `${title} signs nothing: this rests on the verdict "${kept.verdict}" of then and on the fingerprint ${fingerprint} of the header values that were shown`;
  const says = `${rests}, ${isConfigured ? 'which are configured now' : 'which are no longer configured'}.`;
  return {
    checks: [{ check: 'credential', result: isConfigured ? 'holds' : 'not-possible', says }],
    verdictNow: isConfigured ? kept.verdict : null,
  };
}

/**
 * Verification of a rejected request. Its header values are kept as digests: a value configured now that has the
 * digest was the one that was sent, and takes its place.
 */
function judgeOf(headersNow: Headers): PartnerEvidence['judge'] {
  // A map, for a stranger names the headers: an object would answer `constructor` with what it inherits.
  const accepted = new Map(
    Object.entries(headersNow).map(([name, values]) => [
      name.toLowerCase(),
      values.map((value) => Buffer.from(value, 'utf8').toString('latin1')),
    ]),
  );
  if (accepted.size === 0) return null;
  const authenticate = createStaticHeaderAuthenticate(headersNow);
  return async (refused) => {
    const { headers } = refused;
    const isLost = headers.some(([name, value]) => value === REDACTED && accepted.has(name.toLowerCase()));
    if (isLost) return { ok: false, reason: 'credential-not-kept' };
    const shown = headers.map(([name, value]): HeaderPairs[number] => [
      name,
      valueOfDigest(value, accepted.get(name.toLowerCase()) ?? []) ?? value,
    ]);
    const judged = await authenticate(requestOf({ ...refused, headers: shown }, null));
    if (!judged.ok) return judged;
    // Also what was a credential when it was refused and is none any more: a digest is nothing to keep for ever.
    const digested = headers.flatMap(([name, value]) => (isDigested(value) ? [name.toLowerCase()] : []));
    return { ...judged, headers: redactHeaders(headers, [...accepted.keys(), ...digested]) };
  };
}
