import { transactionEvent } from '../transaction-event';

/** A transaction the user did not ask for (deprecated version: it cannot say whether it moves an asset or money). */
export const nonUserInitiatedTransactions = transactionEvent('non-user-initiated-transactions', true);
