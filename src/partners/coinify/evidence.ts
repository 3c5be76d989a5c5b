import { type Check, type KeptWebhook, type PartnerEvidence, requestOf, type Verified } from '../evidence';
import { redactHeaders } from '../kept-headers';
import { coinifyFingerprint, createCoinifyAuthenticate } from './authenticate';
import type { CoinifySettings } from './variables';

/** Coinify's webhooks judged again by the secrets that are configured now. */
export function coinifyEvidence({ webhookSecrets }: CoinifySettings): PartnerEvidence {
  const secrets = webhookSecrets ?? [];
  return { verify: (kept) => verify(kept, secrets), judge: judgeOf(secrets) };
}

/** Coinify's HMAC, by the secret of that day where it is still configured. */
async function verify(kept: KeptWebhook, secrets: readonly string[]): Promise<Verified> {
  const { credentialFingerprint: fingerprint, body } = kept;
  const signature = (result: Check['result'], says: string, verdictNow: Verified['verdictNow']): Verified => ({
    checks: [{ check: 'signature', result, says }],
    verdictNow,
  });
  const secret = secrets.find((one) => coinifyFingerprint(one) === fingerprint);
  if (secret === undefined)
    return signature(
      'not-possible',
      `The secret it was verified with (fingerprint ${fingerprint ?? '-'}) is no longer configured.`,
      null,
    );
  if (body === null || kept.headersAltered)
    return signature('not-possible', 'An HMAC needs the bytes and headers themselves, which are not there.', null);
  const judged = await createCoinifyAuthenticate([secret])(requestOf(kept, null));
  if (!judged.ok) {
    const says = `Coinify's HMAC does not fit what is stored (${judged.reason}): altered since it was verified.`;
    return signature('fails', says, 'refused');
  }
  return signature(
    'holds',
    `Coinify's HMAC fits the stored bytes (secret with fingerprint ${fingerprint ?? '-'}).`,
    judged.verdict,
  );
}

function judgeOf(secrets: readonly string[]): PartnerEvidence['judge'] {
  if (secrets.length === 0) return null;
  const authenticate = createCoinifyAuthenticate(secrets);
  return async (refused) => {
    const judged = await authenticate(requestOf(refused, null));
    return judged.ok ? { ...judged, headers: redactHeaders(refused.headers, []) } : judged;
  };
}
