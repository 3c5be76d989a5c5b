import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import { amountKey, type Amount, isEmptyDetails, mergeDetails, type SubjectDetails } from '../../domain/details';
import type { Partner } from '../../domain/partner';
import { writable } from '../../domain/writable';
import { DecryptionError, type Encryption, referenceBinding } from '../encryption';
import { inLockOrder } from '../locking';
import { referenceHash } from '../reference-hash';
import type { Tables } from '../schema/tables';

/** Keys under which references are kept and found. */
export interface ReferenceKeys {
  readonly encryption: Encryption;
  /** Absent or null: references are kept, and not found by what they are. */
  readonly referenceHashKey?: Buffer | null | undefined;
}

/** Details of a subject as one delivery or read gives them. */
export interface ToldDetails {
  readonly workflowId: string;
  readonly partner: Partner;
  /** Age of the news; null for those that only fill what is missing. */
  readonly toldAt: Date | null;
  readonly details: SubjectDetails;
}

/**
 * Record of details, in one statement. News that are older than those of the row only fill what it lacks. Those of one
 * age are given in their order.
 */
export async function recordDetails(
  database: Kysely<Tables> | Transaction<Tables>,
  keys: ReferenceKeys,
  told: readonly ToldDetails[],
): Promise<void> {
  const rows = inLockOrder(mergedBySubject(told), ({ workflowId }) => workflowId);
  if (rows.length > 0) await detailsPart(rows.map((row) => detailsRow(keys, row))).execute(database);
}

/** Part of a statement that records details, one row a subject, in the order of their workflow ids. */
export function detailsPart(rows: readonly object[], object: ObjectColumns = NO_OBJECT): RawBuilder<unknown> {
  return sql`
    INSERT INTO subject_details AS kept (workflow_id, partner, told_at, user_id, reference, reference_key, reference_hash,
                                         reason, changed_at, side, sandbox, amounts, facts${object.names})
    SELECT workflow_id, partner, told_at, user_id, decode(reference, 'base64'), reference_key, decode(reference_hash, 'hex'),
           reason, changed_at, side, sandbox, amounts, facts${object.values}
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS input (workflow_id text, partner text, told_at timestamptz,
      user_id text, reference text, reference_key text, reference_hash text, reason text, changed_at text, side text,
      sandbox text, amounts jsonb, facts jsonb)
    ON CONFLICT (workflow_id) DO UPDATE SET
      told_at = greatest(kept.told_at, excluded.told_at),
      user_id = ${newest('user_id')}, reason = ${newest('reason')}, changed_at = ${newest('changed_at')},
      side = ${newest('side')}, sandbox = ${newest('sandbox')},
      amounts = ${over('amounts')}, facts = ${over('facts')},
      reference = CASE WHEN ${TAKES_REFERENCE} THEN excluded.reference ELSE kept.reference END,
      reference_key = CASE WHEN ${TAKES_REFERENCE} THEN excluded.reference_key ELSE kept.reference_key END,
      reference_hash = CASE WHEN ${TAKES_REFERENCE} THEN excluded.reference_hash ELSE kept.reference_hash END
      ${object.updates}`;
}

/** Parts of the statement for the answer of a read. */
interface ObjectColumns {
  readonly names: RawBuilder<unknown>;
  readonly values: RawBuilder<unknown>;
  readonly updates: RawBuilder<unknown>;
}

const NO_OBJECT: ObjectColumns = { names: sql``, values: sql``, updates: sql`` };

const IS_NEWER = sql`excluded.told_at >= kept.told_at`;

/** The same reference is not written again under another nonce. */
const TAKES_REFERENCE = sql`excluded.reference IS NOT NULL AND (kept.reference IS NULL OR (${IS_NEWER}
  AND (excluded.reference_hash IS NULL OR excluded.reference_hash IS DISTINCT FROM kept.reference_hash)))`;

function newest(column: 'user_id' | 'reason' | 'changed_at' | 'side' | 'sandbox') {
  const [told, kept] = [sql.ref(`excluded.${column}`), sql.ref(`kept.${column}`)];
  return sql`CASE WHEN ${IS_NEWER} THEN coalesce(${told}, ${kept}) ELSE coalesce(${kept}, ${told}) END`;
}

function over(column: 'amounts' | 'facts') {
  const [told, kept] = [sql.ref(`excluded.${column}`), sql.ref(`kept.${column}`)];
  return sql`CASE WHEN ${IS_NEWER} THEN ${kept} || ${told} ELSE ${told} || ${kept} END`;
}

/** One for each subject, as an INSERT can take it; the age is that of the newest. */
function mergedBySubject(told: readonly ToldDetails[]): readonly ToldDetails[] {
  const merged = new Map<string, ToldDetails>();
  const inOrder = [...told].sort((a, b) => (a.toldAt?.getTime() ?? 0) - (b.toldAt?.getTime() ?? 0));
  for (const one of inOrder) {
    if (isEmptyDetails(one.details)) continue;
    const earlier = merged.get(one.workflowId)?.details ?? {};
    merged.set(one.workflowId, { ...one, details: mergeDetails(earlier, one.details) });
  }
  return [...merged.values()];
}

/** Row of details as the statement takes it, its reference sealed. */
export function detailsRow(keys: ReferenceKeys, { workflowId, partner, toldAt, details }: ToldDetails) {
  const { userId, reason, changedAt, side, sandbox, amounts = [], facts = {} } = writable(details);
  return {
    ...{ workflow_id: workflowId, partner, told_at: toldAt ?? '-infinity', user_id: userId },
    ...{ reason, changed_at: changedAt, side, sandbox, facts },
    amounts: Object.fromEntries(amounts.map((amount): [string, Amount] => [amountKey(amount), amount])),
    ...(details.reference === undefined ? {} : referenceColumns(keys, workflowId, details.reference)),
  };
}

function referenceColumns(
  { encryption, referenceHashKey = null }: ReferenceKeys,
  workflowId: string,
  reference: string,
) {
  const { bytes, keyName } = encryption.encrypt(Buffer.from(reference), referenceBinding(workflowId));
  return {
    reference: bytes.toString('base64'),
    reference_key: keyName,
    reference_hash: referenceHashKey === null ? null : referenceHash(referenceHashKey, reference).toString('hex'),
  };
}

/** Details of subjects by workflow id, references in clear. Throws `DecryptionError`. */
export async function loadDetails(
  database: Kysely<Tables> | Transaction<Tables>,
  encryption: Encryption,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, SubjectDetails>> {
  const rows = await detailsRows(database, workflowIds);
  return new Map(rows.map((row) => [row.workflow_id, detailsOf(row, encryption)]));
}

/** Details of subjects by workflow id; a reference whose key is not configured is left out. */
export async function loadReadableDetails(
  database: Kysely<Tables> | Transaction<Tables>,
  encryption: Encryption,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, SubjectDetails>> {
  const rows = await detailsRows(database, workflowIds);
  return new Map(rows.map((row) => [row.workflow_id, readableDetailsOf(row, encryption)]));
}

function readableDetailsOf(row: DetailsRow, encryption: Encryption): SubjectDetails {
  try {
    return detailsOf(row, encryption);
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    return detailsOf({ ...row, reference: null }, encryption);
  }
}

async function detailsRows(
  database: Kysely<Tables> | Transaction<Tables>,
  workflowIds: readonly string[],
): Promise<readonly DetailsRow[]> {
  if (workflowIds.length === 0) return [];
  return database
    .selectFrom('subject_details')
    .select(['workflow_id', 'user_id', 'reference', 'reference_key', 'reason', 'changed_at', 'side', 'sandbox'])
    .select(['amounts', 'facts'])
    .where('workflow_id', '=', sql<string>`ANY (${[...workflowIds]}::text[])`)
    .execute();
}

interface DetailsRow {
  readonly workflow_id: string;
  readonly user_id: string | null;
  readonly reference: Buffer | null;
  readonly reference_key: string | null;
  readonly reason: string | null;
  readonly changed_at: string | null;
  readonly side: string | null;
  readonly sandbox: string | null;
  readonly amounts: Readonly<Record<string, Amount>>;
  readonly facts: Readonly<Record<string, string>>;
}

/** Details of a row, its reference in clear. Throws `DecryptionError`. */
export function detailsOf(row: DetailsRow, encryption: Encryption): SubjectDetails {
  const amounts = Object.entries(row.amounts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, amount]) => amount);
  return {
    ...(row.user_id === null ? {} : { userId: row.user_id }),
    ...(row.reference === null ? {} : { reference: clearReference(row, row.reference, encryption) }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.changed_at === null ? {} : { changedAt: row.changed_at }),
    ...(row.side === null ? {} : { side: row.side }),
    ...(row.sandbox === null ? {} : { sandbox: row.sandbox }),
    ...(amounts.length === 0 ? {} : { amounts }),
    ...(Object.keys(row.facts).length === 0 ? {} : { facts: row.facts }),
  };
}

function clearReference(row: DetailsRow, bytes: Buffer, encryption: Encryption): string {
  const stored = { bytes, keyName: row.reference_key };
  return encryption.decrypt(stored, referenceBinding(row.workflow_id)).toString('utf8');
}
