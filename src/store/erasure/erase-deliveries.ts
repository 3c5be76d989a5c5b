import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import { encryptJson, type Encryption, headersBinding } from '../encryption';
import type { CountPart } from '../mass-work';
import { hasBodiesInRows } from '../deliveries/bodies-in-rows';
import { decryptHeaders } from '../schema/encrypted-json';
import type { HeaderPairs, KeptDeliveriesView, Tables } from '../schema/tables';
import type { PersonalPlace } from './person';

/** Resources for erasing deliveries. */
export interface DeliveryErasure {
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  readonly count: CountPart;
}

const PAGE_ROWS = 200;

/**
 * Erasure of the bodies and personal headers of a place's deliveries, page by page, each counted with its commit. What
 * is pending or parked is left: it is still to be decoded. Throws `DecryptionError`.
 */
export async function eraseDeliveries(erasure: DeliveryErasure, place: PersonalPlace): Promise<void> {
  for (let after: string | null = '0'; after !== null;) after = await erasePage(erasure, place, after);
}

/** Condition for deliveries of a place that are decided on. */
export function erasable(place: PersonalPlace): RawBuilder<boolean> {
  const isOfPlace = place.kind === 'subject' ? sql`workflow_id = ${place.id}` : sql`id = ${place.id}::uuid`;
  return sql<boolean>`${isOfPlace} AND status IN ('duplicate', 'delivered')`;
}

type Row = Pick<KeptDeliveriesView, 'position' | 'id' | 'headers'>;

function erasePage(
  { database, encryption, count }: DeliveryErasure,
  place: PersonalPlace,
  after: string,
): Promise<string | null> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<Row>`
      SELECT position, id, headers FROM deliveries WHERE ${erasable(place)} AND position > ${after}::bigint
      ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE`.execute(transaction);
    if (rows.length === 0) return null;
    const ids = rows.map(({ id }) => id);
    const bodies = await eraseBodies(transaction, ids);
    const headers = await eraseHeaders(transaction, encryption, rows);
    const { rows: fresh } = await sql`
      INSERT INTO erased_deliveries (id) SELECT unnest(${ids}::uuid[]) ON CONFLICT DO NOTHING RETURNING id`.execute(
      transaction,
    );
    await count(transaction, { deliveries: fresh.length, bodies, headers });
    return rows.at(-1)?.position ?? null;
  });
}

async function eraseBodies(transaction: Transaction<Tables>, ids: readonly string[]): Promise<number> {
  const apart = await sql`
    DELETE FROM delivery_bodies b USING deliveries d
    WHERE d.id = ANY (${[...ids]}::uuid[]) AND b.partner = d.partner AND b.received_at = d.received_at AND b.id = d.id`.execute(
    transaction,
  );
  const removed = Number(apart.numAffectedRows ?? 0);
  if (!(await hasBodiesInRows(transaction))) return removed;
  const inRows = await sql`
    UPDATE deliveries SET body = NULL, body_key = NULL
    WHERE id = ANY (${[...ids]}::uuid[]) AND body IS NOT NULL`.execute(transaction);
  return removed + Number(inRows.numAffectedRows ?? 0);
}

/** Headers that say nothing of a person, and by which evidence verifies what was signed. */
const IMPERSONAL = /^(content-digest|content-type|content-length|date|host|signature|signature-input|.+-signature)$/i;

function isImpersonal([name, value]: HeaderPairs[number]): boolean {
  // The target that was signed, as it is kept among headers; its query may say anything.
  return IMPERSONAL.test(name) || (name.startsWith('@') && !value.includes('?'));
}

async function eraseHeaders(
  transaction: Transaction<Tables>,
  encryption: Encryption,
  rows: readonly Row[],
): Promise<number> {
  let erased = 0;
  for (const { id, headers: stored } of rows) {
    const headers = decryptHeaders(encryption, stored, id);
    const left = headers.filter(isImpersonal);
    if (left.length === headers.length) continue;
    await transaction
      .updateTable('deliveries')
      .set({ headers: encryptJson(encryption, JSON.stringify(left), headersBinding(id)) })
      .where('id', '=', id)
      .execute();
    erased += headers.length - left.length;
  }
  return erased;
}
