import { sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import { inLockOrder } from '../locking';
import type { Tables } from '../schema/tables';
import type { NewMovement } from './movements';

/** Rows of sets, and of their corporate actions, for booked movements that belong to one. */
export async function ensureSets(transaction: Transaction<Tables>, movements: readonly NewMovement[]): Promise<void> {
  const sets = namedSets(movements);
  if (sets.length === 0) return;
  await ensureActions(transaction, sets);
  await transaction
    .insertInto('transaction_sets')
    .values(
      sets.map(({ partner, corporateActionId, userId }) => ({
        partner,
        corporate_action_id: corporateActionId,
        user_id: userId,
        breaks: '[]',
        expected_new: '{}',
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Rows of sets that the flow of their corporate action follows, each with a higher version for what was booked: it is
 * due once its quiet period, in milliseconds, has passed. Their rows are locked before those of their flows, as whoever
 * judges them does.
 */
export async function settleSets(
  transaction: Transaction<Tables>,
  movements: readonly NewMovement[],
  quietMs: number,
): Promise<void> {
  const sets = [...new Map(namedSets(movements).map((set) => [nameOf(set), set])).values()];
  if (sets.length === 0) return;
  await ensureActions(transaction, sets);
  await sql`
    INSERT INTO transaction_sets AS sets (partner, corporate_action_id, user_id, followed_by, version, told_version, look_at,
      ask_after)
    SELECT partner, corporate_action_id, user_id, 'action', 1, 1, now() + ${quietMs} * interval '1 millisecond', now()
    FROM unnest(${sets.map(({ partner }) => partner)}::text[],
      ${sets.map(({ corporateActionId }) => corporateActionId)}::text[], ${sets.map(({ userId }) => userId)}::text[])
      WITH ORDINALITY AS input (partner, corporate_action_id, user_id, place) ORDER BY place
    ON CONFLICT (partner, corporate_action_id, user_id) DO UPDATE SET followed_by = 'action',
      version = sets.version + 1, told_version = sets.version + 1, look_at = excluded.look_at,
      ask_after = excluded.ask_after`.execute(transaction);
}

interface NamedSet {
  readonly partner: Partner;
  readonly corporateActionId: string;
  readonly userId: string;
  readonly type: string;
}

function namedSets(movements: readonly NewMovement[]): readonly NamedSet[] {
  const named = movements.flatMap(({ partner, booking: { corporateActionId, userId, type } }) =>
    corporateActionId === null ? [] : [{ partner, corporateActionId, userId, type }],
  );
  return inLockOrder(named, nameOf);
}

function nameOf({ partner, corporateActionId, userId }: NamedSet): string {
  return `${partner} ${corporateActionId} ${userId}`;
}

async function ensureActions(transaction: Transaction<Tables>, sets: readonly NamedSet[]): Promise<void> {
  await transaction
    .insertInto('corporate_actions')
    .values(sets.map(({ partner, corporateActionId: id, type }) => ({ partner, id, type, ratios: '[]' })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Set in its quiet period, as its row is to show it. */
export interface QuietSet {
  readonly workflowId: string;
  readonly partner: Partner;
  readonly objectId: string;
  readonly state: string;
  readonly since: string;
  readonly dueAt: string;
  /** Workflow id of the flow of the whole corporate action, where that one follows it; null for a flow of its own. */
  readonly followedIn: string | null;
}

/**
 * Rows that show the quiet period of sets, from the moment they are booked: their flows write only what they have
 * judged. The version of a row stays, because it is the flow's own.
 */
export async function showQuietPeriod(transaction: Transaction<Tables>, booked: readonly QuietSet[]): Promise<void> {
  const sets = inLockOrder([...new Map(booked.map((set) => [set.workflowId, set])).values()], (set) => set.workflowId);
  if (sets.length === 0) return;
  await sql`
    INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, state, waiting_for, since, due_at, open, as_of,
      followed_in)
    SELECT workflow_id, 'corporateAction', partner, 'corporate-action', object_id, state, '{settle}', since, due_at, true,
      now(), followed_in
    FROM unnest(${sets.map(({ workflowId }) => workflowId)}::text[], ${sets.map(({ partner }) => partner)}::text[],
      ${sets.map(({ objectId }) => objectId)}::text[], ${sets.map(({ state }) => state)}::text[],
      ${sets.map(({ since }) => since)}::timestamptz[], ${sets.map(({ dueAt }) => dueAt)}::timestamptz[],
      ${sets.map(({ followedIn }) => followedIn)}::text[])
      WITH ORDINALITY AS input (workflow_id, partner, object_id, state, since, due_at, followed_in, place) ORDER BY place
    ON CONFLICT (workflow_id) DO UPDATE SET state = excluded.state, waiting_for = excluded.waiting_for,
      since = excluded.since, due_at = excluded.due_at, overdue = false, finding = NULL, open = true,
      closed_for_good = false, as_of = excluded.as_of, followed_in = coalesce(excluded.followed_in, subjects.followed_in),
      subject = CASE WHEN subjects.subject IS NULL THEN NULL ELSE jsonb_set(subjects.subject, '{end}', 'null') END`.execute(
    transaction,
  );
}
