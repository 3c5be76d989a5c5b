import { createHash } from 'node:crypto';

import { CompiledQuery, type Kysely } from 'kysely';
import { v7 as uuidv7 } from 'uuid';

import type { Partner } from '../../domain/partner';
import { IN_CLEAR, type Encryption } from '../encryption';
import type { Tables } from '../schema/tables';
import { appendStatement, encryptDelivery, type NewDelivery } from './append-statement';

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
 * Deliveries made of what a sweep found, counted as received, in one statement. Dispatch handles them like any
 * other.
 */
export async function appendSwept(
  database: Kysely<Tables>,
  partner: Partner,
  deliveries: readonly SweptDelivery[],
  encryption: Encryption = IN_CLEAR,
): Promise<void> {
  if (deliveries.length === 0) return;
  const encrypted = deliveries.map((delivery) => encryptDelivery(newDelivery(partner, delivery), encryption));
  const { text, values } = appendStatement(encrypted, SLOT, 'first');
  await database.executeQuery(CompiledQuery.raw(text, values));
}

/** Slot of the counter. Sweeps of a partner are seldom two at once. */
const SLOT = 0;

function newDelivery(partner: Partner, { route, body }: SweptDelivery): NewDelivery {
  return {
    id: uuidv7(),
    partner,
    route,
    receivedAt: new Date(),
    source: 'sweep',
    headersJson: '[]',
    body,
    bodySha256: hashOf(body),
    verdict: 'authentic',
    credentialFingerprint: null,
    traceparent: null,
  };
}
