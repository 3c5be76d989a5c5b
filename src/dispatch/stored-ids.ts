import type { Kysely } from 'kysely';

import { storedKeys } from '../store/flows/stored-ids';
import type { Tables } from '../store/schema/tables';
import type { DecodedDelivery } from './decode';

/** Deliveries whose subjects go by the workflow ids under which they are stored. */
export async function withStoredIds(
  database: Kysely<Tables>,
  deliveries: readonly DecodedDelivery[],
): Promise<readonly DecodedDelivery[]> {
  const keys = deliveries.flatMap((delivery) => (delivery.kind === 'decoded' ? [delivery.decoded.subject] : []));
  const storedKeyOf = await storedKeys(database, keys);
  return deliveries.map((delivery) => {
    if (delivery.kind !== 'decoded') return delivery;
    const { decoded } = delivery;
    return { ...delivery, decoded: { ...decoded, subject: storedKeyOf(decoded.subject) } };
  });
}
