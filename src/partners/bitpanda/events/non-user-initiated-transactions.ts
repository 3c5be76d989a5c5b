import { defineUnbookedEvent } from '../../event';
import { TransactionBody } from '../movement-bodies';

/** A transaction the user did not ask for (deprecated version); kept until it can be booked. */
export const nonUserInitiatedTransactions = defineUnbookedEvent({
  event: 'non-user-initiated-transactions',
  route: 'non-user-initiated-transactions',
  object: 'transaction',
  lifecycle: 'recorded',
  body: TransactionBody,
});
