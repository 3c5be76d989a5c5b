import { defineUnbookedEvent } from '../../event';
import { TransactionBody } from '../movement-bodies';

/** A transaction the user did not ask for (version 3); kept until it can be booked. */
export const nonUserInitiatedTransactionsV3 = defineUnbookedEvent({
  event: 'non-user-initiated-transactions-v3',
  route: 'non-user-initiated-transactions-v3',
  object: 'transaction',
  lifecycle: 'recorded',
  body: TransactionBody,
});
