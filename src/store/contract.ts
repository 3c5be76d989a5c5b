import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, sql } from 'kysely';

import { hasBodiesInRows, isAnyBodyInRows, moveBodies } from './deliveries/bodies-in-rows';
import { queueMissing } from './deliveries/queue-missing';
import { patiently } from './locking';
import { dropColumnsBefore } from './schema/contract';
import type { Tables } from './schema/tables';

/** Result of the contract. `in-use`: processes of release 0.2.0 are still connected, and nothing was taken from them. */
export type ContractResult =
  | { readonly kind: 'done'; readonly moved: number }
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'in-use'; readonly processes: number };

/** Name under which processes of release 0.2.0 are connected. */
const NAME_BEFORE = 'partnerflow';

/** Number of connections of processes of release 0.2.0. */
export async function connectionsBefore(database: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE application_name = ${NAME_BEFORE} AND datname = current_database()`.execute(database);
  return rows[0]?.count ?? 0;
}

/**
 * Last step from release 0.2.0: what still lies in its columns moves, and they are dropped. Receivers and dispatchers of
 * this release go on meanwhile. It may be killed anywhere, and run again. `onMoved` is told how many bodies have moved.
 */
export async function contract(
  database: Kysely<Tables>,
  onMoved: (moved: number) => void = () => undefined,
): Promise<ContractResult> {
  if (!(await hasBodiesInRows(database))) return { kind: 'nothing-left' };
  let total = 0;
  const move = async (which: 'decided' | 'all'): Promise<void> => {
    const before = total;
    total += await moveBodies(database, which, (moved) => {
      onMoved(before + moved);
      return true;
    });
  };
  await move('decided');
  const processes = await connectionsBefore(database);
  if (processes > 0) return { kind: 'in-use', processes };
  await move('all');
  await patiently.execute(() => refuseBodiesInRows(database));
  // Rows that somebody held a lock on were passed over.
  while (await isAnyBodyInRows(database)) {
    await delay(PAUSE_MS);
    await move('all');
  }
  await queueMissing(database);
  await patiently.execute(() => drop(database));
  return { kind: 'done', moved: total };
}

const PAUSE_MS = 100;

/** From here on a body that would be written into a row, as only release 0.2.0 does, is refused: its partner sends again. */
async function refuseBodiesInRows(database: Kysely<Tables>): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`SET LOCAL lock_timeout = '1s'`.execute(transaction);
    await sql`ALTER TABLE deliveries DROP CONSTRAINT IF EXISTS deliveries_body_apart`.execute(transaction);
    await sql`
      ALTER TABLE deliveries ADD CONSTRAINT deliveries_body_apart CHECK (body IS NULL) NOT VALID`.execute(transaction);
  });
}

async function drop(database: Kysely<Tables>): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`SET LOCAL lock_timeout = '1s'`.execute(transaction);
    await sql`LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE`.execute(transaction);
    if (await hasBodiesInRows(transaction)) await dropColumnsBefore(transaction);
  });
}
