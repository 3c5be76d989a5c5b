import { createHash } from 'node:crypto';

import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import { inLockOrder } from '../locking';
import type { EventKeysTable, Tables } from '../schema/tables';

/**
 * Result of the search for earlier deliveries of one event id: the delivery that had this meaning first, and the
 * presence of an earlier one with another meaning.
 */
export interface DuplicateCheck {
  readonly firstDeliveryId: string;
  readonly contradictsEarlier: boolean;
}

/** Event id of a delivery with its meaning. */
export interface EventKey {
  readonly deliveryId: string;
  readonly partner: Partner;
  readonly key: string;
  readonly meaning: string;
}

/** Hash under which a meaning is registered, because an index takes no text of any length. */
export function hashOf(meaning: string): string {
  return createHash('sha256').update(meaning).digest('hex');
}

type Database = Kysely<Tables> | Transaction<Tables>;

/**
 * Duplicate checks of deliveries by their event ids, which are registered with their meaning. The first delivery of a
 * meaning owns it for good. Runs in the given transaction, or in one of its own.
 */
export async function registerKeys(
  database: Database,
  keys: readonly EventKey[],
): Promise<ReadonlyMap<string, DuplicateCheck>> {
  if (keys.length === 0) return new Map();
  const ordered = inLockOrder(keys, ({ partner, key }) => `${partner} ${key}`);
  const register = async (transaction: Database): Promise<ReadonlyMap<string, DuplicateCheck>> => {
    await lockKeys(transaction, ordered);
    await insertMeanings(transaction, ordered);
    return checksOf(keys, await meaningsOf(transaction, keys));
  };
  return database.isTransaction ? register(database) : database.transaction().execute(register);
}

/**
 * Lock on each event id until the transaction ends. Of two transactions that register different meanings at the same
 * moment neither sees the other's row before it is committed, and both would be taken for the first.
 */
async function lockKeys(transaction: Database, ordered: readonly EventKey[]): Promise<void> {
  await sql`
    SELECT pg_advisory_xact_lock(hashtextextended(input.partner || ' ' || input.event_key, 0))
    FROM unnest(${ordered.map(({ partner }) => partner)}::text[], ${ordered.map(({ key }) => key)}::text[])
      AS input (partner, event_key)`.execute(transaction);
}

async function insertMeanings(transaction: Database, ordered: readonly EventKey[]): Promise<void> {
  await sql`
    INSERT INTO event_keys (partner, event_key, meaning, delivery_id)
    SELECT partner, event_key, meaning, delivery_id
    FROM unnest(${ordered.map(({ partner }) => partner)}::text[], ${ordered.map(({ key }) => key)}::text[],
      ${ordered.map(({ meaning }) => meaning)}::text[], ${ordered.map(({ deliveryId }) => deliveryId)}::uuid[])
      WITH ORDINALITY AS input (partner, event_key, meaning, delivery_id, place)
    ORDER BY place
    ON CONFLICT DO NOTHING`.execute(transaction);
}

type Meaning = Pick<Selectable<EventKeysTable>, 'partner' | 'event_key' | 'meaning' | 'delivery_id'>;

function checksOf(keys: readonly EventKey[], meanings: readonly Meaning[]): ReadonlyMap<string, DuplicateCheck> {
  return new Map(
    keys.flatMap(({ deliveryId, partner, key, meaning }) => {
      const same = meanings.filter((row) => row.partner === partner && row.event_key === key);
      const own = same.find((row) => row.meaning === meaning);
      if (own === undefined) return [];
      return [[deliveryId, { firstDeliveryId: own.delivery_id, contradictsEarlier: same[0] !== own }]];
    }),
  );
}

/**
 * Meanings under the given ids, in the order in which they were registered. The condition on the partner lets the
 * index serve.
 */
async function meaningsOf(transaction: Database, keys: readonly EventKey[]): Promise<readonly Meaning[]> {
  return transaction
    .selectFrom('event_keys')
    .select(['partner', 'event_key', 'meaning', 'delivery_id'])
    .where('partner', '=', sql<string>`ANY (${[...new Set(keys.map(({ partner }) => partner))]}::text[])`)
    .where('event_key', '=', sql<string>`ANY (${[...new Set(keys.map(({ key }) => key))]}::text[])`)
    .orderBy('position')
    .execute();
}
