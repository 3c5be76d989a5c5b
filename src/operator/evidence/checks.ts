import { createHash } from 'node:crypto';

import type { AuthenticityResult } from '../../domain/authenticity';
import type { IncomingRequest } from '../../partners/authentication';
import {
  type BitpandaKey,
  bitpandaFingerprint,
  createBitpandaVerification,
} from '../../partners/bitpanda/authenticate';
import { coinifyFingerprint, createCoinifyAuthenticate } from '../../partners/coinify/authenticate';
import { tradevestFingerprints } from '../../partners/tradevest/authenticate';
import { REDACTED } from '../../partners/kept-headers';
import type { KeptDelivery } from '../../store/deliveries/load';
import type { KeptKey } from '../../store/deliveries/trusted-keys';

/** One thing that was looked at again, with what it showed in a sentence. */
export interface Check {
  readonly check: 'seal' | 'hash' | 'digest' | 'signature' | 'credential';
  readonly result: 'holds' | 'fails' | 'not-possible';
  readonly says: string;
}

/** What deliveries are verified with: what is configured now, and the public keys that ever were. */
export interface Verifiers {
  readonly bitpandaKeys: readonly BitpandaKey[];
  readonly keptKeys: readonly KeptKey[];
  readonly signatureMaxAgeSeconds: number;
  readonly coinifySecrets: readonly string[];
  readonly tradevestHeaders: Readonly<Record<string, readonly string[]>>;
  /** What partners sign against, for deliveries kept before it was kept with them. */
  readonly publicUrl: string | null;
}

/** What the checks of a partner say together. */
export interface Verified {
  readonly checks: readonly Check[];
  /** Null where it cannot be judged again. */
  readonly verdictNow: AuthenticityResult | 'refused' | null;
}

function shortest(hash: Buffer): string {
  return `SHA-256 ${hash.toString('hex')}`;
}

/** Are the stored bytes the ones that were received? */
export function checkBytes(kept: KeptDelivery): readonly Check[] {
  const { body, bodyState, bodySha256, bodyBytes, sealedUnder, headersAltered } = kept;
  const seal = (): Check | null => {
    if (bodyState === 'altered' || headersAltered) {
      const what = [...(bodyState === 'altered' ? ['body'] : []), ...(headersAltered ? ['headers'] : [])].join(' and ');
      return {
        check: 'seal',
        result: 'fails',
        says: `The stored ${what} are not the bytes that were sealed: altered.`,
      };
    }
    if (sealedUnder === null || body === null) return null;
    return { check: 'seal', result: 'holds', says: `Opened with the key "${sealedUnder}"; bound to this delivery.` };
  };
  const hash = (): Check => {
    if (body === null) {
      const why = bodyState === 'removed' ? 'was removed by retention' : 'cannot be opened';
      return { check: 'hash', result: 'not-possible', says: `The body ${why}; kept is its ${shortest(bodySha256)}.` };
    }
    const found = createHash('sha256').update(body).digest();
    if (found.equals(bodySha256) && body.length === bodyBytes)
      return {
        check: 'hash',
        result: 'holds',
        says: `The ${bodyBytes} stored bytes have the kept ${shortest(found)}.`,
      };
    return {
      check: 'hash',
      result: 'fails',
      says: `The stored bytes were altered: kept ${shortest(bodySha256)}, found ${shortest(found)}.`,
    };
  };
  const sealed = seal();
  return sealed === null ? [hash()] : [sealed, hash()];
}

function targetOf({ headers, route }: KeptRequest, publicUrl: string | null): { origin: string; url: string } {
  const kept = headers.find(([name]) => name === '@target-uri')?.[1];
  if (kept !== undefined && URL.canParse(kept)) {
    const start = kept.indexOf('/', kept.indexOf('://') + 3);
    return { origin: kept.slice(0, start), url: kept.slice(start) };
  }
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  return { origin: publicUrl ?? `http://${host}`, url: `/webhooks/bitpanda/${route}` };
}

/** What of a kept request is judged again. */
export type KeptRequest = Pick<KeptDelivery, 'route' | 'headers' | 'body' | 'receivedAt'>;

/** The request as it was received, but for what is never kept. */
export function requestOf(kept: KeptRequest, publicUrl: string | null): IncomingRequest {
  const { origin, url } = targetOf(kept, publicUrl);
  return {
    method: 'POST',
    url,
    rawHeaders: kept.headers.filter(([name]) => !name.startsWith('@')),
    body: kept.body ?? Buffer.alloc(0),
    receivedAtMs: kept.receivedAt.getTime(),
    publicOrigin: origin,
  };
}

function stretch({ since, until }: KeptKey): string {
  return `trusted since ${since.toISOString()}${until === null ? '' : `, until ${until.toISOString()}`}`;
}

/** A header whose value is never kept was signed: nobody can verify that again. */
export function coversRedacted({ headers }: Pick<KeptDelivery, 'headers'>): boolean {
  const input = headers.find(([name]) => name.toLowerCase() === 'signature-input')?.[1].toLowerCase() ?? '';
  return headers.some(([name, value]) => value === REDACTED && input.includes(`"${name.toLowerCase()}"`));
}

/** Bitpanda's signature, verified again by the key of that day and as of the moment of reception. */
export async function verifyBitpanda(kept: KeptDelivery, verifiers: Verifiers): Promise<Verified> {
  const { credentialFingerprint } = kept;
  const configured = verifiers.bitpandaKeys.filter((key) => bitpandaFingerprint(key) === credentialFingerprint);
  const known = verifiers.keptKeys.map(({ keyId, publicKey }): BitpandaKey => ({ ...publicKey, kid: keyId }));
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
  const verify = createBitpandaVerification({ keys, maxAgeSeconds: verifiers.signatureMaxAgeSeconds });
  const digest = kept.body === null ? kept.bodySha256 : createHash('sha256').update(kept.body).digest();
  const judged = await verify(requestOf(kept, verifiers.publicUrl), digest);
  if (!judged.ok && coversRedacted(kept))
    return notPossible('The signature covers a header that is a credential, whose value is never kept.');
  if (!judged.ok) {
    const says = `Bitpanda's signature does not fit what is stored (${judged.reason}): altered since it was verified.`;
    return { checks: [{ check: 'signature', result: 'fails', says }], verdictNow: 'refused' };
  }
  const key = verifiers.keptKeys[0];
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

/** Coinify's HMAC, by the secret of that day where it is still configured. */
export async function verifyCoinify(kept: KeptDelivery, verifiers: Verifiers): Promise<Verified> {
  const { credentialFingerprint: fingerprint, body } = kept;
  const signature = (result: Check['result'], says: string, verdictNow: Verified['verdictNow']): Verified => ({
    checks: [{ check: 'signature', result, says }],
    verdictNow,
  });
  const secret = verifiers.coinifySecrets.find((one) => coinifyFingerprint(one) === fingerprint);
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

/** Tradevest signs nothing: what is left is which secret was shown, and what was decided then. */
export function verifyTradevest(kept: KeptDelivery, verifiers: Verifiers): Verified {
  const fingerprint = kept.credentialFingerprint ?? '-';
  const isConfigured = tradevestFingerprints(verifiers.tradevestHeaders).has(fingerprint);
  const rests = `Tradevest signs nothing: this rests on the verdict "${kept.verdict}" of then and on the fingerprint ${fingerprint} of the header values that were shown`;
  const says = `${rests}, ${isConfigured ? 'which are configured now' : 'which are no longer configured'}.`;
  return {
    checks: [{ check: 'credential', result: isConfigured ? 'holds' : 'not-possible', says }],
    verdictNow: isConfigured ? kept.verdict : null,
  };
}
