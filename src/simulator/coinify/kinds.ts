import { createHash } from 'node:crypto';

import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';

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

/** Trades of a trader: the final three states come with a short body (vendors.md §2.2). */
export const trade = coinifyKind({
  name: 'trade',
  states: Object.keys(REST_STATES),
  context: (object, content) => ({
    ...trader(object),
    ...(SHORT_BODIES.includes(content.status ?? '') ? {} : transfers(object, content)),
    partnerContext: { refId: object.number },
  }),
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
});

/** OTC trades: `otc-trade.completed` is the only event there is, and no read is documented. */
export const otcTrade = coinifyKind({
  name: 'otc-trade',
  states: ['completed'],
  context: (object, content) => {
    const leg = (amount: number, currency: string): object => ({
      amount: { amount, currency },
      details: { address: `address-${object.number}`, transaction: `transaction-${object.number}` },
      transactionTime: content.at,
    });
    const fee = (amount: number): object => ({ amount: { amount, currency: 'EUR' } });
    return {
      ...trader(object),
      partnerFee: fee(100),
      totalFee: fee(200),
      transferIn: leg(300 * amountIn(object, content.altered), 'EUR'),
      transferOut: leg(1, 'BTC'),
      createTime: content.at,
    };
  },
});

/** Attempts of a trader to identify himself: the webhook names the trader, never the attempt (vendors.md §2.2). */
export const identification = coinifyKind({
  name: 'identification',
  event: 'identification-attempt',
  states: ['approved', 'rejected'],
  context: (object, content) => ({
    traderId: object.id,
    ...(content.status === 'rejected' ? { rejectReason: content.altered ? 'EXPIRED' : 'DENIED' } : {}),
  }),
});

/** Differences between the kinds. */
interface Definition extends Pick<ObjectKind, 'name' | 'states'> {
  /** First word of the event's name, before the state; absent: the name. */
  readonly event?: string;
  readonly context: ObjectKind['webhook'];
  /** Read; absent where the partner offers none. */
  readonly read?: ObjectKind['read'];
}

/** Kind of Coinify's: everything comes to one address, in one envelope. */
function coinifyKind({ name, event = name, states, context, read = null }: Definition): ObjectKind {
  const eventOf = ({ status }: WebhookContent): string => `${event}.${status ?? 'updated'}`;
  return {
    ...{ name, object: name, states, idOf, read },
    route: () => 'coinify',
    event: eventOf,
    webhook: (object, content) => ({
      ...{ id: content.eventId, time: timeOf(object, content), event: eventOf(content) },
      context: context(object, content),
    }),
  };
}

/** The time of what happened: when the object took the state, however late it is told. */
function timeOf({ history }: SimulatedObject, { status, at }: WebhookContent): string {
  return history.filter(({ state }) => state === status).at(-1)?.at ?? at;
}

function idOf(seed: string, number: number): string {
  const base = createHash('sha256').update(`coinify ${seed}`).digest().readUInt16BE(0);
  return String((base + 1) * 10_000 + number);
}

function trader(object: SimulatedObject): Json {
  return { id: object.id, traderId: String(traderIdOf(object)), residenceCountry: 'DK' };
}

function transfers(object: SimulatedObject, content: WebhookContent): Json {
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
