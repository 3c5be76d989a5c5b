import { successEvent } from '../settlement';

/** Our deposit arrived. */
export const topUpSuccessV2 = successEvent('top-up-success-v2', 'top-up-success');
