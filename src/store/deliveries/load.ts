import type { Kysely } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import type { AuthenticityResult } from '../../domain/authenticity';
import type { Outcome } from '../../domain/subject';
import { actionsOf, type ShownAction } from '../audit';
import { isDeliveryId } from './list';
import { decryptHeaders } from '../schema/encrypted-json';
import { bodyBinding, DecryptionError, keyIdOf, type Encryption } from '../encryption';
import type { DeliveryStatus, HeaderPairs, Tables } from '../schema/tables';

/** All that is kept of one delivery. */
export interface KeptDelivery {
  readonly id: string;
  readonly partner: Partner;
  readonly route: string;
  readonly source: 'webhook' | 'sweep';
  readonly receivedAt: Date;
  readonly verdict: AuthenticityResult;
  readonly credentialFingerprint: string | null;
  readonly headers: HeaderPairs;
  /** Null where retention has removed it, or where what is stored is not what was sealed. */
  readonly body: Buffer | null;
  readonly bodyState: 'kept' | 'removed' | 'altered';
  /** True where the stored headers are not what was sealed; `headers` is empty then. */
  readonly headersAltered: boolean;
  readonly sealedUnder: string | null;
  readonly bodySha256: Buffer;
  readonly bodyBytes: number;
  readonly status: DeliveryStatus;
  readonly outcome: Outcome | null;
  readonly event: string | null;
  readonly workflowId: string | null;
  readonly problem: Problem | null;
  readonly attempts: number;
  readonly settledAt: Date | null;
  readonly outcomeAt: Date | null;
  /** What was done to the delivery and to its flow, oldest first. */
  readonly deeds: readonly (ShownAction & { readonly target: string })[];
}

/** Sealed bytes that were changed are a finding; a key that is not configured is an error of the caller's. */
function openOrAltered<T>(open: () => T): T | 'altered' {
  try {
    return open();
  } catch (error) {
    if (error instanceof DecryptionError && error.reason === 'altered') return 'altered';
    throw error;
  }
}

async function actionsOfAll(database: Kysely<Tables>, targets: readonly string[]): Promise<KeptDelivery['deeds']> {
  const all = await Promise.all(
    targets.map(async (target) => (await actionsOf(database, target)).map((deed) => ({ ...deed, target }))),
  );
  return all.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** All that is kept of a delivery; null for an id that is not known. Throws `DecryptionError` where a key is missing. */
export async function loadKeptDelivery(
  database: Kysely<Tables>,
  encryption: Encryption,
  id: string,
): Promise<KeptDelivery | null> {
  if (!isDeliveryId(id)) return null;
  const row = await database.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  const { body: bytes, body_key: keyName } = row;
  const body = bytes === null ? null : openOrAltered(() => encryption.decrypt({ bytes, keyName }, bodyBinding(row.id)));
  const headers = openOrAltered(() => decryptHeaders(encryption, row.headers, row.id));
  return {
    id: row.id,
    partner: row.partner,
    route: row.route,
    source: row.source,
    receivedAt: row.received_at,
    verdict: row.verdict,
    credentialFingerprint: row.credential_fingerprint,
    headers: headers === 'altered' ? [] : headers,
    headersAltered: headers === 'altered',
    body: body === 'altered' ? null : body,
    bodyState: body === 'altered' ? 'altered' : body === null ? 'removed' : 'kept',
    sealedUnder: keyName === null ? null : keyIdOf(keyName),
    bodySha256: row.body_sha256,
    bodyBytes: row.body_bytes,
    status: row.status,
    outcome: row.outcome,
    event: row.event,
    workflowId: row.workflow_id,
    problem: row.problem,
    attempts: row.attempts,
    settledAt: row.settled_at,
    outcomeAt: row.outcome_at,
    deeds: await actionsOfAll(database, row.workflow_id === null ? [row.id] : [row.id, row.workflow_id]),
  };
}
