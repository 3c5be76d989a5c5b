import { fullTradeEvent } from '../trade-event';

/** The payment is in; the payout has not been sent yet: nothing may be credited. */
export const tradeTransferInCompleted = fullTradeEvent('transfer-in-completed');
