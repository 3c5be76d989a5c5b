import { createHash } from 'node:crypto';

import { acceptanceFor } from '../../domain/authenticity';
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
import { staticHeaderEvidence } from '../static-header-evidence';
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

/** Bitpanda's webhooks judged again by the keys that are configured now, and those that ever were; or by its headers. */
export function bitpandaEvidence(settings: BitpandaSettings): PartnerEvidence {
  const { webhookKeys, webhookHeaders, signatureMaxAgeSeconds } = settings;
  if (webhookKeys === null && webhookHeaders !== null) return staticHeaderEvidence('Bitpanda', webhookHeaders);
  const options = { keys: webhookKeys ?? [], maxAgeSeconds: signatureMaxAgeSeconds };
  const credentials = Object.keys(webhookHeaders ?? {});
  return {
    verify: (kept, context) =>
      Promise.resolve(isObserved(kept) ? verifyObserved(kept, options) : verify(kept, context, options)),
    judge: judgeOf(options, credentials),
  };
}

function isObserved({ verdict }: KeptWebhook): boolean {
  return acceptanceFor(verdict) === 'observed';
}

/** Verification of what was only observed, by the keys of now: there may have been none, or a wrong one. */
function verifyObserved(kept: KeptWebhook, options: BitpandaAuthenticationOptions): Verified {
  const isWhole = kept.body !== null && !kept.headersAltered;
  const judged = isWhole ? createBitpandaVerification(options)(requestOf(kept, null), digestOf(kept)) : null;
  const then = `It was kept without a right signature (${kept.verdict})`;
  if (judged?.ok === true) {
    const says = `${then}; its signature fits the stored bytes by a key configured now.`;
    return { checks: [{ check: 'signature', result: 'holds', says }], verdictNow: judged.verdict };
  }
  const now = judged === null ? 'its body or headers are not there' : `no key configured now fits (${judged.reason})`;
  return { checks: [{ check: 'signature', result: 'not-possible', says: `${then}; ${now}.` }], verdictNow: null };
}

function digestOf({ body, bodySha256 }: KeptWebhook): Buffer {
  return body === null ? bodySha256 : createHash('sha256').update(body).digest();
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
  const judged = verify(requestOf(kept, publicUrl), digestOf(kept));
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
function judgeOf(
  { keys, maxAgeSeconds }: BitpandaAuthenticationOptions,
  credentials: readonly string[],
): PartnerEvidence['judge'] {
  if (keys.length === 0) return null;
  const authenticate = createBitpandaAuthenticate({ keys, maxAgeSeconds });
  const judge = async (refused: RefusedRequest, publicUrl: string | null): Promise<JudgedAgain> => {
    const judged = await authenticate(requestOf(refused, publicUrl));
    return judged.ok ? { ...judged, headers: redactHeaders(refused.headers, credentials) } : judged;
  };
  return async (refused, publicUrl) => {
    const judged = await judge(refused, publicUrl);
    if (judged.ok) return judged;
    const moved = underPublicUrl(refused, publicUrl);
    const again = moved === null ? judged : await judge({ ...refused, headers: moved }, publicUrl);
    return !again.ok && coversRedacted(refused) ? { ok: false, reason: 'credential-not-kept' } : again;
  };
}
