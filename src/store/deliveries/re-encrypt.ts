import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';

import { decryptHeaders, decryptRaw } from '../schema/encrypted-json';
import {
  bodyBinding,
  DecryptionError,
  headersBinding,
  rawBinding,
  encryptJson,
  type Encryption,
  type StoredBytes,
} from '../encryption';
import type { RejectionsTable, Tables } from '../schema/tables';
import { hasBodiesInRows } from './bodies-in-rows';

/** Progress of re-encryption, in rows. */
export interface ReEncrypted {
  readonly deliveries: number;
  readonly refused: number;
  /** Number of rows that could not be decrypted, and so were left unchanged. */
  readonly closed: number;
}

/** Listener for the progress of re-encryption, and for rows that cannot be decrypted. */
export interface ReEncryptionListener {
  readonly progress: (done: ReEncrypted) => void;
  readonly closed: (problem: DecryptionError) => void;
}

/** Number of bodies in memory at once; each may be as large as the receiver's limit. */
const BATCH_ROWS = 50;

/**
 * Re-encryption with the newest key of everything that an older one encrypted, or none. Each row is a transaction of
 * its own: the work may be stopped anywhere, continues there when it is run again, and never holds up the receiver.
 */
export async function reEncryptAll(
  database: Kysely<Tables>,
  encryption: Encryption,
  listener: ReEncryptionListener,
): Promise<ReEncrypted> {
  const done = { deliveries: 0, refused: 0, closed: 0 };
  const { newest } = encryption;
  if (newest === null) return done;
  const count = async (what: 'deliveries' | 'refused', work: () => Promise<void>): Promise<void> => {
    done[(await attempt(work, listener.closed)) ? what : 'closed'] += 1;
  };
  const raws = await database
    .selectFrom('rejections')
    .select(['id', 'raw'])
    .where('raw', 'is not', null)
    .where(sql<boolean>`raw ->> 'keyName' IS DISTINCT FROM ${newest}`)
    .execute();
  for (const row of raws) await count('refused', () => reEncryptRaw(database, encryption, row));
  for (let after = '0'; ;) {
    const rows = await pageAfter(database, newest, after);
    for (const row of rows) await count('deliveries', () => reEncryptDelivery(database, encryption, newest, row));
    after = rows.at(-1)?.position ?? after;
    listener.progress({ ...done });
    if (rows.length < BATCH_ROWS) return done;
  }
}

/**
 * True when the row was re-encrypted. An undecryptable row is reported and left unchanged: it must not keep all
 * others under an old key.
 */
async function attempt(
  work: () => Promise<void>,
  reportUndecryptable: (problem: DecryptionError) => void,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    reportUndecryptable(error);
    return false;
  }
}

async function reEncryptRaw(
  database: Kysely<Tables>,
  encryption: Encryption,
  { id, raw }: { readonly id: string; readonly raw: Selectable<RejectionsTable>['raw'] },
): Promise<void> {
  if (raw === null) return;
  const json = JSON.stringify(decryptRaw(encryption, raw, id));
  await database
    .updateTable('rejections')
    .set({ raw: encryptJson(encryption, json, rawBinding(id)) })
    .where('id', '=', id)
    .where('raw', 'is not', null)
    .execute();
}

interface DeliveryRow {
  readonly position: string;
  readonly id: string;
}

async function pageAfter(database: Kysely<Tables>, newest: string, after: string): Promise<readonly DeliveryRow[]> {
  return database
    .selectFrom('deliveries')
    .select(['position', 'id'])
    .where('position', '>', after)
    .where(notUnder(newest))
    .orderBy('position')
    .limit(BATCH_ROWS)
    .execute();
}

/** Condition for rows that another key encrypted, or none. */
function notUnder(newest: string) {
  return sql<boolean>`(body_key IS DISTINCT FROM ${newest} OR headers ->> 'keyName' IS DISTINCT FROM ${newest})`;
}

async function reEncryptDelivery(
  database: Kysely<Tables>,
  encryption: Encryption,
  newest: string,
  { id }: DeliveryRow,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction.selectFrom('deliveries').select('id').where('id', '=', id).forUpdate().execute();
    const row = await transaction
      .selectFrom('kept_deliveries')
      .select(['headers', 'body', 'body_key'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const headers = JSON.stringify(decryptHeaders(encryption, row.headers, id));
    const { body: bytes, body_key: keyName } = row;
    if (bytes !== null) {
      const clear = encryption.decrypt({ bytes, keyName }, bodyBinding(id));
      await replaceBody(transaction, id, encryption.encrypt(clear, bodyBinding(id)));
    }
    await transaction
      .updateTable('deliveries')
      .set({ headers: encryptJson(encryption, headers, headersBinding(id)), body_key: newest })
      .where('id', '=', id)
      .execute();
  });
}

async function replaceBody(
  transaction: Transaction<Tables>,
  id: string,
  { bytes, keyName }: StoredBytes,
): Promise<void> {
  const apart = await sql`
    UPDATE delivery_bodies b SET body = ${bytes}, body_key = ${keyName} FROM deliveries d
    WHERE d.id = ${id} AND b.partner = d.partner AND b.received_at = d.received_at AND b.id = d.id`.execute(
    transaction,
  );
  if (Number(apart.numAffectedRows ?? 0) > 0 || !(await hasBodiesInRows(transaction))) return;
  await sql`UPDATE deliveries SET body = ${bytes} WHERE id = ${id} AND body IS NOT NULL`.execute(transaction);
}
