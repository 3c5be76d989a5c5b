import type { LifecycleTable } from '../../../domain/lifecycles/table';
import { coinifyIdentification } from './identification';
import { coinifyOtcTrade } from './otc-trade';
import { coinifyTrade } from './trade';

/** Every kind of Coinify’s objects that is followed by a workflow; a new one is one file and one line here. */
export const lifecycles: readonly LifecycleTable[] = [coinifyTrade, coinifyOtcTrade, coinifyIdentification];
