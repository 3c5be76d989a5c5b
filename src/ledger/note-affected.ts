import type { Transaction } from 'kysely';

import { actionsAfterAliases, actionsAfterMovements } from '../store/corporate-actions/affected';
import type { CorporateActionKey } from '../store/corporate-actions/load';
import { type ActionNews, JUDGE_ANEW, type NewsWork, noteAllNews, ONLY_LOOK } from '../store/corporate-actions/news';
import { touchSetsOf } from '../store/corporate-actions/touch';
import type { LearnedAliases } from '../store/ledger/movements';
import type { Tables } from '../store/schema/tables';
import { type Decided, movementsOf } from './decided';

/**
 * News of the corporate actions whose sets change: those booked here, those whose booked movement is contradicted, and
 * those of other holders whose earlier holdings or instruments change. Their flows judge them, not this transaction, in
 * which every booking of the partner would wait.
 */
export async function noteAffected(
  transaction: Transaction<Tables>,
  decided: readonly Decided[],
  { pairs, contradicted }: Shared,
): Promise<void> {
  const movements = decided.flatMap(movementsOf);
  const changes = movements.flatMap(({ partner, booking: { userId, creditedAt, corporateActionId }, leg }) => {
    const { instrument, amount, isObligation } = leg;
    return isObligation || amount === '0' ? [] : [{ partner, userId, instrument, creditedAt, corporateActionId }];
  });
  const byHolding = await actionsAfterMovements(transaction, changes);
  const renamed = await actionsAfterAliases(transaction, pairs);
  // In one statement: corporate actions are shared by users, and two bookings must not wait for each other.
  await noteAllNews(transaction, [
    ...newsOf(decided.flatMap(bookedAction), ONLY_LOOK),
    ...newsOf([...byHolding, ...contradicted], JUDGE_ANEW),
    ...newsOf(renamed, { ...JUDGE_ANEW, recount: true }),
  ]);
}

/** The parts of a booking that concern other users as well. */
interface Shared extends Pick<LearnedAliases, 'pairs'> {
  /** Corporate actions whose booked movement is contradicted. */
  readonly contradicted: readonly CorporateActionKey[];
}

function newsOf(actions: readonly CorporateActionKey[], work: NewsWork): readonly ActionNews[] {
  return actions.map((action) => ({ action, work }));
}

function bookedAction({ entry, decision }: Decided): readonly CorporateActionKey[] {
  const id = entry.booking.corporateActionId;
  return decision.kind === 'new' && id !== null ? [{ partner: entry.claim.partner, id }] : [];
}

/** Corporate actions of movements that are contradicted; the sets of these are due at once. */
export async function touchContradicted(
  transaction: Transaction<Tables>,
  decided: readonly Decided[],
): Promise<readonly CorporateActionKey[]> {
  const contradicted = decided.filter(({ decision }) => decision.kind === 'contradicting');
  return touchSetsOf(
    transaction,
    contradicted.map(({ entry: { claim, booking } }) => ({
      partner: claim.partner,
      transactionId: booking.transactionId,
    })),
  );
}
