import { coinifyTrade } from './lifecycles/trade';
import { defineStateEvent, type PartnerEvent } from '../event';
import { enveloped } from './envelope';
import { FullTrade, saysOf, ShortTrade } from './trade-bodies';

/** A trade event with amounts; its state is the event's suffix. */
export function fullTradeEvent(state: string): PartnerEvent {
  return defineStateEvent({
    table: coinifyTrade,
    event: `trade.${state}`,
    route: `trade.${state}`,
    body: enveloped(FullTrade),
    id: ({ context }) => context.id,
    status: () => state,
    readHints: ({ context }) => ({ traderId: context.traderId }),
    duplicateKey: ({ id, context }) => ({ key: id, says: [state, ...saysOf(context)] }),
  });
}

/** A trade event that ends the trade without amounts. */
export function shortTradeEvent(state: string): PartnerEvent {
  return defineStateEvent({
    table: coinifyTrade,
    event: `trade.${state}`,
    route: `trade.${state}`,
    body: enveloped(ShortTrade),
    id: ({ context }) => context.id,
    status: () => state,
    readHints: ({ context }) => ({ traderId: context.traderId }),
    duplicateKey: ({ id, context }) => ({ key: id, says: [state, context.id, context.traderId] }),
  });
}
