import { successEvent } from '../settlement';

/** Our deposit arrived (deprecated version). */
export const topUpSuccess = successEvent('top-up-success', 'top-up-success');
