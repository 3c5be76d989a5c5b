import { defineUnbookedEvent } from '../../event';
import { TransactionBody } from '../movement-bodies';

/** A transaction the user did not ask for (version 2); kept until it can be booked. */
export const nonUserInitiatedTransactionsV2 = defineUnbookedEvent({
  event: 'non-user-initiated-transactions-v2',
  route: 'non-user-initiated-transactions-v2',
  object: 'transaction',
  lifecycle: 'recorded',
  body: TransactionBody,
});
