import { createHash } from 'node:crypto';

import type { Kysely } from 'kysely';
import { v7 as uuidv7 } from 'uuid';

import type { Partner } from '../../domain/partner';
import { addToCounter } from '../stats/counters';
import { bodyBinding, headersBinding, IN_CLEAR, encryptJson, type Encryption } from '../encryption';
import type { Tables } from '../schema/tables';

/** Event found by a sweep. */
export interface SweptDelivery {
  readonly route: string;
  readonly body: Buffer;
}

/** Event ids among the given ones that a delivery has already brought, whatever its meaning. */
export async function seenKeys(
  database: Kysely<Tables>,
  partner: Partner,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await database
    .selectFrom('event_keys')
    .select('event_key')
    .where('partner', '=', partner)
    .where('event_key', 'in', [...keys])
    .execute();
  return new Set(rows.map(({ event_key }) => event_key));
}

/**
 * Hashes of bodies among the given ones that a sweep has found before, so that a body that cannot be decoded is kept
 * once.
 */
export async function sweptHashes(
  database: Kysely<Tables>,
  partner: Partner,
  bodies: readonly Buffer[],
): Promise<ReadonlySet<string>> {
  if (bodies.length === 0) return new Set();
  const rows = await database
    .selectFrom('deliveries')
    .select('body_sha256')
    .where('partner', '=', partner)
    .where('source', '=', 'sweep')
    .where('body_sha256', 'in', bodies.map(hashOf))
    .execute();
  return new Set(rows.map(({ body_sha256 }) => body_sha256.toString('hex')));
}

function hashOf(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest();
}

/** Hash under which `sweptHashes` contains a body. */
export function sweptHash(body: Buffer): string {
  return hashOf(body).toString('hex');
}

/**
 * Deliveries made of what a sweep found, counted as received, in one transaction. Dispatch handles them like any
 * other.
 */
export async function appendSwept(
  database: Kysely<Tables>,
  partner: Partner,
  deliveries: readonly SweptDelivery[],
  encryption: Encryption = IN_CLEAR,
): Promise<void> {
  if (deliveries.length === 0) return;
  const rows = deliveries.map(({ route, body }) => rowsOf(partner, route, body, encryption));
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('deliveries')
      .values(rows.map(({ facts }) => facts))
      .execute();
    await transaction
      .insertInto('delivery_bodies')
      .values(rows.map(({ content }) => content))
      .execute();
    await addToCounter(transaction, 'received', partner, deliveries.length);
  });
}

function rowsOf(partner: Partner, route: string, body: Buffer, encryption: Encryption) {
  const id = uuidv7();
  const { bytes, keyName } = encryption.encrypt(body, bodyBinding(id));
  const key = { id, partner, received_at: new Date() };
  return {
    facts: {
      ...key,
      route,
      source: 'sweep' as const,
      headers: encryptJson(encryption, '[]', headersBinding(id)),
      body_key: keyName,
      body_sha256: hashOf(body),
      body_bytes: body.length,
      verdict: 'authentic' as const,
    },
    content: { ...key, body: bytes, body_key: keyName },
  };
}
