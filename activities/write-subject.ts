import type { Kysely } from 'kysely';

import { writeSubject } from '../src/store/flows/subjects';
import type { Tables } from '../src/store/schema/tables';
import type { StoreActivities } from '../workflows/contract';
import { storing } from './failures';

/** The activity by which a flow writes its subject; idempotent by the write's id. Throws what `storeFailure` makes. */
export function createStoreActivities(database: Kysely<Tables>, alertWindowMs: number): StoreActivities {
  return { writeSubject: (write) => storing(() => writeSubject(database, write, alertWindowMs)) };
}
