import { fullTradeEvent } from '../trade-event';

/** A trade was opened; the customer's payment is awaited. */
export const tradeCreated = fullTradeEvent('created');
