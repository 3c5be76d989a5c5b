import { Decimal } from 'decimal.js';

import type { FeedMessage } from '../../src/domain/messages/event';

/** What a bank knows of partnerflow's subjects that has read nothing but the feed. */
export interface Bank {
  /** State of each order and trade, by workflow id. */
  readonly orders: Readonly<Record<string, unknown>>;
  /** State and amount of each obligation, by its id. */
  readonly obligations: Readonly<Record<string, { readonly state: string; readonly amount: string }>>;
  /** Amount that is reserved for recurrences, by user. */
  readonly reserved: Readonly<Record<string, string>>;
  /** Holdings, by user and instrument. */
  readonly holdings: Readonly<Record<string, string>>;
}

const ORDERS = ['order', 'trade', 'otc-trade'];

/** A bank rebuilt from the feed alone. */
export function rebuilt(feed: readonly FeedMessage[]): Bank {
  const orders: Record<string, unknown> = {};
  const obligations: Record<string, { state: string; amount: string }> = {};
  const holdings = new Map<string, Decimal>();
  const recurrences = new Map<string, { readonly user: string; readonly amount: string }>();
  for (const { type, subject, data } of feed) {
    if (data === null) continue;
    if (ORDERS.includes(text(data.object)) && data.state !== undefined) orders[subject] = data.state;
    if (type === 'movement.booked' && data.isObligation === false) {
      const name = `${text(data.userId)} ${text(data.instrument)}`;
      holdings.set(name, (holdings.get(name) ?? new Decimal(0)).plus(text(data.amount)));
    }
    if (type === 'obligation.due') obligations[text(data.obligationId)] = { state: 'open', amount: text(data.amount) };
    if (type.startsWith('obligation.') && isRecord(data.obligation)) {
      const { obligationId, state, amount } = data.obligation;
      obligations[text(obligationId)] = { state: text(state), amount: text(amount) };
    }
    if (isRecord(data.recurrence)) {
      const { transactionId, amount } = data.recurrence;
      const name = text(transactionId);
      if (type === 'recurrence.upcoming') recurrences.set(name, { user: text(data.userId), amount: text(amount) });
      if (type === 'recurrence.finished' || type === 'recurrence.released') recurrences.delete(name);
    }
  }
  return { orders, obligations, holdings: plain(holdings), reserved: plain(sums([...recurrences.values()])) };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Sums of amounts by user. */
export function sums(
  items: readonly { readonly user: string; readonly amount: string }[],
): ReadonlyMap<string, Decimal> {
  const byUser = new Map<string, Decimal>();
  for (const { user, amount } of items) byUser.set(user, (byUser.get(user) ?? new Decimal(0)).plus(amount));
  return byUser;
}

/** Decimals without those that are 0. */
export function plain(sums: ReadonlyMap<string, Decimal>): Readonly<Record<string, string>> {
  return Object.fromEntries([...sums].filter(([, sum]) => !sum.isZero()).map(([name, sum]) => [name, sum.toFixed()]));
}
