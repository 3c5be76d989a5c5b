import { createHash } from 'node:crypto';

import type { Kysely } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { AuthenticityResult } from '../../domain/authenticity';
import {
  retryRejection,
  type RejectionRetryResult,
  type KeptRejection,
  keptRejectionsAfter,
} from '../../store/deliveries/rejection-retry';
import { decryptRaw } from '../../store/schema/encrypted-json';
import { DecryptionError, type Encryption } from '../../store/encryption';
import type { Tables } from '../../store/schema/tables';
import { clientAddressOf, type PartnerEvidence, type RefusedRequest } from '../../partners/evidence';
import type { EvidenceConfiguration } from './evidence';

/**
 * Result of retrying a rejected request whose raw was kept. `refused`: it is still rejected; `closed`: the key that
 * encrypted it is not configured; `altered`: the stored bytes are not those received. `at` is ISO 8601 UTC.
 */
export interface RetriedRequest {
  readonly at: string;
  readonly partner: Partner;
  readonly route: string;
  readonly refusedAs: string;
  readonly bodySha256: string;
  readonly bodyBytes: number;
  readonly result: RejectionRetryResult | 'would-be-kept' | 'refused' | 'closed' | 'altered';
  readonly deliveryId: string | null;
  readonly verdict: AuthenticityResult | null;
  /** Why it is not kept, in a word or a sentence; null where it is. */
  readonly why: string | null;
}

/** Resources for retrying. */
export interface RetryDependencies {
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  readonly configured: EvidenceConfiguration;
  /** Name of whoever requests it. */
  readonly by: string;
  /** True: nothing is written. */
  readonly dryRun: boolean;
}

/** By partner. */
type Judges = ReadonlyMap<Partner, PartnerEvidence['judge']>;

type Became = Pick<RetriedRequest, 'result' | 'deliveryId' | 'verdict' | 'why'>;

/** Raws in memory at once; each holds at most 64 KiB of body. */
const PAGE_ROWS = 50;

function left(result: RetriedRequest['result'], why: string): Became {
  return { result, deliveryId: null, verdict: null, why };
}

/** The request as it was received. Throws `DecryptionError`. */
function opened(kept: KeptRejection, encryption: Encryption): RefusedRequest {
  const { id, partner, route, at, raw } = kept;
  const { headers, bodyBase64 } = decryptRaw(encryption, raw, id);
  return { partner, route, headers, body: Buffer.from(bodyBase64, 'base64'), receivedAt: at };
}

async function retryOne(
  { database, encryption, configured, by, dryRun }: RetryDependencies,
  judges: Judges,
  kept: KeptRejection,
): Promise<Became> {
  const { id, partner, route, reason, body_sha256: bodySha256 } = kept;
  const refused = opened(kept, encryption);
  const { body, receivedAt } = refused;
  // What lies in clear could be changed by whoever reaches the database, and not every partner signs its bodies.
  if (!createHash('sha256').update(body).digest().equals(bodySha256))
    return left('altered', 'The stored body is not the one that was refused: altered.');
  const judge = judges.get(partner) ?? null;
  if (judge === null) return left('refused', 'partner-not-configured');
  const judged = await judge(refused, configured.receiver.publicUrl);
  if (!judged.ok) return left('refused', judged.reason);
  const address = clientAddressOf(refused);
  const partners = configured.configuredPartners.filter(({ name }) => name === partner);
  if (address !== null && !partners.some(({ isFrom }) => isFrom(address))) return left('refused', 'address');
  const { verdict, fingerprint: credentialFingerprint } = judged;
  if (dryRun) return { result: 'would-be-kept', deliveryId: null, verdict, why: null };
  const headersJson = JSON.stringify(judged.headers);
  const received = { id, partner, route, receivedAt, source: 'webhook', headersJson, body, bodySha256 } as const;
  const delivery = { ...received, verdict, credentialFingerprint, traceparent: null };
  const result = await retryRejection(database, encryption, delivery, { reason, by });
  if (result === 'removed') return left(result, 'its raw was removed meanwhile');
  return { result, deliveryId: id, verdict, why: null };
}

async function retryOrLeave(...of: Parameters<typeof retryOne>): Promise<Became> {
  try {
    return await retryOne(...of);
  } catch (error) {
    // It is left as it is: once its key is there it can be retried, and the others need not wait for that.
    if (error instanceof DecryptionError) return left(error.reason === 'altered' ? 'altered' : 'closed', error.message);
    throw error;
  }
}

/**
 * Judges every refused request whose raw is kept again, oldest first, and keeps what is authentic now as a delivery of
 * the time it was received. May be stopped anywhere, repeated, and run twice at once: nothing is kept twice.
 */
export async function* retryRefused(dependencies: RetryDependencies): AsyncGenerator<RetriedRequest> {
  const { configuredPartners } = dependencies.configured;
  const judges = new Map(configuredPartners.map(({ name, evidence }) => [name, evidence().judge]));
  for (let after = '0'; ;) {
    const page = await keptRejectionsAfter(dependencies.database, after, PAGE_ROWS);
    for (const kept of page) {
      const { at, partner, route, reason: refusedAs, body_sha256, body_bytes: bodyBytes } = kept;
      const request = { at: at.toISOString(), partner, route, refusedAs, bodySha256: body_sha256.toString('hex') };
      yield { ...request, bodyBytes, ...(await retryOrLeave(dependencies, judges, kept)) };
    }
    after = page.at(-1)?.position ?? after;
    if (page.length < PAGE_ROWS) return;
  }
}
