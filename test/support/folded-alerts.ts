import type { Kysely } from 'kysely';

import { foldAlerts } from '../../src/store/outbox/alerts';
import type { Tables } from '../../src/store/schema/tables';

/** Database in which all causes that were raised are in `alerts`, as a receiver would fold them within a second. */
export async function withFoldedAlerts(database: Kysely<Tables>): Promise<Kysely<Tables>> {
  while ((await foldAlerts(database)) > 0);
  return database;
}
