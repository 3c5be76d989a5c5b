import { sendMoneyEvent } from '../settlement';

/** A payout to us is on its way (deprecated version). */
export const sendMoney = sendMoneyEvent('send-money');
