import { type Kysely, type Selectable, sql } from 'kysely';

import { decryptHeaders, decryptRaw } from '../schema/encrypted-json';
import { bodyBinding, DecryptionError, headersBinding, rawBinding, encryptJson, type Encryption } from '../encryption';
import type { RejectionsTable, Tables } from '../schema/tables';

/** How far re-sealing has come; both counts are of rows. */
export interface ReEncrypted {
  readonly deliveries: number;
  readonly refused: number;
  /** What could not be opened, and so was left as it was. */
  readonly closed: number;
}

/** Bodies in memory at once; each may be as large as the receiver's limit. */
const BATCH_ROWS = 50;

interface DeliveryRow {
  readonly position: string;
  readonly id: string;
}

/** Everything that another key sealed, or none. */
function notUnder(newest: string) {
  return sql<boolean>`((body IS NOT NULL AND body_key IS DISTINCT FROM ${newest})
    OR headers ->> 'keyName' IS DISTINCT FROM ${newest})`;
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

async function reEncryptDelivery(
  database: Kysely<Tables>,
  encryption: Encryption,
  newest: string,
  { id }: DeliveryRow,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('deliveries')
      .select(['body', 'body_key', 'headers'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const headers = JSON.stringify(decryptHeaders(encryption, row.headers, id));
    const { body: bytes, body_key: keyName } = row;
    const body =
      bytes === null
        ? null
        : encryption.encrypt(encryption.decrypt({ bytes, keyName }, bodyBinding(id)), bodyBinding(id));
    await transaction
      .updateTable('deliveries')
      .set({
        headers: encryptJson(encryption, headers, headersBinding(id)),
        body: body?.bytes ?? null,
        body_key: body?.keyName ?? null,
      })
      .where('id', '=', id)
      .where(notUnder(newest))
      .execute();
  });
}

/** What stays closed is told and left as it is: one altered row must not keep all others under an old key. */
async function counting(work: () => Promise<void>, tellClosed: (problem: DecryptionError) => void): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    tellClosed(error);
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

/** Whom re-sealing tells how far it has come, and what it cannot open. */
export interface ReEncryptionListener {
  readonly progress: (done: ReEncrypted) => void;
  readonly closed: (problem: DecryptionError) => void;
}

/**
 * Seals under the newest key what an older one sealed, or none. Row by row in transactions of their own: it may be
 * stopped anywhere, goes on where it stopped when it is run again, and never holds up the receiver.
 */
export async function reEncryptAll(
  database: Kysely<Tables>,
  encryption: Encryption,
  listener: ReEncryptionListener,
): Promise<ReEncrypted> {
  const done = { deliveries: 0, refused: 0, closed: 0 };
  const { newest } = encryption;
  if (newest === null) return done;
  const attempt = async (what: 'deliveries' | 'refused', work: () => Promise<void>): Promise<void> => {
    done[(await counting(work, listener.closed)) ? what : 'closed'] += 1;
  };
  const raws = await database
    .selectFrom('rejections')
    .select(['id', 'raw'])
    .where('raw', 'is not', null)
    .where(sql<boolean>`raw ->> 'keyName' IS DISTINCT FROM ${newest}`)
    .execute();
  for (const row of raws) await attempt('refused', () => reEncryptRaw(database, encryption, row));
  for (let after = '0'; ;) {
    const rows = await pageAfter(database, newest, after);
    for (const row of rows) await attempt('deliveries', () => reEncryptDelivery(database, encryption, newest, row));
    after = rows.at(-1)?.position ?? after;
    listener.progress({ ...done });
    if (rows.length < BATCH_ROWS) return done;
  }
}
