import { type Kysely, sql, type Transaction } from 'kysely';

import { legOf } from '../../domain/lifecycles/corporate-actions/own-breaks';
import type { SetSnapshot } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import { type CorporateActionKey, loadSetMovements } from './load';
import type { Tables } from '../schema/tables';

type Database = Kysely<Tables> | Transaction<Tables>;

/** Number of breaks and of movements in a snapshot: more than a person reads, and more would fill a history. */
const MOST_SHOWN = 30;

/** Snapshot of one set, for its flow and for the people who look at it. */
export async function loadSetSnapshot(
  database: Database,
  action: CorporateActionKey,
  userId: string,
): Promise<SetSnapshot> {
  const row = await database
    .selectFrom('transaction_sets')
    .innerJoin('corporate_actions', (join) =>
      join
        .onRef('corporate_actions.partner', '=', 'transaction_sets.partner')
        .onRef('corporate_actions.id', '=', 'transaction_sets.corporate_action_id'),
    )
    .select(['version', 'verdict', 'breaks', 'resolution', 'old_instrument'])
    .where('transaction_sets.partner', '=', action.partner)
    .where('corporate_action_id', '=', action.id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  const movements = await loadSetMovements(database, action, userId);
  const dueAt = await earliestObligation(database, action, userId);
  const old = row?.old_instrument ?? null;
  return {
    version: row?.version ?? 0,
    verdict: row?.verdict ?? null,
    breaks: (row?.breaks ?? []).slice(0, MOST_SHOWN),
    resolved: row !== undefined && row.resolution !== null,
    obligationDueAt: dueAt?.toISOString() ?? null,
    movements: movements.slice(0, MOST_SHOWN).map((movement) => {
      const { instrument, amount, creditedAt } = movement;
      return { leg: legOf(movement, old), instrument, amount, creditedAt };
    }),
  };
}

async function earliestObligation(
  database: Database,
  { partner, id }: CorporateActionKey,
  userId: string,
): Promise<Date | null> {
  const row = await sql<{ dueAt: Date | null }>`
    SELECT min(o.due_at) AS "dueAt" FROM movements m JOIN obligations o ON o.movement = m.position
    WHERE m.partner = ${partner} AND m.corporate_action_id = ${id} AND m.user_id = ${userId} AND o.paid_at IS NULL
      AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position)`.execute(database);
  return row.rows[0]?.dueAt ?? null;
}

/** Set with a change that its flow was not notified of. */
export interface UnnotifiedSet extends CorporateActionKey {
  readonly userId: string;
  readonly version: number;
}

/** Wanted sets: those after the given one, of partners whose sets have flows. */
export interface UnnotifiedSetsRequest {
  readonly partners: readonly Partner[];
  readonly after: UnnotifiedSet | null;
  readonly limit: number;
}

/** Sets whose flows are to be notified, a few at a time; fewer than the limit where they are the last. */
export async function unnotifiedSets(
  database: Kysely<Tables>,
  { partners, after, limit }: UnnotifiedSetsRequest,
): Promise<readonly UnnotifiedSet[]> {
  if (partners.length === 0) return [];
  const isBehind = sql<boolean>`(partner, corporate_action_id, user_id) >
    (${after?.partner ?? ''}, ${after?.id ?? ''}, ${after?.userId ?? ''})`;
  const rows = await database
    .selectFrom('transaction_sets')
    .select(['partner', 'corporate_action_id', 'user_id', 'version'])
    .whereRef('told_version', '<', 'version')
    .where('partner', 'in', [...partners])
    .where(isBehind)
    .orderBy('partner')
    .orderBy('corporate_action_id')
    .orderBy('user_id')
    .limit(limit)
    .execute();
  return rows.map(({ partner, corporate_action_id: id, user_id: userId, version }) => ({
    partner,
    id,
    userId,
    version,
  }));
}

/** Record that a flow was notified of a version; a change that came meanwhile is notified next. */
export async function markNotified(
  database: Kysely<Tables>,
  { partner, id, userId, version }: UnnotifiedSet,
): Promise<void> {
  await sql`
    UPDATE transaction_sets SET told_version = greatest(told_version, ${version})
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}`.execute(database);
}
