import type { Kysely } from 'kysely';

import { judgeSets, type JudgingOptions } from '../store/corporate-actions/judge';
import { type Reversal, type ReversalRequest, reverseMovements } from '../store/ledger/reversals';
import type { Tables } from '../store/schema/tables';

/**
 * The reversal of an event, after which the corporate actions that rest on it are judged again; null where nothing is
 * booked under the id. `within` runs each piece of work on the store. Where judging fails the caller repeats the whole:
 * what is reversed already stays, and is judged then.
 */
export async function reverseEvent(
  database: Kysely<Tables>,
  policies: JudgingOptions,
  request: ReversalRequest,
  within: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
): Promise<Reversal | null> {
  const reversal = await within(() => reverseMovements(database, request));
  const { partner } = request;
  for (const id of reversal?.corporateActionIds ?? []) {
    await within(() => judgeSets(database, { partner, id }, policies));
  }
  return reversal;
}
