import { shortTradeEvent } from '../trade-event';

/** The payment did not come in time. */
export const tradeExpired = shortTradeEvent('expired');
