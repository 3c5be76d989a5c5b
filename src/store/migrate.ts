import { type Kysely, Migrator } from 'kysely';

import * as firstLight from './migrations/0001-first-light';
import type { Tables } from './tables';

/** Every migration by its name; run in the order of their names, each once. */
const migrations = { '0001-first-light': firstLight };

/** Brings the tables up to date; idempotent, and safe when several processes do it at once. */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed');
}
