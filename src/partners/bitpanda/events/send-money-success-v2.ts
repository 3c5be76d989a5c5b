import { successEvent } from '../settlement';

/** A payout was initiated, not yet received. */
export const sendMoneySuccessV2 = successEvent('send-money-success-v2', 'send-money-success');
