import { createHash } from 'node:crypto';

import type { KeptKey } from '../../domain/trusted-key';
import type { IncomingRequest } from '../authentication';
import {
  type EvidenceContext,
  type JudgedAgain,
  type KeptWebhook,
  type PartnerEvidence,
  type RefusedRequest,
  requestOf,
  type Verified,
} from '../evidence';
import { REDACTED, redactHeaders } from '../kept-headers';
import {
  type BitpandaAuthenticationOptions,
  bitpandaFingerprint,
  type BitpandaKey,
  createBitpandaAuthenticate,
  createBitpandaVerification,
} from './authenticate';
import type { BitpandaSettings } from './variables';

type HeaderPairs = IncomingRequest['rawHeaders'];

const TARGET = '@target-uri';

/** Bitpanda's webhooks judged again by the keys that are configured now, and those that ever were. */
export function bitpandaEvidence({ webhookKeys, signatureMaxAgeSeconds }: BitpandaSettings): PartnerEvidence {
  const options = { keys: webhookKeys ?? [], maxAgeSeconds: signatureMaxAgeSeconds };
  return { verify: (kept, context) => Promise.resolve(verify(kept, context, options)), judge: judgeOf(options) };
}

function stretch({ since, until }: KeptKey): string {
  return `trusted since ${since.toISOString()}${until === null ? '' : `, until ${until.toISOString()}`}`;
}

/** A header whose value is never kept was signed: nobody can verify that again. */
function coversRedacted({ headers }: Pick<KeptWebhook, 'headers'>): boolean {
  const lines = headers.filter(([name]) => name.toLowerCase() === 'signature-input').map(([, value]) => value);
  const input = lines.join(', ').toLowerCase();
  return headers.some(([name, value]) => value === REDACTED && input.includes(`"${name.toLowerCase()}"`));
}

/** Bitpanda's signature, verified again by the key of that day and as of the moment of reception. */
function verify(
  kept: KeptWebhook,
  { keptKeys, publicUrl }: EvidenceContext,
  { keys: now, maxAgeSeconds }: BitpandaAuthenticationOptions,
): Verified {
  const { credentialFingerprint } = kept;
  const configured = now.filter((key) => bitpandaFingerprint(key) === credentialFingerprint);
  const known = keptKeys.map(({ keyId, publicKey }): BitpandaKey => ({ ...publicKey, kid: keyId }));
  const keys = [...configured, ...known];
  const notPossible = (says: string): Verified => ({
    checks: [{ check: 'signature', result: 'not-possible', says }],
    verdictNow: null,
  });
  if (kept.headersAltered) return notPossible('Without its headers no signature can be verified.');
  if (keys.length === 0)
    return notPossible(
      `The public key with fingerprint ${credentialFingerprint ?? '-'} is neither kept nor configured any more.`,
    );
  const verify = createBitpandaVerification({ keys, maxAgeSeconds });
  const digest = kept.body === null ? kept.bodySha256 : createHash('sha256').update(kept.body).digest();
  const judged = verify(requestOf(kept, publicUrl), digest);
  if (!judged.ok && coversRedacted(kept))
    return notPossible('The signature covers a header that is a credential, whose value is never kept.');
  if (!judged.ok) {
    const says = `Bitpanda's signature does not fit what is stored (${judged.reason}): altered since it was verified.`;
    return { checks: [{ check: 'signature', result: 'fails', says }], verdictNow: 'refused' };
  }
  const key = keptKeys[0];
  const which = key === undefined ? 'a key configured now' : `the key "${key.keyId}", ${stretch(key)}`;
  const covers =
    kept.body === null ? 'the kept hash, by its Content-Digest' : 'the stored bytes, by their Content-Digest';
  const says = `Bitpanda's signature (RFC 9421) fits ${covers}, judged at ${kept.receivedAt.toISOString()} by ${which}.`;
  return {
    checks: [
      ...(kept.body === null && kept.bodyState === 'removed'
        ? [{ check: 'digest', result: 'holds', says: 'The digest that was signed is the kept hash.' } as const]
        : []),
      { check: 'signature', result: 'holds', says },
    ],
    verdictNow: judged.verdict,
  };
}

/** The headers with the target as it is under the public URL of now; null where that is what was kept. */
function underPublicUrl(refused: RefusedRequest, publicUrl: string | null): HeaderPairs | null {
  const { publicOrigin, url } = requestOf(refused, publicUrl);
  if (publicUrl === null || publicUrl === publicOrigin) return null;
  return [...refused.headers.filter(([name]) => name !== TARGET), [TARGET, publicUrl + url]];
}

/** As of the moment of reception. A public URL that was set wrongly refuses like a wrong key, and is set right like one. */
function judgeOf({ keys, maxAgeSeconds }: BitpandaAuthenticationOptions): PartnerEvidence['judge'] {
  if (keys.length === 0) return null;
  const authenticate = createBitpandaAuthenticate({ keys, maxAgeSeconds });
  const judge = async (refused: RefusedRequest, publicUrl: string | null): Promise<JudgedAgain> => {
    const judged = await authenticate(requestOf(refused, publicUrl));
    return judged.ok ? { ...judged, headers: redactHeaders(refused.headers, []) } : judged;
  };
  return async (refused, publicUrl) => {
    const judged = await judge(refused, publicUrl);
    if (judged.ok) return judged;
    const moved = underPublicUrl(refused, publicUrl);
    const again = moved === null ? judged : await judge({ ...refused, headers: moved }, publicUrl);
    return !again.ok && coversRedacted(refused) ? { ok: false, reason: 'credential-not-kept' } : again;
  };
}
