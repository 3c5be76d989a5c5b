import type { Kysely } from 'kysely';

import type { StoreActivities } from '../workflows/contract';
import { writeSubject } from '../src/store/flows/subjects';
import type { Tables } from '../src/store/schema/tables';
import { storeFailure } from './failures';

/** The activity by which a flow writes its subject; idempotent by the write's id. */
export function createStoreActivities(database: Kysely<Tables>, alertWindowMs: number): StoreActivities {
  return {
    async writeSubject(write) {
      try {
        return await writeSubject(database, write, alertWindowMs);
      } catch (error) {
        throw storeFailure(error);
      }
    },
  };
}
