import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { KeptKey, TrustedKey } from '../../domain/trusted-key';
import type { Tables } from '../schema/tables';

/**
 * Record of the public keys that are trusted now. A key that is no longer among them is kept with the time it was
 * first missed, so that a signature can be verified again years after its key was rotated out. Idempotent.
 */
export async function noteTrustedKeys(
  database: Kysely<Tables>,
  partner: Partner,
  keys: readonly TrustedKey[],
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const { keyId, fingerprint, publicKey } of keys) {
      await transaction
        .insertInto('trusted_keys')
        .values({ partner, key_id: keyId, fingerprint, public_key: JSON.stringify(publicKey) })
        .onConflict((conflict) => conflict.columns(['partner', 'fingerprint', 'key_id']).doUpdateSet({ until: null }))
        .execute();
    }
    await sql`
      UPDATE trusted_keys SET until = now()
      WHERE partner = ${partner} AND until IS NULL AND NOT EXISTS (
        SELECT FROM unnest(${keys.map(({ fingerprint }) => fingerprint)}::text[], ${keys.map(({ keyId }) => keyId)}::text[])
          AS trusted (fingerprint, key_id)
        WHERE trusted.fingerprint = trusted_keys.fingerprint AND trusted.key_id = trusted_keys.key_id)`.execute(
      transaction,
    );
  });
}

/** Keys that have ever been trusted under a fingerprint: one for each name it was given. */
export async function loadTrustedKeys(
  database: Kysely<Tables>,
  partner: Partner,
  fingerprint: string,
): Promise<readonly KeptKey[]> {
  const rows = await database
    .selectFrom('trusted_keys')
    .selectAll()
    .where('partner', '=', partner)
    .where('fingerprint', '=', fingerprint)
    .orderBy('since')
    .execute();
  return rows.map(({ key_id, public_key, since, until }) => ({
    keyId: key_id,
    fingerprint,
    publicKey: public_key,
    since,
    until,
  }));
}
