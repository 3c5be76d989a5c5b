import { topUpRequestEvent } from '../settlement';

/** Our wallet is short. */
export const topUpRequestV2 = topUpRequestEvent('top-up-request-v2');
