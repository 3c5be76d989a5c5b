import { fullTradeEvent } from '../trade-event';

/** The payout was sent: the trade is to be booked once its read agrees. */
export const tradeCompleted = fullTradeEvent('completed');
