import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';

import { decryptHeaders, decryptRaw } from '../schema/encrypted-json';
import {
  bodyBinding,
  DecryptionError,
  encryptJson,
  type Encryption,
  headersBinding,
  keyIdOf,
  rawBinding,
  type StoredBytes,
} from '../encryption';
import { type CountPart, type MassItem, type MassResults, runMassWork } from '../mass-work';
import type { KeptDeliveriesView, RejectionsTable, Tables } from '../schema/tables';
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
  readonly progress: (words: string) => void;
  readonly continued: (words: string) => void;
  readonly closed: (problem: DecryptionError) => void;
}

/** Number of bodies in memory at once; each may be as large as the receiver's limit. */
const BATCH_ROWS = 50;
/** Number of positions that a process takes at once. */
const RANGE_POSITIONS = 1_000;
const LISTED_AT_ONCE = 1_000;
/** Item of the raws of rejected requests, of which there are few. */
const RAWS = 'raws';

/**
 * Re-encryption with the newest key of everything that an older one encrypted, or none. It may be stopped anywhere:
 * whoever asks for the same goes on with what is left, and two at once share it. Each batch is committed and passes
 * over rows that somebody else has locked, so that it never holds up the receiver.
 */
export async function reEncryptAll(
  database: Kysely<Tables>,
  encryption: Encryption,
  by: string,
  listener: ReEncryptionListener,
): Promise<ReEncrypted> {
  const { newest } = encryption;
  if (newest === null) return { deliveries: 0, refused: 0, closed: 0 };
  const parts = { database, encryption, newest, listener };
  const results = await runMassWork(
    database,
    { kind: 'rotate-bodies', scope: newest, by },
    {
      list: (add) => listRanges(database, add),
      pageItems: 1,
      onProgress: listener.progress,
      onContinued: listener.continued,
      workOn: ([first], count) =>
        first?.item === RAWS ? reEncryptRaws(parts) : reEncryptRange({ ...parts, count }, first?.item ?? ''),
      actionOf: (done) => actionOf(done, newest),
    },
  );
  return { deliveries: results.deliveries ?? 0, refused: results.refused ?? 0, closed: results.closed ?? 0 };
}

function actionOf({ deliveries = 0, refused = 0, closed = 0 }: MassResults, newest: string) {
  if (deliveries + refused === 0) return null;
  const details = { deliveries, refused, closed, key: keyIdOf(newest) };
  return { action: 'rotate-bodies', target: 'bodies', reason: null, details };
}

interface Parts {
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  readonly newest: string;
  readonly listener: ReEncryptionListener;
}

/** Ranges of positions, each by its first, padded so that they are worked off in order; and the raws. */
async function listRanges(database: Kysely<Tables>, add: (page: readonly MassItem[]) => Promise<void>): Promise<void> {
  await add([{ item: RAWS }]);
  const { rows } = await sql<{ first: string | null; last: string | null }>`
    SELECT min(position) AS first, max(position) AS last FROM deliveries`.execute(database);
  const last = Number(rows[0]?.last ?? -1);
  for (let next = Number(rows[0]?.first ?? 0); next <= last;) {
    const page: MassItem[] = [];
    for (; next <= last && page.length < LISTED_AT_ONCE; next += RANGE_POSITIONS)
      page.push({ item: String(next).padStart(20, '0') });
    await add(page);
  }
}

async function reEncryptRaws({ database, encryption, newest, listener }: Parts): Promise<MassResults> {
  const raws = await database
    .selectFrom('rejections')
    .select(['id', 'raw'])
    .where('raw', 'is not', null)
    .where(sql<boolean>`raw ->> 'keyName' IS DISTINCT FROM ${newest}`)
    .execute();
  const results = { refused: 0, closed: 0 };
  for (const row of raws)
    results[(await attempt(() => reEncryptRaw(database, encryption, row), listener.closed)) ? 'refused' : 'closed'] +=
      1;
  return results;
}

const WAIT_MS = 100;

interface RangeParts extends Parts {
  readonly count: CountPart;
}

/** Results of a range of positions, in batches until none is left but those that cannot be decrypted. */
async function reEncryptRange(parts: RangeParts, item: string): Promise<MassResults> {
  const first = Number(item);
  const closed = new Set<string>();
  for (;;) {
    if ((await reEncryptBatch(parts, first, closed)) > 0) continue;
    if (!(await isLeft(parts, first, closed))) return { closed: closed.size };
    await delay(WAIT_MS);
  }
}

/** Rows of a range that are to be encrypted again. */
function toDo(first: number, newest: string, closed: ReadonlySet<string>) {
  return sql<boolean>`position >= ${first} AND position < ${first + RANGE_POSITIONS} AND ${notUnder(newest)}
    AND position <> ALL (${[...closed]}::bigint[])`;
}

async function isLeft({ database, newest }: Parts, first: number, closed: ReadonlySet<string>): Promise<boolean> {
  const row = await database
    .selectFrom('deliveries')
    .select('id')
    .where(toDo(first, newest, closed))
    .limit(1)
    .execute();
  return row.length > 0;
}

/** Number of rows of the next batch; 0 where all that are left are locked by others. */
async function reEncryptBatch(parts: RangeParts, first: number, closed: Set<string>): Promise<number> {
  const { database, newest, listener } = parts;
  return database.transaction().execute(async (transaction) => {
    const locked = await transaction
      .selectFrom('deliveries')
      .select('position')
      .where(toDo(first, newest, closed))
      .orderBy('position')
      .limit(BATCH_ROWS)
      .forUpdate()
      .skipLocked()
      .execute();
    if (locked.length === 0) return 0;
    const positions = locked.map(({ position }) => position);
    const rows = await transaction
      .selectFrom('kept_deliveries')
      .select(['position', 'id', 'body', 'body_key', 'headers'])
      .where('position', 'in', positions)
      .execute();
    for (const row of rows)
      if (!(await attempt(() => reEncryptDelivery(transaction, parts, row), listener.closed))) closed.add(row.position);
    const deliveries = rows.length - rows.filter(({ position }) => closed.has(position)).length;
    await parts.count(transaction, { deliveries });
    return deliveries;
  });
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

/** Condition for rows that another key encrypted, or none. */
function notUnder(newest: string) {
  return sql<boolean>`(body_key IS DISTINCT FROM ${newest} OR headers ->> 'keyName' IS DISTINCT FROM ${newest})`;
}

type DeliveryRow = Pick<KeptDeliveriesView, 'id' | 'body' | 'body_key' | 'headers'>;

/** The row bears the name of the newest key also where its body is gone: there is nothing left to do. */
async function reEncryptDelivery(
  transaction: Transaction<Tables>,
  { encryption, newest }: Pick<Parts, 'encryption' | 'newest'>,
  { id, body: bytes, body_key: keyName, headers: stored }: DeliveryRow,
): Promise<void> {
  const headers = JSON.stringify(decryptHeaders(encryption, stored, id));
  if (bytes !== null) {
    const clear = encryption.decrypt({ bytes, keyName }, bodyBinding(id));
    await replaceBody(transaction, id, encryption.encrypt(clear, bodyBinding(id)));
  }
  await transaction
    .updateTable('deliveries')
    .set({ headers: encryptJson(encryption, headers, headersBinding(id)), body_key: newest })
    .where('id', '=', id)
    .execute();
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
