import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import type { Unknown } from '../../domain/lifecycles/corporate-actions/corporate-action';
import { legOf } from '../../domain/lifecycles/corporate-actions/own-breaks';
import type { SetSnapshot, ShownMovement } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import { type CorporateActionKey, type LedgerMovement, loadSetMovements } from './load';
import { obligationsDue } from './obligations-due';
import type { Tables } from '../schema/tables';

type Database = Kysely<Tables> | Transaction<Tables>;

/** Number of breaks and of movements in a snapshot: more than a person reads, and more would fill a history. */
export const MOST_SHOWN = 30;

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
    .select(['version', 'verdict', 'breaks', 'unverified', 'resolution', 'old_instrument'])
    .where('transaction_sets.partner', '=', action.partner)
    .where('corporate_action_id', '=', action.id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  const movements = await loadSetMovements(database, action, userId);
  const due = await obligationsDue(database, action, [userId]);
  const old = row?.old_instrument ?? null;
  return {
    version: row?.version ?? 0,
    verdict: row?.verdict ?? null,
    breaks: (row?.breaks ?? []).slice(0, MOST_SHOWN),
    unknown: shownUnknowns(row?.unverified ?? []),
    resolved: row !== undefined && row.resolution !== null,
    obligationDueAt: due.get(userId) ?? null,
    movements: shownMovements(movements, old),
  };
}

/** Things that are not known of a set as its flow and people see them. */
export function shownUnknowns(unknowns: readonly Unknown[]): readonly Unknown[] {
  return unknowns.map(({ reason, missing }) => ({ reason, missing: missing.slice(0, MOST_SHOWN) }));
}

/** Movements of a set as its flow and people see them. */
export function shownMovements(movements: readonly LedgerMovement[], old: string | null): readonly ShownMovement[] {
  return movements.slice(0, MOST_SHOWN).map((movement) => {
    const { instrument, amount } = movement;
    const creditedAt = new Date(movement.creditedAt).toISOString();
    return { leg: legOf(movement, old), instrument, amount, creditedAt };
  });
}

/** Set with a change that its flow was not notified of, leased to one notifier. */
export interface UnnotifiedSet extends CorporateActionKey {
  readonly userId: string;
  readonly version: number;
  /** Number of failed notifications in a row. */
  readonly failures: number;
  readonly leaseToken: string;
}

/** Lease of sets, of partners whose sets have flows. */
export interface SetLease {
  readonly partners: readonly Partner[];
  readonly leaseToken: string;
  readonly leaseMs: number;
  readonly limit: number;
}

/**
 * Sets leased to the caller, whose flows are to be notified, those first that never failed; fewer than the limit where
 * there are no more now. What another notifier holds, or a judging is about to change, is passed over.
 */
export async function claimUnnotified(
  database: Kysely<Tables>,
  { partners, leaseToken, leaseMs, limit }: SetLease,
): Promise<readonly UnnotifiedSet[]> {
  const { rows } = await sql<UnnotifiedSet>`
    UPDATE transaction_sets s
    SET notify_token = ${leaseToken}::uuid, notify_after = now() + ${leaseMs} * interval '1 millisecond'
    FROM (
      SELECT partner, corporate_action_id, user_id FROM transaction_sets
      WHERE told_version < version AND followed_by = 'holder' AND partner = ANY (${[...partners]}::text[])
        AND (notify_after IS NULL OR notify_after <= now())
      ORDER BY notify_after NULLS FIRST, partner, corporate_action_id, user_id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) AS next
    WHERE s.partner = next.partner AND s.corporate_action_id = next.corporate_action_id AND s.user_id = next.user_id
    RETURNING s.partner, s.corporate_action_id AS id, s.user_id AS "userId", s.version, s.notify_failures AS failures,
      s.notify_token AS "leaseToken"`.execute(database);
  return rows;
}

/** Record that a flow was notified of a version, and end of the lease; a change that came meanwhile is notified next. */
export async function markNotified(database: Kysely<Tables>, set: UnnotifiedSet): Promise<void> {
  await sql`
    UPDATE transaction_sets SET told_version = greatest(told_version, ${set.version}), notify_token = NULL,
      notify_after = NULL, notify_failures = 0
    WHERE ${isLeased(set)}`.execute(database);
}

/** End of a lease: the set is to be notified after a wait, in milliseconds; `failed` where it was tried. */
export async function releaseSet(
  database: Kysely<Tables>,
  set: UnnotifiedSet,
  { retryMs, failed }: { readonly retryMs: number; readonly failed: boolean },
): Promise<void> {
  await sql`
    UPDATE transaction_sets SET notify_token = NULL, notify_after = now() + ${retryMs} * interval '1 millisecond',
      notify_failures = notify_failures + ${failed ? 1 : 0}
    WHERE ${isLeased(set)}`.execute(database);
}

function isLeased({ partner, id, userId, leaseToken }: UnnotifiedSet): RawBuilder<boolean> {
  return sql<boolean>`partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}
    AND notify_token = ${leaseToken}::uuid`;
}
