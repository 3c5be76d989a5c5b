import { type Kysely, sql, type Transaction } from 'kysely';

import type { Encryption } from '../encryption';
import { DecryptionError, objectBinding, referenceBinding } from '../encryption';
import type { Tables } from '../schema/tables';

/** Number of answers in memory at once; each may be as large as a megabyte. */
const BATCH_ROWS = 50;

interface SealedRow {
  readonly workflow_id: string;
  readonly reference: Buffer | null;
  readonly reference_key: string | null;
  readonly object: Buffer | null;
  readonly object_key: string | null;
}

/** Numbers of subjects whose reference and read object were encrypted again, and of those that cannot be decrypted. */
export interface ReEncryptedDetails {
  readonly subjects: number;
  readonly closed: number;
}

/**
 * Re-encryption with the newest key of references and read objects that another one encrypted, or none. Each batch is
 * committed; it may be stopped anywhere and begun again. `onClosed` is told of what cannot be decrypted, which stays.
 */
export async function reEncryptDetails(
  database: Kysely<Tables>,
  encryption: Encryption,
  onClosed: (problem: DecryptionError) => void,
): Promise<ReEncryptedDetails> {
  let [subjects, closed, after] = [0, 0, ''];
  for (;;) {
    const rows = await database.transaction().execute(async (transaction) => {
      const batch = await batchAfter(transaction, encryption, after);
      for (const row of batch) {
        if (await reEncrypt(transaction, encryption, row, onClosed)) subjects += 1;
        else closed += 1;
      }
      return batch;
    });
    after = rows.at(-1)?.workflow_id ?? after;
    if (rows.length < BATCH_ROWS) return { subjects, closed };
  }
}

async function batchAfter(
  transaction: Transaction<Tables>,
  { newest }: Encryption,
  after: string,
): Promise<readonly SealedRow[]> {
  return transaction
    .selectFrom('subject_details')
    .select(['workflow_id', 'reference', 'reference_key', 'object', 'object_key'])
    .where('workflow_id', '>', after)
    .where(
      sql<boolean>`((reference IS NOT NULL AND reference_key IS DISTINCT FROM ${newest})
        OR (object IS NOT NULL AND object_key IS DISTINCT FROM ${newest}))`,
    )
    .orderBy('workflow_id')
    .limit(BATCH_ROWS)
    .forUpdate()
    .execute();
}

async function reEncrypt(
  transaction: Transaction<Tables>,
  encryption: Encryption,
  row: SealedRow,
  onClosed: (problem: DecryptionError) => void,
): Promise<boolean> {
  const again = (bytes: Buffer | null, keyName: string | null, boundTo: string) =>
    bytes === null ? null : encryption.encrypt(encryption.decrypt({ bytes, keyName }, boundTo), boundTo);
  try {
    const reference = again(row.reference, row.reference_key, referenceBinding(row.workflow_id));
    const object = again(row.object, row.object_key, objectBinding(row.workflow_id));
    await transaction
      .updateTable('subject_details')
      .set({ reference: reference?.bytes ?? null, reference_key: reference?.keyName ?? null })
      .set({ object: object?.bytes ?? null, object_key: object?.keyName ?? null })
      .where('workflow_id', '=', row.workflow_id)
      .execute();
    return true;
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    onClosed(error);
    return false;
  }
}
