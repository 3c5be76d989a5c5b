import { type Kysely, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import { recordAction } from '../audit';
import { raiseAlerts } from '../outbox/alerts';
import type { Tables } from '../schema/tables';
import { PENDING_AGAIN } from './retry';

/** Number of rows that one statement changes. */
const PAGE_ROWS = 500;

/**
 * Alert of deliveries that have waited for dispatch for more than an hour, each once. Resolves to their number. For a
 * time at which Temporal is not away: waiting for it is not being stuck.
 */
export async function alertStuck(database: Kysely<Tables>, alertWindowMs: number): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string; partner: Partner }>`
      WITH stuck AS (
        UPDATE delivery_queue SET stuck_since = now() WHERE position = ANY (ARRAY (
          SELECT position FROM delivery_queue
          WHERE stuck_since IS NULL AND coalesce(failing_since, next_attempt_at) < now() - interval '1 hour'
          ORDER BY position LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED
        )) RETURNING position
      ) SELECT id, partner FROM deliveries JOIN stuck USING (position) ORDER BY position`.execute(transaction);
    const causes = rows.map(({ id, partner }) => ({ partner, finding: 'stuck', example: id }) as const);
    await raiseAlerts(transaction, causes, alertWindowMs);
    return rows.length;
  });
}

/**
 * Return to dispatch of deliveries that were parked because the key of their body was missing, and is there now.
 * Resolves to their number; `path` is that of their problem, and `isKnown` tells whether a stored key name is known.
 */
export async function returnWithKey(
  database: Kysely<Tables>,
  path: string,
  isKnown: (keyName: string) => boolean,
): Promise<number> {
  const { rows } = await sql<{ body_key: string }>`
    SELECT DISTINCT body_key FROM deliveries
    WHERE status = 'parked' AND problem->>'path' = ${sql.lit(path)} AND body_key IS NOT NULL`.execute(database);
  const known = rows.map(({ body_key }) => body_key).filter(isKnown);
  if (known.length === 0) return 0;
  return database.transaction().execute(async (transaction) => {
    const returned = await transaction
      .updateTable('deliveries')
      .set(PENDING_AGAIN)
      .where('position', 'in', (query) =>
        query
          .selectFrom('deliveries')
          .select('position')
          .where('status', '=', 'parked')
          .where(sql<boolean>`problem->>'path' = ${sql.lit(path)}`)
          .where('body_key', 'in', known)
          .orderBy('position')
          .limit(PAGE_ROWS)
          .forUpdate()
          .skipLocked(),
      )
      .returning('id')
      .execute();
    for (const { id } of returned) {
      const reason = 'the key of its body is configured again';
      await recordAction(transaction, { by: 'system', action: 'retry', target: id, reason, details: {} });
    }
    return returned.length;
  });
}
