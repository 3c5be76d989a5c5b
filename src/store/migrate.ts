import { type Kysely, type Migration, Migrator, sql } from 'kysely';

import { patiently } from './locking';
import { dropColumnsBefore } from './schema/contract';
import { createIndexes } from './schema/indexes';
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
import * as queueAndBodies from './schema/migrations/0011-queue-and-bodies';
import * as actionFlows from './schema/migrations/0012-action-flows';
import * as totals from './schema/migrations/0013-totals';
import * as setsToTheLetter from './schema/migrations/0014-sets-to-the-letter';
import * as holdingsKnown from './schema/migrations/0015-holdings-known';
import * as unreadFields from './schema/migrations/0017-unread-fields';
import * as accepted from './schema/migrations/0018-accepted';
import * as startOfAnAction from './schema/migrations/0019-start-of-an-action';
import * as subjectDetails from './schema/migrations/0020-subject-details';
import * as messages from './schema/migrations/0021-messages';
import * as findingsByTime from './schema/migrations/0022-findings-by-time';
import * as erasures from './schema/migrations/0023-erasures';
import * as queuedByTheAppend from './schema/migrations/0026-queued-by-the-append';
import type { Tables } from './schema/tables';

/**
 * Update of the tables by all migrations that have not run, and of the indexes; idempotent, and safe when several
 * processes do it at once. Receivers go on: a migration waits a second for its locks, and otherwise lets all others go
 * first and tries again.
 */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const pending = await migrationsPending(database);
  if (pending.length > 0) await patiently.execute(() => runMigrations(database, pending));
  await createIndexes(database);
}

/** Update of the tables to those of an earlier release: what a test of the way from there begins with. */
export async function migrateUpTo(database: Kysely<Tables>, last: keyof typeof migrations): Promise<void> {
  const { error } = await migratorOf(database).migrateTo(last);
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed');
}

async function runMigrations(database: Kysely<Tables>, pending: readonly string[]): Promise<void> {
  // No process of an earlier release can know a database that no migration has run on.
  const isFresh = pending.length === Object.keys(migrations).length;
  const { error } = await migratorOf(database, isFresh).migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed');
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
  '0011-queue-and-bodies': queueAndBodies,
  '0012-action-flows': actionFlows,
  '0013-totals': totals,
  '0014-sets-to-the-letter': setsToTheLetter,
  '0015-holdings-known': holdingsKnown,
  '0017-unread-fields': unreadFields,
  '0018-accepted': accepted,
  '0019-start-of-an-action': startOfAnAction,
  '0020-subject-details': subjectDetails,
  '0021-messages': messages,
  '0022-findings-by-time': findingsByTime,
  '0023-erasures': erasures,
  '0026-queued-by-the-append': queuedByTheAppend,
};

/** Migration after which a fresh database needs nothing of release 0.2.0 any more. */
const EXPANDED = '0011-queue-and-bodies';

function migratorOf(database: Kysely<Tables>, isFresh = false): Migrator {
  const steps = Object.entries(migrations).map(([name, { up }]): [string, Migration] => {
    const run = async (transaction: Kysely<unknown>): Promise<void> => {
      await sql`SET LOCAL lock_timeout = '1s'`.execute(transaction);
      await up(transaction);
      if (isFresh && name === EXPANDED) await dropColumnsBefore(transaction);
    };
    return [name, { up: run }];
  });
  const provider = { getMigrations: () => Promise.resolve(Object.fromEntries(steps)) };
  return new Migrator({ db: database, provider });
}

/**
 * Names of the migrations that have not run, so that a process that needs them can refuse to start instead of failing
 * later.
 */
export async function migrationsPending(database: Kysely<Tables>): Promise<readonly string[]> {
  const known = await migratorOf(database).getMigrations();
  return known.flatMap(({ name, executedAt }) => (executedAt === undefined ? [name] : []));
}
