import type { Kysely, Transaction } from 'kysely';

import { newestFirst, type Page, type PageRequest } from './pagination';
import { storedIdOf } from './flows/stored-ids';
import type { Tables } from './schema/tables';

/** Action of an operator, as it is recorded. */
export interface RecordedAction {
  /** Name of the token, or of the system's user where the command line was used. */
  readonly by: string;
  readonly action: string;
  /** Workflow id, delivery id or obligation id that the action concerned. */
  readonly target: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, string | number>>;
  /**
   * Id of the request: one request of one target is recorded once. Absent where the action is recorded in the
   * transaction of its change.
   */
  readonly requestId?: string;
}

/** Action of an operator as it is shown; times are ISO 8601 UTC. */
export interface ShownAction extends Omit<RecordedAction, 'target' | 'requestId'> {
  readonly at: string;
}

/** Record of an operator's action. A request that is recorded already changes nothing. */
export async function recordAction(
  database: Kysely<Tables> | Transaction<Tables>,
  { by, action, target, reason, details, requestId }: RecordedAction,
): Promise<void> {
  await database
    .insertInto('operator_actions')
    .values({ by, action, target, reason, details: JSON.stringify(details), request_id: requestId ?? null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const MOST_SHOWN = 200;

/** Latest 200 actions on one target, oldest first. */
export async function actionsOf(database: Kysely<Tables>, target: string): Promise<readonly ShownAction[]> {
  const rows = await database
    .selectFrom('operator_actions')
    .select(['at', 'by', 'action', 'reason', 'details'])
    .where('target', '=', target)
    .orderBy('position', 'desc')
    .limit(MOST_SHOWN)
    .execute();
  return rows.reverse().map(({ at, ...rest }) => ({ at: at.toISOString(), ...rest }));
}

/** Operator action with its target. */
export interface ActionItem extends ShownAction {
  readonly target: string;
}

/** Filter of operator actions; an absent field admits all. */
export interface ActionFilter {
  readonly target?: string | undefined;
  readonly by?: string | undefined;
  readonly action?: string | undefined;
}

/** Page of operator actions, the newest first. */
export async function listActions(
  database: Kysely<Tables>,
  { target, by, action }: ActionFilter,
  page: PageRequest,
): Promise<Page<ActionItem>> {
  let query = database
    .selectFrom('operator_actions')
    .select(['position', 'at', 'by', 'action', 'target', 'reason', 'details']);
  if (target !== undefined) query = query.where('target', '=', await storedIdOf(database, target));
  if (by !== undefined) query = query.where('by', '=', by);
  if (action !== undefined) query = query.where('action', '=', action);
  return newestFirst(query, page, ({ position: _, at, ...rest }) => ({ at: at.toISOString(), ...rest }));
}
