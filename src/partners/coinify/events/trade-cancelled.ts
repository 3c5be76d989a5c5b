import { shortTradeEvent } from '../trade-event';

/** The trade was cancelled before the payment. */
export const tradeCancelled = shortTradeEvent('cancelled');
