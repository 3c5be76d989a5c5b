import { type Kysely, Migrator } from 'kysely';

import * as firstLight from './schema/migrations/0001-first-light';
import * as rejectionsOnce from './schema/migrations/0002-rejections-once';
import * as ledger from './schema/migrations/0003-ledger';
import * as reversedBy from './schema/migrations/0004-reversed-by';
import * as audit from './schema/migrations/0004-audit';
import * as outbox from './schema/migrations/0005-outbox';
import * as sealedBodies from './schema/migrations/0006-sealed-bodies';
import * as trace from './schema/migrations/0007-trace';
import * as deedsOnce from './schema/migrations/0008-deeds-once';
import * as dispatchBySubject from './schema/migrations/0009-dispatch-by-subject';
import * as leasedNotifications from './schema/migrations/0010-leased-notifications';
import * as totals from './schema/migrations/0013-totals';
import { createIndexes } from './schema/indexes';
import type { Tables } from './schema/tables';

/**
 * Update of the tables by all migrations that have not run, and of their indexes; idempotent, and safe when several
 * processes do it at once.
 */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const { error } = await migratorOf(database).migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed');
  await createIndexes(database);
}

/** Migrations by name, which is also the order in which each runs once. */
const migrations = {
  '0001-first-light': firstLight,
  '0002-rejections-once': rejectionsOnce,
  '0003-ledger': ledger,
  '0004-audit': audit,
  '0004-reversed-by': reversedBy,
  '0005-outbox': outbox,
  '0006-sealed-bodies': sealedBodies,
  '0007-trace': trace,
  '0008-deeds-once': deedsOnce,
  '0009-dispatch-by-subject': dispatchBySubject,
  '0010-leased-notifications': leasedNotifications,
  '0013-totals': totals,
};

function migratorOf(database: Kysely<Tables>): Migrator {
  return new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrations) } });
}

/**
 * Names of the migrations that have not run, so that a process that needs them can refuse to start instead of failing
 * later.
 */
export async function migrationsPending(database: Kysely<Tables>): Promise<readonly string[]> {
  const known = await migratorOf(database).getMigrations();
  return known.flatMap(({ name, executedAt }) => (executedAt === undefined ? [name] : []));
}
