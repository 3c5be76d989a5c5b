import { transactionEvent } from '../transaction-event';

/** A transaction the user did not ask for (version 3: UUIDs). */
export const nonUserInitiatedTransactionsV3 = transactionEvent('non-user-initiated-transactions-v3', false);
