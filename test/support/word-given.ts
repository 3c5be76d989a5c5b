import type { Kysely } from 'kysely';

import { giveWordAlone } from '../../src/store/ledger/complete-through';
import type { Tables } from '../../src/store/schema/tables';

/** Our word on what is told of holdings at Bitpanda; through the whole time of the tests where none is named. */
export async function wordGiven(database: Kysely<Tables>, through = '2026-06-01T00:00:00Z'): Promise<void> {
  await giveWordAlone(database, { partner: 'bitpanda', through }, 'night-shift');
}
