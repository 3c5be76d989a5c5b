import { shortTradeEvent } from '../trade-event';

/** The trade was rejected, before or after the payment. */
export const tradeRejected = shortTradeEvent('rejected');
