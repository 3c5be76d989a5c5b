import * as t from 'io-ts';

import { ExactDecimal, ObjectId, optional } from '../../../codecs/primitives';
import { bitpandaDeposit } from '../lifecycles/deposit';
import { bitpandaPayout } from '../lifecycles/payout';
import { defineRecordedEvent, defineStateEvent, type PartnerEvent } from '../../event';
import { AssetId, isoOf, params, UnixSeconds } from '../body';

/** Version 1 names the currency by its symbol, version 2 by a UUID (assumed, vendors.md §3.3). */
const currencyFields = { fiat_symbol: optional(ObjectId), fiat_id: optional(AssetId) };

interface Currency {
  readonly fiat_symbol?: string | null | undefined;
  readonly fiat_id?: string | null | undefined;
}

function currencyOf({ fiat_symbol: symbol, fiat_id: id }: Currency): string | null {
  return symbol ?? id ?? null;
}

const Success = params(
  t.intersection([
    t.type({ id: ObjectId, reference: ObjectId, timestamp: UnixSeconds }),
    t.partial({ ...currencyFields, fiat_amount: optional(ExactDecimal) }),
  ]),
);

/** A deposit or payout came through. One event id across both versions; the currency is spelled differently and says nothing. */
function successEvent(event: string, word: 'top-up-success' | 'send-money-success'): PartnerEvent {
  return defineStateEvent({
    table: word === 'top-up-success' ? bitpandaDeposit : bitpandaPayout,
    event,
    body: Success,
    id: (body) => body.params.reference,
    status: () => word,
    changedAt: (body) => isoOf(body.params.timestamp),
    facts: (body) => ({ id: body.params.id, amount: body.params.fiat_amount, currency: currencyOf(body.params) }),
    duplicateKey: ({ params: { id, reference, fiat_amount: amount } }) => ({
      key: `${word}:${id}`,
      says: [reference, amount ?? null],
    }),
  });
}

const SendMoney = params(
  t.intersection([
    t.type({ pid: ObjectId, reference: ObjectId, timestamp: UnixSeconds }),
    t.partial({ ...currencyFields, amount_sent: optional(ExactDecimal), fiat_balance: optional(ExactDecimal) }),
  ]),
);

/** The partner pays out to us, under a reference. */
function sendMoneyEvent(event: string): PartnerEvent {
  return defineStateEvent({
    table: bitpandaPayout,
    event,
    body: SendMoney,
    id: (body) => body.params.reference,
    status: () => 'send-money',
    changedAt: (body) => isoOf(body.params.timestamp),
    facts: (body) => ({ pid: body.params.pid, amount: body.params.amount_sent, currency: currencyOf(body.params) }),
    duplicateKey: ({ params: { pid, reference, amount_sent: amount } }) => ({
      key: `send-money:${pid}`,
      says: [reference, amount ?? null],
    }),
  });
}

const topUpFields = t.intersection([
  t.type({ timestamp: UnixSeconds, amount_to_deposit: ExactDecimal }),
  t.partial({ trade_id: t.unknown, fiat_balance: optional(ExactDecimal) }),
]);

/** Either of the two names a currency; without one there is no wallet to speak of. */
const TopUpRequest = params(
  t.intersection([
    topUpFields,
    t.union([
      t.intersection([t.type({ fiat_symbol: ObjectId }), t.partial({ fiat_id: optional(AssetId) })]),
      t.intersection([t.type({ fiat_id: AssetId }), t.partial({ fiat_symbol: optional(ObjectId) })]),
    ]),
  ]),
);

/**
 * Our wallet is short of so much now: somebody has to move money. A repetition is news and no duplicate, and amounts are
 * never added up (vendors.md §3.4); both versions of one request are the same moment, balance and amount.
 */
function topUpRequestEvent(event: string): PartnerEvent {
  return defineRecordedEvent({
    partner: 'bitpanda',
    object: 'top-up',
    event,
    body: TopUpRequest,
    id: (body) => currencyOf(body.params) ?? '',
    facts: ({ params: { amount_to_deposit: amount, fiat_balance: balance, timestamp } }) => ({
      amount,
      balance,
      at: isoOf(timestamp),
    }),
    callToAct: 'top-up-requested',
    duplicateKey: ({ params: { timestamp, fiat_balance: balance, amount_to_deposit: amount } }) => ({
      key: `top-up-request:${timestamp}:${balance ?? ''}:${amount}`,
      says: [],
    }),
  });
}

/**
 * Events of our own money at Bitpanda. Each comes in two versions that are one event; the one without `-v2` is deprecated.
 * A new one is one entry here.
 */
export const settlementEvents: readonly PartnerEvent[] = [
  // A payout to us is on its way.
  sendMoneyEvent('send-money'),
  // It was initiated, not yet received.
  successEvent('send-money-success', 'send-money-success'),
  successEvent('send-money-success-v2', 'send-money-success'),
  sendMoneyEvent('send-money-v2'),
  // Our wallet is short.
  topUpRequestEvent('top-up-request'),
  topUpRequestEvent('top-up-request-v2'),
  // Our deposit arrived.
  successEvent('top-up-success', 'top-up-success'),
  successEvent('top-up-success-v2', 'top-up-success'),
];
