import { topUpRequestEvent } from '../settlement';

/** Our wallet is short (deprecated version). */
export const topUpRequest = topUpRequestEvent('top-up-request');
