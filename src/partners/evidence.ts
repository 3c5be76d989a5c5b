import type { AuthenticityResult } from '../domain/authenticity';
import type { Partner } from '../domain/partner';
import type { KeptKey } from '../domain/trusted-key';
import type { Authentication, IncomingRequest } from './authentication';
import { CLIENT_ADDRESS } from './kept-headers';

type HeaderPairs = IncomingRequest['rawHeaders'];

/** One thing that was looked at again, with what it showed in a sentence. */
export interface Check {
  readonly check: 'seal' | 'hash' | 'digest' | 'signature' | 'credential';
  readonly result: 'holds' | 'fails' | 'not-possible';
  readonly says: string;
}

/** Result of a partner's checks together. */
export interface Verified {
  readonly checks: readonly Check[];
  /** Null where it cannot be judged again. */
  readonly verdictNow: AuthenticityResult | 'refused' | null;
}

/** A request as it was kept. */
export interface KeptRequest {
  readonly partner: Partner;
  readonly route: string;
  readonly headers: HeaderPairs;
  readonly body: Buffer | null;
  readonly receivedAt: Date;
}

/** A webhook as it was kept when it was authentic. */
export interface KeptWebhook extends KeptRequest {
  readonly bodyState: 'kept' | 'removed' | 'altered';
  /** True where the stored headers are not what was encrypted; `headers` is empty then. */
  readonly headersAltered: boolean;
  readonly bodySha256: Buffer;
  readonly verdict: AuthenticityResult;
  readonly credentialFingerprint: string | null;
}

/** A refused request as it was kept: credentials as salted digests. */
export interface RefusedRequest extends KeptRequest {
  readonly body: Buffer;
}

/** Authentic after all, with the headers as a delivery keeps them; or not, and why in a word. */
export type JudgedAgain =
  | (Extract<Authentication, { ok: true }> & { readonly headers: HeaderPairs })
  | { readonly ok: false; readonly reason: string };

/** Further facts that a webhook is verified with. */
export interface EvidenceContext {
  /** The public keys that were ever trusted under the fingerprint it was verified with. */
  readonly keptKeys: readonly KeptKey[];
  /** Address that partners sign, for deliveries kept before it was kept with them. */
  readonly publicUrl: string | null;
}

/** A partner's webhooks judged again by the code that judged them when they came. */
export interface PartnerEvidence {
  /** Verifies a kept webhook as of the moment it was received. */
  readonly verify: (kept: KeptWebhook, context: EvidenceContext) => Promise<Verified>;
  /** Judges a refused request with what is configured now, and nothing that was trusted once; null where the partner is off. */
  readonly judge: ((refused: RefusedRequest, publicUrl: string | null) => Promise<JudgedAgain>) | null;
}

/** Address that a refused request came from; null where it was not kept with it. */
export function clientAddressOf({ headers }: KeptRequest): string | null {
  return headers.find(([name]) => name === CLIENT_ADDRESS)?.[1] ?? null;
}

interface KeptTarget {
  readonly origin: string;
  readonly url: string;
}

/** The kept target URI, parted before the path of the webhook: a path of our public URL belongs to the address. */
function targetOf({ headers, partner, route }: KeptRequest, publicUrl: string | null): KeptTarget {
  const kept = headers.find(([name]) => name === '@target-uri')?.[1];
  if (kept !== undefined && URL.canParse(kept)) {
    const [path = ''] = kept.split('?');
    const start = path.lastIndexOf(`/webhooks/${partner}`);
    if (start > 0) return { origin: kept.slice(0, start), url: kept.slice(start) };
  }
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  return { origin: publicUrl ?? `http://${host}`, url: `/webhooks/${partner}/${route}` };
}

/** The request as it was received, but for what is never kept. */
export function requestOf(kept: KeptRequest, publicUrl: string | null): IncomingRequest {
  const { origin, url } = targetOf(kept, publicUrl);
  const requestTarget = kept.headers.find(([name]) => name === '@request-target')?.[1];
  return {
    method: 'POST',
    url,
    ...(requestTarget === undefined ? {} : { requestTarget }),
    rawHeaders: kept.headers.filter(([name]) => !name.startsWith('@')),
    body: kept.body ?? Buffer.alloc(0),
    receivedAtMs: kept.receivedAt.getTime(),
    publicOrigin: origin,
  };
}
