import { coinifyOtcTrade } from '../lifecycles/otc-trade';
import { defineStateEvent } from '../../event';
import { enveloped } from '../envelope';
import { FullTrade, saysOf } from '../trade-bodies';

/** An OTC trade was completed: the only event there is for one. */
export const otcTradeCompleted = defineStateEvent({
  table: coinifyOtcTrade,
  event: 'otc-trade.completed',
  route: 'otc-trade.completed',
  body: enveloped(FullTrade),
  id: ({ context }) => context.id,
  status: () => 'completed',
  readHints: ({ context }) => ({ traderId: context.traderId }),
  duplicateKey: ({ id, context }) => ({ key: id, says: ['otc', ...saysOf(context)] }),
});
