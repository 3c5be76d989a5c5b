import { createHash, randomUUID } from 'node:crypto';

import type { Insertable, Kysely, Transaction } from 'kysely';

import type { DeliveriesTable, Tables } from '../../src/store/schema/tables';

/** Delivery to be kept; what is left out is as in any other. */
export interface GivenFacts extends Partial<Insertable<DeliveriesTable>> {
  readonly partner: string;
  /** Bytes as they are stored. */
  readonly body: Buffer;
}

/** A delivery kept as a receiver keeps it, its body apart; the id of it. */
export async function keepDelivery(
  database: Kysely<Tables> | Transaction<Tables>,
  { body, ...facts }: GivenFacts,
): Promise<string> {
  const key = { id: facts.id ?? randomUUID(), partner: facts.partner, received_at: facts.received_at ?? new Date() };
  await database
    .insertInto('delivery_bodies')
    .values({ ...key, body, body_key: facts.body_key ?? null })
    .execute();
  await database
    .insertInto('deliveries')
    .values({
      ...{ route: 'test', source: 'webhook', headers: '[]', verdict: 'authentic' },
      ...{ body_sha256: createHash('sha256').update(body).digest(), body_bytes: body.length },
      ...facts,
      ...key,
    })
    .execute();
  return key.id;
}
