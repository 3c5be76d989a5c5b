import { successEvent } from '../settlement';

/** A payout was initiated, not yet received (deprecated version). */
export const sendMoneySuccess = successEvent('send-money-success', 'send-money-success');
