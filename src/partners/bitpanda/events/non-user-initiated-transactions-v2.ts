import { transactionEvent } from '../transaction-event';

/** A transaction the user did not ask for (version 2: integer ids). */
export const nonUserInitiatedTransactionsV2 = transactionEvent('non-user-initiated-transactions-v2', false);
