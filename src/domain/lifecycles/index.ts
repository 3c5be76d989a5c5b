import type { LifecycleTable } from '../lifecycle';
import type { Partner } from '../notification';
import { coinifyOtcTrade } from './coinify-otc-trade';
import { coinifyTrade } from './coinify-trade';
import { tradevestOrder } from './tradevest-order';

/** Every kind of subject that is followed by a workflow. */
export const lifecycleTables: readonly LifecycleTable[] = [tradevestOrder, coinifyTrade, coinifyOtcTrade];

/** The rules of a partner's kind of object; undefined where nothing is followed. */
export function lifecycleTableOf(partner: Partner, object: string): LifecycleTable | undefined {
  return lifecycleTables.find((table) => table.partner === partner && table.object === object);
}
