import type { Kysely } from 'kysely';

import { isUuid } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import type { AuthenticityResult } from '../../domain/authenticity';
import type { Outcome } from '../../domain/subject';
import { actionsOf, type ShownAction } from '../audit';
import { loadUnread } from './unread';
import { decryptHeaders } from '../schema/encrypted-json';
import { bodyBinding, DecryptionError, keyIdOf, type Encryption } from '../encryption';
import type { DeliveryStatus, HeaderPairs, Tables } from '../schema/tables';

/** Everything that is kept of one delivery. */
export interface KeptDelivery {
  readonly id: string;
  readonly partner: Partner;
  readonly route: string;
  readonly source: 'webhook' | 'sweep';
  readonly receivedAt: Date;
  readonly verdict: AuthenticityResult;
  readonly credentialFingerprint: string | null;
  readonly headers: HeaderPairs;
  /** Body in clear; null where retention has removed it, or where the stored bytes are not those that were written. */
  readonly body: Buffer | null;
  readonly bodyState: 'kept' | 'removed' | 'altered';
  /** Time at which body and headers were erased with a person; null where they were not. */
  readonly erasedAt: Date | null;
  /** True where the stored headers are not those that were written; `headers` is empty then. */
  readonly headersAltered: boolean;
  /** Name that an operator gave the key that encrypted the body; null where it is in clear. */
  readonly sealedUnder: string | null;
  readonly bodySha256: Buffer;
  readonly bodyBytes: number;
  readonly status: DeliveryStatus;
  readonly outcome: Outcome | null;
  readonly event: string | null;
  readonly workflowId: string | null;
  readonly problem: Problem | null;
  readonly attempts: number;
  /** Fields of its body that decide nothing and could not be read. */
  readonly unread: readonly Problem[];
  readonly settledAt: Date | null;
  readonly outcomeAt: Date | null;
  /** Operator actions on the delivery and on its flow, oldest first. */
  readonly deeds: readonly (ShownAction & { readonly target: string })[];
}

/**
 * Everything that is kept of a delivery; null for an id that is not known. Throws `DecryptionError` where a key is
 * missing.
 */
export async function loadKeptDelivery(
  database: Kysely<Tables>,
  encryption: Encryption,
  id: string,
): Promise<KeptDelivery | null> {
  if (!isUuid(id)) return null;
  const row = await database.selectFrom('kept_deliveries').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  const { body: bytes, body_key: keyName } = row;
  const body =
    bytes === null ? null : decryptedOrAltered(() => encryption.decrypt({ bytes, keyName }, bodyBinding(row.id)));
  const headers = decryptedOrAltered(() => decryptHeaders(encryption, row.headers, row.id));
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
    erasedAt: await erasedAtOf(database, row.id),
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
    unread: (await loadUnread(database, [row.position])).get(row.position) ?? [],
    settledAt: row.settled_at,
    outcomeAt: row.outcome_at,
    deeds: await actionsOfAll(database, row.workflow_id === null ? [row.id] : [row.id, row.workflow_id]),
  };
}

async function erasedAtOf(database: Kysely<Tables>, id: string): Promise<Date | null> {
  const row = await database
    .selectFrom('erased_deliveries')
    .select('erased_at')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.erased_at ?? null;
}

/** Result of a decryption. Altered bytes are a finding; a key that is not configured is an error of the caller's. */
function decryptedOrAltered<T>(decrypt: () => T): T | 'altered' {
  try {
    return decrypt();
  } catch (error) {
    if (error instanceof DecryptionError && error.reason === 'altered') return 'altered';
    throw error;
  }
}

async function actionsOfAll(database: Kysely<Tables>, targets: readonly string[]): Promise<KeptDelivery['deeds']> {
  const all = await Promise.all(
    targets.map(async (target) => (await actionsOf(database, target)).map((action) => ({ ...action, target }))),
  );
  return all.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
}
