import type { Kysely } from 'kysely';

import type { AuthenticityResult } from '../../domain/authenticity';
import { type KeptDelivery, loadKeptDelivery } from '../../store/deliveries/load';
import type { Encryption } from '../../store/encryption';
import type { HeaderPairs, Tables } from '../../store/schema/tables';
import { loadTrustedKeys } from '../../store/deliveries/trusted-keys';
import type { Check, Verified } from '../../partners/evidence';
import type { ConfiguredPartner } from '../../partners/partner-module';
import { afterErasure, checkBytes } from './checks';

/** Evidence about one delivery for somebody who doubts it. Times are ISO 8601 UTC. */
export interface Evidence {
  readonly deliveryId: string;
  readonly partner: KeptDelivery['partner'];
  readonly route: string;
  readonly source: 'webhook' | 'sweep';
  readonly receivedAt: string;
  readonly verifiedAt: string;
  /** `altered`: something does not fit any more. `partly-verified`: something can no longer be verified. */
  readonly result: 'verified' | 'partly-verified' | 'altered';
  readonly checks: readonly Check[];
  /** Result of verification at reception, and that of the same bytes today; null where that is not possible. */
  readonly verdict: { readonly then: AuthenticityResult; readonly now: Verified['verdictNow'] };
  readonly credentialFingerprint: string | null;
  readonly body: {
    readonly state: KeptDelivery['bodyState'];
    readonly bytes: number;
    readonly sha256: string;
    readonly base64: string | null;
    /** Time at which body and headers were erased with a person; null where they were not. */
    readonly erasedAt: string | null;
    /** The key's id; null: kept in clear, or removed. */
    readonly sealedUnder: string | null;
  };
  readonly headers: HeaderPairs;
  readonly became: {
    readonly status: KeptDelivery['status'];
    readonly outcome: KeptDelivery['outcome'];
    readonly event: string | null;
    readonly workflowId: string | null;
    readonly problem: KeptDelivery['problem'];
    readonly attempts: number;
    readonly settledAt: string | null;
    readonly outcomeAt: string | null;
    /** Fields of its body that decide nothing and could not be read. */
    readonly unread: KeptDelivery['unread'];
  };
  readonly deeds: KeptDelivery['deeds'];
}

/** Configuration that webhooks are judged again with: that of now. */
export interface EvidenceConfiguration {
  readonly configuredPartners: readonly ConfiguredPartner[];
  /** `publicUrl`: what partners sign against, where it was not kept with a delivery. */
  readonly receiver: { readonly publicUrl: string | null };
}

/** Resources for gathering evidence; keys of the past are in the store. */
export interface EvidenceDependencies {
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  readonly configured: EvidenceConfiguration;
}

const SWEPT: Check = {
  check: 'signature',
  result: 'not-possible',
  says: 'Found by a sweep: what the partner listed when we asked for it, and nothing was signed.',
};

const UNKNOWN_PARTNER: Check = {
  check: 'signature',
  result: 'not-possible',
  says: 'This build knows no such partner, so nobody can verify what it sent.',
};

async function verify(
  { database, configured }: Pick<EvidenceDependencies, 'database' | 'configured'>,
  kept: KeptDelivery,
): Promise<Verified> {
  if (kept.source === 'sweep') return { checks: [SWEPT], verdictNow: null };
  const evidence = configured.configuredPartners.find(({ name }) => name === kept.partner)?.evidence();
  if (evidence === undefined) return { checks: [UNKNOWN_PARTNER], verdictNow: null };
  const keptKeys = await loadTrustedKeys(database, kept.partner, kept.credentialFingerprint ?? '');
  return evidence.verify(kept, { keptKeys, publicUrl: configured.receiver.publicUrl });
}

function resultOf(checks: readonly Check[]): Evidence['result'] {
  if (checks.some(({ result }) => result === 'fails')) return 'altered';
  // A signed digest that is the kept hash says as much as the bytes themselves.
  const isProved = checks.some(({ check, result }) => check === 'digest' && result === 'holds');
  const open = checks.filter(({ check, result }) => result === 'not-possible' && !(check === 'hash' && isProved));
  return open.length === 0 ? 'verified' : 'partly-verified';
}

function becameOf(kept: KeptDelivery): Evidence['became'] {
  const { status, outcome, event, workflowId, problem, attempts, settledAt, outcomeAt, unread } = kept;
  return {
    status,
    outcome,
    event,
    workflowId,
    problem,
    attempts,
    settledAt: settledAt?.toISOString() ?? null,
    outcomeAt: outcomeAt?.toISOString() ?? null,
    unread,
  };
}

/**
 * Verifies again what is stored of a delivery, as of the moment it was received; null for an id that is not known.
 * Throws `DecryptionError` where the key that encrypted it is not configured.
 */
export async function gatherEvidence(
  { database, encryption, configured }: EvidenceDependencies,
  id: string,
): Promise<Evidence | null> {
  const kept = await loadKeptDelivery(database, encryption, id);
  if (kept === null) return null;
  const { checks: signed, verdictNow } = await verify({ database, configured }, kept);
  const checks = [...checkBytes(kept), ...afterErasure(signed, kept)];
  return {
    deliveryId: kept.id,
    partner: kept.partner,
    route: kept.route,
    source: kept.source,
    receivedAt: kept.receivedAt.toISOString(),
    verifiedAt: new Date().toISOString(),
    result: resultOf(checks),
    checks,
    verdict: { then: kept.verdict, now: verdictNow },
    credentialFingerprint: kept.credentialFingerprint,
    body: {
      state: kept.bodyState,
      bytes: kept.bodyBytes,
      sha256: kept.bodySha256.toString('hex'),
      base64: kept.body?.toString('base64') ?? null,
      erasedAt: kept.erasedAt?.toISOString() ?? null,
      sealedUnder: kept.sealedUnder,
    },
    headers: kept.headers,
    became: becameOf(kept),
    deeds: kept.deeds,
  };
}
