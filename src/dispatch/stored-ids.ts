import type { Kysely } from 'kysely';

import { storedKeys } from '../store/flows/stored-ids';
import type { Tables } from '../store/schema/tables';
import type { Decoding } from './decode';

/** Decodings by delivery whose subjects go by the workflow ids under which they are stored. */
export async function withStoredIds(
  database: Kysely<Tables>,
  decodings: ReadonlyMap<string, Decoding>,
): Promise<ReadonlyMap<string, Decoding>> {
  const keys = [...decodings.values()].flatMap((one) => (one.kind === 'decoded' ? [one.decoded.subject] : []));
  const storedKeyOf = await storedKeys(database, keys);
  return new Map(
    [...decodings].map(([id, one]): [string, Decoding] => {
      if (one.kind !== 'decoded') return [id, one];
      return [id, { ...one, decoded: { ...one.decoded, subject: storedKeyOf(one.decoded.subject) } }];
    }),
  );
}
