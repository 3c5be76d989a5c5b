import { sendMoneyEvent } from '../settlement';

/** A payout to us is on its way. */
export const sendMoneyV2 = sendMoneyEvent('send-money-v2');
