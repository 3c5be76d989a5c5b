import { createHash } from 'node:crypto';

import type { ObjectKind, WebhookContent, SimulatedObject } from '../kind';

/** Trader that a trade belongs to; several trades belong to one, as in reality. */
export function traderIdOf(object: SimulatedObject): number {
  return 500 + (object.number % 7);
}

/** REST states by trade event (vendors.md §2.2; the first two pairs are assumed there). */
const REST_STATES: Readonly<Record<string, string>> = {
  created: 'awaiting_transfer_in',
  'transfer-in-completed': 'processing',
  completed: 'completed',
  cancelled: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
};
const SHORT_BODIES = ['cancelled', 'expired', 'rejected'];

const tradeEvent = (content: WebhookContent): string => `trade.${content.status ?? 'updated'}`;

/** Trades of a trader: the final three states come with a short body (vendors.md §2.2). */
export const trade: ObjectKind = {
  name: 'trade',
  object: 'trade',
  states: Object.keys(REST_STATES),
  route: () => 'coinify',
  idOf,
  event: tradeEvent,
  webhook: (object, content) => {
    const short = SHORT_BODIES.includes(content.status ?? '');
    const partnerContext = { refId: object.number };
    const context = { ...trader(object), ...(short ? {} : transfers(object, content)), partnerContext };
    return envelope(tradeEvent(content), content, context);
  },
  read: {
    path: '/trades/:id',
    answer: (object, state) => ({
      id: Number(object.id),
      traderId: traderIdOf(object),
      state: REST_STATES[state] ?? state,
      inAmount: amountIn(object, false),
      inCurrency: 'EUR',
    }),
  },
};

/** OTC trades: `otc-trade.completed` is the only event there is, and no read is documented. */
export const otcTrade: ObjectKind = {
  name: 'otc-trade',
  object: 'otc-trade',
  states: ['completed'],
  route: () => 'coinify',
  idOf,
  event: (content) => `otc-trade.${content.status ?? 'updated'}`,
  webhook: (object, content) => {
    const leg = (amount: number, currency: string): object => ({
      amount: { amount, currency },
      details: { address: `address-${object.number}`, transaction: `transaction-${object.number}` },
      transactionTime: content.at,
    });
    const paid = 300 * amountIn(object, content.altered);
    const fee = (amount: number): object => ({ amount: { amount, currency: 'EUR' } });
    return envelope(`otc-trade.${content.status ?? 'updated'}`, content, {
      ...trader(object),
      partnerFee: fee(100),
      totalFee: fee(200),
      transferIn: leg(paid, 'EUR'),
      transferOut: leg(1, 'BTC'),
      createTime: content.at,
    });
  },
  read: null,
};

/** Attempts of a trader to identify himself: the webhook names the trader, never the attempt (vendors.md §2.2). */
export const identification: ObjectKind = {
  name: 'identification',
  object: 'identification',
  states: ['approved', 'rejected'],
  route: () => 'coinify',
  idOf,
  event: (content) => `identification-attempt.${content.status ?? 'updated'}`,
  webhook: (object, content) =>
    envelope(`identification-attempt.${content.status ?? 'updated'}`, content, {
      traderId: object.id,
      ...(content.status === 'rejected' ? { rejectReason: content.altered ? 'EXPIRED' : 'DENIED' } : {}),
    }),
  read: null,
};

function idOf(seed: string, number: number): string {
  const base = createHash('sha256').update(`coinify ${seed}`).digest().readUInt16BE(0);
  return String((base + 1) * 10_000 + number);
}

function trader(object: SimulatedObject): Readonly<Record<string, unknown>> {
  return { id: object.id, traderId: String(traderIdOf(object)), residenceCountry: 'DK' };
}

function transfers(object: SimulatedObject, content: WebhookContent): Readonly<Record<string, unknown>> {
  const paid = amountIn(object, content.altered);
  const transaction = content.status === 'completed' ? { transaction: `transaction-${object.number}` } : {};
  return {
    eurAmount: paid - 3,
    transferIn: { medium: 'card', amount: { amount: paid, currency: 'EUR' }, totalFee: { amount: 3, currency: 'EUR' } },
    transferOut: {
      medium: 'blockchain',
      amount: { amount: paid / 1_000, currency: 'BTC', isApproximate: content.status !== 'completed' },
      totalFee: { amount: 0.0001, currency: 'BTC' },
      details: { address: `address-${object.number}`, ...transaction },
    },
  };
}

function amountIn(object: SimulatedObject, altered: boolean): number {
  return 100 + object.number + (altered ? 5_000 : 0);
}

function envelope(event: string, content: WebhookContent, context: object): Readonly<Record<string, unknown>> {
  return { id: content.eventId, time: content.at, event, context };
}
