import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Coinify OTC trades: `otc-trade.completed` is the only event there can be (partner page), and no read is documented. */
export const coinifyOtcTrade: LifecycleTable = {
  partner: 'coinify',
  object: 'otc-trade',
  lifecycle: 'order',
  title: 'Coinify OTC trade',
  readable: false,
  settlement: 'completed',
  firstDue: 'P1D',
  states: { completed: { rank: 1, owed: [], due: 'P1D', ends: 'at once', tells: 'order.settled' } },
};
