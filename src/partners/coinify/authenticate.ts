import { createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

import { type Authenticate, headerValues } from '../authentication';

/** Header with the HMAC-SHA256 of the raw body, lowercase hex (vendors.md §2.1). */
const SIGNATURE_HEADER = 'x-coinify-webhook-signature';
const HEX = /^[0-9a-f]{64}$/;

/** By which a delivery says which secret it was verified with. */
export function coinifyFingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 16);
}

/**
 * Coinify signs the raw body with a shared secret. Several secrets are accepted while one is being replaced;
 * all are tried, so that the time taken does not tell which one fitted.
 */
export function createCoinifyAuthenticate(secrets: readonly string[]): Authenticate {
  const keys = secrets.map((secret) => ({
    key: createSecretKey(secret, 'utf8'),
    fingerprint: coinifyFingerprint(secret),
  }));
  return (request) => {
    const [signature, ...more] = headerValues(request, SIGNATURE_HEADER);
    if (signature === undefined) return { ok: false, reason: 'signature-missing', credentialPresent: false };
    if (more.length > 0) return { ok: false, reason: 'signature-repeated', credentialPresent: true };
    if (!HEX.test(signature)) return { ok: false, reason: 'signature-malformed', credentialPresent: true };
    const given = Buffer.from(signature, 'hex');
    const fitting = keys.filter(({ key }) =>
      timingSafeEqual(createHmac('sha256', key).update(request.body).digest(), given),
    );
    const fingerprint = fitting[0]?.fingerprint;
    if (fingerprint === undefined) return { ok: false, reason: 'signature-wrong', credentialPresent: true };
    return { ok: true, verdict: 'authentic', fingerprint };
  };
}
